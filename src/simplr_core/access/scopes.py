"""Scopes of access tokens: `kind[:id]:action`, an upper bound that never gives anything.

A scope covers nodes of its kind (the one it names, if it names one) and what lies below them: a
version and a release lie below their resource, everything lies below its project. There is no
wildcard, no abbreviation and no second spelling: a scope that does not read back as itself is
refused, so that a token can be read by a person who has to revoke it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from simplr_core.access.words import INCLUDES, Action, NodeKind
from simplr_core.errors import Invalid


class ScopeInvalid(Invalid):
    """A scope is written `kind:action` or `kind:id:action`, such as `resource:read`."""

    code = "scope-invalid"


class ThingKind(StrEnum):
    """What a scope may name besides nodes."""

    GRANT = "grant"
    TOKEN = "token"  # noqa: S105 - the name of a kind
    PERSON = "person"
    GROUP = "group"
    ORGANISATION = "organisation"
    INVITATION = "invitation"
    LICENCE = "licence"
    LEDGER = "ledger"
    INSTALLATION = "installation"


ScopeKind = NodeKind | ThingKind

_KINDS: dict[str, ScopeKind] = {
    **{kind.value: kind for kind in NodeKind},
    **{kind.value: kind for kind in ThingKind},
}
_ACTIONS = {action.value: action for action in Action}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BELOW_RESOURCE = frozenset({NodeKind.RESOURCE, NodeKind.VERSION, NodeKind.RELEASE})
MOST_SCOPES = 64
IDENTITY_SCOPES = frozenset({"openid", "profile", "email"})
"""What a program may be told of its person (OpenID Connect). They open nothing that is kept."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One limit of a token: these actions, on this kind of thing, or on this one thing."""

    kind: ScopeKind
    action: Action
    id: UUID | None = None

    def __str__(self) -> str:
        middle = f"{self.id}:" if self.id else ""
        return f"{self.kind.value}:{middle}{self.action.value}"

    def covers_scope(self, wanted: Scope) -> bool:
        """Whether all that `wanted` lets through is let through by this scope as well."""
        return (
            self.kind is wanted.kind
            and self.id in (None, wanted.id)
            and wanted.action in INCLUDES[self.action]
        )

    def covers_node(
        self, action: Action, *, kind: NodeKind, node_id: UUID, path: tuple[UUID, ...]
    ) -> bool:
        """Whether this scope lets a token try `action` on that node."""
        if action not in INCLUDES[self.action]:
            return False
        if self.id is not None:
            if self.id == node_id:
                return self.kind is kind
            return self.id in path and _may_lie_below(kind, self.kind)
        # What lies in some folder or other cannot be told: `folder:read` alone is about folders.
        below = self.kind is not NodeKind.FOLDER and _may_lie_below(kind, self.kind)
        return self.kind is kind or below

    def covers_thing(self, action: Action, *, kind: ThingKind, thing_id: UUID | None) -> bool:
        """Whether this scope lets a token try `action` on a thing that is not a node."""
        return (
            self.kind is kind and action in INCLUDES[self.action] and (self.id in (None, thing_id))
        )


def _may_lie_below(kind: NodeKind, above: ScopeKind) -> bool:
    if above in (NodeKind.PROJECT, NodeKind.FOLDER):
        return kind is not NodeKind.PROJECT
    if above is NodeKind.RESOURCE:
        return kind in _BELOW_RESOURCE
    return False


def parse_scope(text: str) -> Scope:
    """Read one scope; raise ScopeInvalid unless it is written exactly as it would be shown."""
    parts = text.split(":") if isinstance(text, str) and len(text) <= 100 else []
    if len(parts) not in (2, 3):
        raise ScopeInvalid
    kind = _KINDS.get(parts[0])
    action = _ACTIONS.get(parts[-1])
    if kind is None or action is None:
        raise ScopeInvalid
    if len(parts) == 2:
        return Scope(kind, action)
    if not _ID.fullmatch(parts[1]):
        raise ScopeInvalid
    return Scope(kind, action, UUID(parts[1]))


def opening(texts: Iterable[str]) -> list[str]:
    """Those of a token's scopes that open something: without what is only told of its person."""
    return [text for text in texts if text not in IDENTITY_SCOPES]


def parse_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """Read the scopes of a token: at least one, at most 64."""
    scopes = frozenset(parse_scope(text) for text in texts)
    if not 1 <= len(scopes) <= MOST_SCOPES:
        raise ScopeInvalid("A token carries between 1 and 64 scopes.")
    return scopes
