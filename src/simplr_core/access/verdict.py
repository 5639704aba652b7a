"""The answer to a question of access, with its why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from simplr_core.access.facts import Reason


class Via(StrEnum):
    """By what right the actor may."""

    OWNER = "owner"
    ROLE = "role"
    GRANT = "grant"
    LINK = "link"
    PUBLIC = "public"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Verdict:
    """May he, and why. Denied unless `allowed`; unknown to the actor unless `known`.

    The caller turns `known=False` into NotFound and a known refusal into Refused. `code` is
    stable: `allowed`, or the reason of the refusal.
    """

    allowed: bool
    known: bool
    code: str
    sentence: Reason
    via: Via | None = None
    grant_id: UUID | None = None
    release_id: UUID | None = None
    """The only view that is open; None with `allowed` means everything."""
    personal: bool = False
    """Whether fields marked personal may be shown as they are. A mask of a release applies anyway."""
    releases: frozenset[UUID] = field(default=frozenset())
    """Releases of this resource that the actor could use, for a page to offer."""
    conditions_missing: frozenset[str] = field(default=frozenset())

    def __bool__(self) -> bool:
        """A verdict is not a boolean: ask `.allowed`, so that `known` is not forgotten."""
        raise TypeError("Ask verdict.allowed or verdict.known.")
