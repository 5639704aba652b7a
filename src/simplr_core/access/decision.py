"""The one decision. Pages, API, connectors, searches and streams all ask here.

Everything is denied unless something gives it. What can give it is tried from the strongest to
the weakest, and the verdict names the one that gave: ownership, a role, a grant of everything, a
grant under a release, the installation's own offices. A token then limits what was found; it
never adds. docs/explanation/decision.md tells the same in prose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from simplr_core.access.facts import (
    ActorFacts,
    ActorKind,
    GrantFacts,
    NodeFacts,
    Reason,
    RoleFacts,
)
from simplr_core.access.scopes import ThingKind
from simplr_core.access.verdict import Verdict, Via
from simplr_core.access.words import (
    RELEASABLE,
    ROLE_RIGHTS,
    Action,
    GranteeKind,
    NodeKind,
    Role,
    role_actions,
)

_STRONGEST_FIRST = tuple(Role)
_WEAK_GRANTEES = frozenset({GranteeKind.LINK, GranteeKind.PUBLIC})


def decide(
    *,
    action: Action,
    actor: ActorFacts,
    node: NodeFacts,
    roles: Iterable[RoleFacts],
    grants: Iterable[GrantFacts],
    now: datetime,
    touching: ThingKind | None = None,
    in_trash: bool = False,
) -> Verdict:
    """Say whether `actor` may do `action` to `node` at `now`, and by what right.

    `roles` are those the actor holds; `grants` may be any superset of those that concern him.
    `touching` names a thing kept about the node (its grants, its invitations): a token may then
    carry a scope for that thing, such as `grant:manage`, instead of one for the node.
    `in_trash` is how the trash asks: a thing in it is closed to everybody, except that who may
    manage it, were it where it lay, may know of it there, bring it back and have it erased.
    """
    if now.tzinfo is None:
        raise ValueError("The decision needs an aware time.")
    held = tuple(roles)
    live = tuple(
        sorted(
            (
                g
                for g in grants
                if g.is_live(now) and actor.is_named_by(g.grantee_kind, g.grantee_id)
            ),
            key=lambda grant: str(grant.id),
        )
    )
    barred = _barred(actor, node, now) or _hidden(action, node, in_trash=in_trash)
    if barred:
        return _denied(barred, known=False)

    found = _by_right(action, actor, node, held, live)
    if action is Action.DISCOVER or found.allowed or in_trash:
        discovery = found
    else:
        discovery = _by_right(Action.DISCOVER, actor, node, held, live)
    if actor.token is None:
        return replace(found, known=discovery.allowed)

    least = action if in_trash else Action.DISCOVER
    known = discovery.allowed and _token_covers(actor, least, node, touching)
    if not _token_covers(actor, action, node, touching):
        return replace(_denied("scope-missing", known=known), sentence=_scope_reason(action, node))
    return replace(found, known=known)


def _barred(actor: ActorFacts, node: NodeFacts, now: datetime) -> str | None:
    """Why nothing at all is open, whatever the roles and grants say."""
    match actor.kind:
        case ActorKind.SYSTEM:
            # Work in the background is done for a person, with that person's rights.
            return "system-has-no-rights"
        case ActorKind.LINK:
            return None if actor.link_id is not None and actor.token is None else "not-found"
        case ActorKind.ANONYMOUS:
            return None if actor.token is None else "token-ended"
    if actor.person_id is None or not actor.active:
        return "inactive"
    if not actor.licensed:
        return "unlicensed"
    if actor.token is not None and not actor.token.is_live(now):
        return "token-ended"
    return None


def _hidden(action: Action, node: NodeFacts, *, in_trash: bool) -> str | None:
    """What is deleted is not there; the trash asks for what lies in it, and for nothing else."""
    if in_trash:
        return None if node.restorable and action is Action.MANAGE else "not-found"
    return "not-found" if node.deleted else None


def _by_right(
    action: Action,
    actor: ActorFacts,
    node: NodeFacts,
    roles: tuple[RoleFacts, ...],
    grants: tuple[GrantFacts, ...],
) -> Verdict:
    if actor.kind is ActorKind.PERSON:
        verdict = _by_ownership(actor, node, roles)
        if verdict is None:
            verdict = _by_role(action, node, roles)
        if verdict is not None and verdict.personal:
            return verdict
    else:
        verdict = None
    # A grant of everything may show personal fields that a lower role does not, and an office
    # knows of the whole thing where a release knows of a part: take the wider.
    granted = _by_grant(action, node, grants)
    same_view = granted.release_id is None or node.kind is NodeKind.RELEASE
    office = _by_office(action, actor, node)
    if granted.allowed and verdict is None and office is not None and not same_view:
        return replace(office, releases=granted.releases)
    if granted.allowed and (verdict is None or (granted.personal and same_view)):
        return granted
    if verdict is not None:
        return verdict
    return granted if office is None else office


def _by_ownership(
    actor: ActorFacts, node: NodeFacts, roles: tuple[RoleFacts, ...]
) -> Verdict | None:
    """Owning a thing counts while one belongs to its project: leaving a project ends it."""
    if node.owner_id is None or node.owner_id != actor.person_id:
        return None
    if not any(role.node_id in node.path for role in roles):
        return None
    return _allowed(Via.OWNER, node, reason=Reason("owner"), personal=True)


def _by_role(action: Action, node: NodeFacts, roles: tuple[RoleFacts, ...]) -> Verdict | None:
    here = {role.role for role in roles if role.node_id in node.path}
    for role in _STRONGEST_FIRST:
        if role in here and action in role_actions(role, node.kind):
            return _allowed(
                Via.ROLE,
                node,
                reason=Reason("role", {"role": role.value}),
                personal=ROLE_RIGHTS[role].personal,
            )
    return None


def _by_grant(action: Action, node: NodeFacts, grants: tuple[GrantFacts, ...]) -> Verdict:
    """The grant to use: one of everything before one under a release, named before public."""
    of_everything = [g for g in grants if g.release_id is None and g.node_id in node.path]
    under_release = [g for g in grants if g.release_id is not None and _release_reaches(g, node)]
    releases = frozenset(
        grant.release_id
        for grant in under_release
        if grant.release_id is not None and not grant.conditions_missing
    )
    waiting: GrantFacts | None = None
    candidates = sorted(
        of_everything,
        key=lambda g: (not _shows_personal(g, node), g.grantee_kind is GranteeKind.PUBLIC),
    ) + sorted(under_release, key=lambda g: g.grantee_kind is GranteeKind.PUBLIC)
    for grant in candidates:
        if action not in _carried(grant):
            continue
        if grant.release_id is not None and not _release_opens(action, grant, node):
            continue
        # Someone who must first accept or prove something has to know what for, and no more.
        if grant.conditions_missing and action is not Action.DISCOVER:
            waiting = waiting or grant
            continue
        return _allowed(
            _via(grant),
            node,
            reason=_grant_reason(grant),
            grant_id=grant.id,
            release_id=grant.release_id,
            personal=_shows_personal(grant, node),
            releases=releases,
        )
    if waiting is not None:
        missing = ",".join(sorted(waiting.conditions_missing))
        return replace(
            _denied("conditions-missing", known=True),
            sentence=Reason("conditions-missing", {"conditions": missing}),
            grant_id=waiting.id,
            conditions_missing=waiting.conditions_missing,
            releases=releases,
        )
    only_release = bool(releases) and node.kind is not NodeKind.RELEASE
    code = "release-only" if only_release and action in RELEASABLE else "not-granted"
    return replace(_denied(code, known=False), releases=releases)


def _release_reaches(grant: GrantFacts, node: NodeFacts) -> bool:
    """A grant under a release reaches that release, and lets its resource be known."""
    if node.kind is NodeKind.RELEASE:
        return grant.release_id == node.id and grant.node_id in node.path
    return grant.node_id == node.id


def _release_opens(action: Action, grant: GrantFacts, node: NodeFacts) -> bool:
    """Rows come from the release node alone; the resource may only be known and described."""
    if node.kind is NodeKind.RELEASE:
        return action in RELEASABLE
    return action in (Action.DISCOVER, Action.DESCRIBE)


def _carried(grant: GrantFacts) -> frozenset[Action]:
    if grant.release_id is not None or grant.grantee_kind in _WEAK_GRANTEES:
        return grant.carries & RELEASABLE
    return grant.carries


def _shows_personal(grant: GrantFacts, node: NodeFacts) -> bool:
    """Under a release its masks decide; else only a grant of this very resource, to somebody."""
    if grant.release_id is not None:
        return True
    if grant.grantee_kind in _WEAK_GRANTEES or node.kind in (NodeKind.PROJECT, NodeKind.FOLDER):
        return False
    return grant.node_id == node.id or (
        node.kind in (NodeKind.VERSION, NodeKind.RELEASE) and grant.node_id == node.path[-2]
    )


def _by_office(action: Action, actor: ActorFacts, node: NodeFacts) -> Verdict | None:
    """The offices of the installation see that things are there, never what is in them."""
    if action is not Action.DISCOVER or actor.kind is not ActorKind.PERSON:
        return None
    if actor.auditor:
        return _allowed(Via.AUDITOR, node, reason=Reason("auditor"))
    if actor.administrator and node.kind is NodeKind.PROJECT:
        return _allowed(Via.ADMINISTRATOR, node, reason=Reason("administrator"))
    return None


def _token_covers(
    actor: ActorFacts, action: Action, node: NodeFacts, touching: ThingKind | None
) -> bool:
    if actor.token is None:
        return True
    return any(
        scope.covers_node(action, kind=node.kind, node_id=node.id, path=node.path)
        or (touching is not None and scope.covers_thing(action, kind=touching, thing_id=None))
        for scope in actor.token.scopes
    )


def _via(grant: GrantFacts) -> Via:
    match grant.grantee_kind:
        case GranteeKind.LINK:
            return Via.LINK
        case GranteeKind.PUBLIC:
            return Via.PUBLIC
    return Via.GRANT


def _grant_reason(grant: GrantFacts) -> Reason:
    params = {"grant": str(grant.id), "to": grant.grantee_kind.value}
    if grant.until is not None:
        params["until"] = grant.until.isoformat()
    if grant.release_id is not None:
        params["release"] = str(grant.release_id)
    return Reason("grant-under-release" if grant.release_id else "grant", params)


def _scope_reason(action: Action, node: NodeFacts) -> Reason:
    return Reason("scope-missing", {"scope": f"{node.kind.value}:{action.value}"})


def _allowed(
    via: Via,
    node: NodeFacts,
    *,
    reason: Reason,
    grant_id: UUID | None = None,
    release_id: UUID | None = None,
    personal: bool = False,
    releases: frozenset[UUID] = frozenset(),
) -> Verdict:
    # Whoever opens a release node sees that release, by whatever right he came.
    view = node.id if node.kind is NodeKind.RELEASE else release_id
    return Verdict(
        allowed=True,
        known=True,
        code="allowed",
        sentence=reason,
        via=via,
        grant_id=grant_id,
        release_id=view,
        personal=personal,
        releases=releases,
    )


def _denied(code: str, *, known: bool) -> Verdict:
    return Verdict(allowed=False, known=known, code=code, sentence=Reason(code))
