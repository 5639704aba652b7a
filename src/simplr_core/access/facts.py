"""The facts a decision is made from. The shell fetches them; nothing else is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from simplr_core.access.scopes import Scope
from simplr_core.access.words import Action, Condition, GranteeKind, NodeKind, Role, included

_KNOWN_CONDITIONS = frozenset(condition.value for condition in Condition)


class ActorKind(StrEnum):
    """Who may stand behind a request."""

    PERSON = "person"
    LINK = "link"
    ANONYMOUS = "anonymous"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """The access token a request came with. Without scopes it opens nothing."""

    id: UUID
    scopes: frozenset[Scope]
    expires_at: datetime
    revoked: bool = False

    def is_live(self, now: datetime) -> bool:
        return not self.revoked and now < self.expires_at


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """Who asks. The defaults are nobody: not active, not licensed, member of nothing."""

    kind: ActorKind
    person_id: UUID | None = None
    active: bool = False
    licensed: bool = False
    administrator: bool = False
    auditor: bool = False
    organisation_ids: frozenset[UUID] = frozenset()
    group_ids: frozenset[UUID] = frozenset()
    link_id: UUID | None = None
    token: TokenFacts | None = None

    def is_named_by(self, grantee_kind: GranteeKind, grantee_id: UUID | None) -> bool:
        """Whether a grant to that grantee is a grant to this actor."""
        if grantee_kind is GranteeKind.PUBLIC:
            return self.kind is not ActorKind.SYSTEM
        if grantee_id is None:
            return False
        if self.kind is ActorKind.LINK:
            return grantee_kind is GranteeKind.LINK and grantee_id == self.link_id
        if self.kind is not ActorKind.PERSON:
            return False
        match grantee_kind:
            case GranteeKind.PERSON:
                return grantee_id == self.person_id
            case GranteeKind.GROUP:
                return grantee_id in self.group_ids
            case GranteeKind.ORGANISATION:
                return grantee_id in self.organisation_ids
        return False


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What is asked about. `path` runs from the project down to the node itself."""

    id: UUID
    kind: NodeKind
    path: tuple[UUID, ...]
    project_id: UUID | None = None
    owner_id: UUID | None = None
    classification: str = ""
    organisation_id: UUID | None = None
    deleted: bool = False
    """It, or anything above it, is deleted."""
    restorable: bool = False
    """It lies in the trash itself, nothing above it does, and it may still be brought back."""

    def __post_init__(self) -> None:
        if not self.path or self.path[-1] != self.id:
            raise ValueError("The path of a node ends with the node itself.")


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role that the asking person holds on a node, and so on all that lies below it."""

    node_id: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """A grant, whoever it names: the decision checks for itself whether it names the actor.

    `release_id` limits it to one release of the resource `node_id`. `conditions` are all that the
    grant demands; `met` those the actor has fulfilled and that still hold.
    """

    id: UUID
    node_id: UUID
    grantee_kind: GranteeKind
    grantee_id: UUID | None
    actions: frozenset[Action]
    release_id: UUID | None = None
    starts_at: datetime | None = None
    until: datetime | None = None
    revoked_at: datetime | None = None
    conditions: frozenset[str] = frozenset()
    met: frozenset[str] = frozenset()

    def is_live(self, now: datetime) -> bool:
        """Neither revoked, nor over, nor yet to begin, nor under a condition we do not know."""
        if self.revoked_at is not None:
            return False
        if self.starts_at is not None and now < self.starts_at:
            return False
        if self.until is not None and now >= self.until:
            return False
        return self.conditions <= _KNOWN_CONDITIONS

    @property
    def conditions_missing(self) -> frozenset[str]:
        return self.conditions - self.met

    @property
    def carries(self) -> frozenset[Action]:
        """The actions it opens once its conditions are met, and those that come with them."""
        return included(self.actions)


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence in pieces: the shell has a translated text for each code, with these parts."""

    code: str
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
