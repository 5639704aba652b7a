"""The query twin of the decision: which nodes an action reaches, without asking one by one.

`reach` turns the same facts into a few sets of ids. The shell translates a `Reach` into one WHERE
clause over the table of nodes (`Reach.admits` is that clause, in Python); a property test holds
`visible` and `decide` to the same answer for every node.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from simplr_core.access.facts import ActorFacts, ActorKind, GrantFacts, NodeFacts, RoleFacts
from simplr_core.access.scopes import Scope, ThingKind
from simplr_core.access.words import (
    RELEASABLE,
    ROLE_RIGHTS,
    Action,
    GranteeKind,
    NodeKind,
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one action of one actor reaches. The defaults reach nothing.

    A node is admitted when it is not deleted (with `in_trash`: when it lies in the trash and may be
    brought back), a scope covers it (`scopes` None: no token), and one of these holds: `everything`; it is a project and `all_projects`; its path meets `below`;
    its path meets `below_inside` and it is no project; its id is in `exactly`; it is a release
    and (its id, some id of its path) is in `releases`; `owned_by` owns it and its path meets
    `member_of`.
    """

    action: Action
    everything: bool = False
    all_projects: bool = False
    below: frozenset[UUID] = frozenset()
    below_inside: frozenset[UUID] = frozenset()
    exactly: frozenset[UUID] = frozenset()
    releases: frozenset[tuple[UUID, UUID]] = frozenset()
    owned_by: UUID | None = None
    member_of: frozenset[UUID] = frozenset()
    scopes: frozenset[Scope] | None = None
    touching: ThingKind | None = None
    in_trash: bool = False

    def admits(self, node: NodeFacts) -> bool:
        """Whether the action reaches this node."""
        there = node.restorable if self.in_trash else not node.deleted
        return there and self._covered(node) and self._given(node)

    def _covered(self, node: NodeFacts) -> bool:
        if self.scopes is None:
            return True
        if self.touching is not None and any(
            scope.covers_thing(self.action, kind=self.touching, thing_id=None)
            for scope in self.scopes
        ):
            return True
        return any(
            scope.covers_node(self.action, kind=node.kind, node_id=node.id, path=node.path)
            for scope in self.scopes
        )

    def _given(self, node: NodeFacts) -> bool:
        path = frozenset(node.path)
        is_project = node.kind is NodeKind.PROJECT
        return (
            self.everything
            or (self.all_projects and is_project)
            or not self.below.isdisjoint(path)
            or (not is_project and not self.below_inside.isdisjoint(path))
            or (node.id in self.exactly and node.kind is not NodeKind.RELEASE)
            or (
                node.kind is NodeKind.RELEASE
                and any((node.id, above) in self.releases for above in path)
            )
            or (
                self.owned_by is not None
                and node.owner_id == self.owned_by
                and not self.member_of.isdisjoint(path)
            )
        )


def reach(
    *,
    action: Action,
    actor: ActorFacts,
    roles: Iterable[RoleFacts],
    grants: Iterable[GrantFacts],
    now: datetime,
    touching: ThingKind | None = None,
    in_trash: bool = False,
) -> Reach:
    """Where `action` reaches for this actor at `now`; the same rule as `decide`."""
    nothing = Reach(action=action, scopes=frozenset())
    if in_trash and action is not Action.MANAGE:
        return nothing
    token = actor.token
    match actor.kind:
        case ActorKind.SYSTEM:
            return nothing
        case ActorKind.PERSON:
            if actor.person_id is None or not (actor.active and actor.licensed):
                return nothing
            if token is not None and not token.is_live(now):
                return nothing
        case ActorKind.LINK:
            if actor.link_id is None or token is not None:
                return nothing
        case ActorKind.ANONYMOUS:
            if token is not None:
                return nothing
    is_person = actor.kind is ActorKind.PERSON
    held = tuple(roles) if is_person else ()
    below = {role.node_id for role in held if action in ROLE_RIGHTS[role.role].on_project}
    inside = {role.node_id for role in held if action in ROLE_RIGHTS[role.role].inside}
    exactly: set[UUID] = set()
    releases: set[tuple[UUID, UUID]] = set()
    for grant in grants:
        if not grant.is_live(now) or not actor.is_named_by(grant.grantee_kind, grant.grantee_id):
            continue
        if grant.conditions_missing and action is not Action.DISCOVER:
            continue
        narrow = grant.release_id is not None or grant.grantee_kind in (
            GranteeKind.LINK,
            GranteeKind.PUBLIC,
        )
        if action not in grant.carries or (narrow and action not in RELEASABLE):
            continue
        if grant.release_id is None:
            below.add(grant.node_id)
            continue
        releases.add((grant.release_id, grant.node_id))
        if action in (Action.DISCOVER, Action.DESCRIBE):
            exactly.add(grant.node_id)
    return Reach(
        action=action,
        everything=is_person and actor.auditor and action is Action.DISCOVER,
        all_projects=is_person and actor.administrator and action is Action.DISCOVER,
        below=frozenset(below),
        below_inside=frozenset(inside),
        exactly=frozenset(exactly),
        releases=frozenset(releases),
        owned_by=actor.person_id if is_person else None,
        member_of=frozenset(role.node_id for role in held),
        scopes=token.scopes if token is not None else None,
        touching=touching,
        in_trash=in_trash,
    )


def visible(
    *,
    action: Action,
    actor: ActorFacts,
    nodes: Iterable[NodeFacts],
    roles: Iterable[RoleFacts],
    grants: Iterable[GrantFacts],
    now: datetime,
    touching: ThingKind | None = None,
    in_trash: bool = False,
) -> tuple[NodeFacts, ...]:
    """Those of `nodes` that `action` reaches, in their order."""
    where = reach(
        action=action,
        actor=actor,
        roles=roles,
        grants=grants,
        now=now,
        touching=touching,
        in_trash=in_trash,
    )
    return tuple(node for node in nodes if where.admits(node))
