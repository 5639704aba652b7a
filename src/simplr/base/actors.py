"""Who acts: a person, a link's visitor, the system itself, or nobody known."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The one who acts in a request or a job. Holds ids only, never a credential."""

    kind: str
    """`person`, `link`, `system` or `anonymous`."""
    person_id: UUID | None = None
    token_id: UUID | None = None
    """The access token the person came with; None means a signed-in session."""
    link_id: UUID | None = None
    """The grant whose link was opened."""
    scopes: frozenset[str] | None = None
    """Upper bound carried by the token; None means no token, hence no such bound."""
    administrator: bool = False
    auditor: bool = False

    @property
    def is_known(self) -> bool:
        return self.kind in {"person", "link", "system"}

    @property
    def id(self) -> UUID | None:
        return self.person_id or self.link_id


SYSTEM = Actor(kind="system")
ANONYMOUS = Actor(kind="anonymous")


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the access middleware found; anonymous where none was found."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, Actor) else ANONYMOUS
