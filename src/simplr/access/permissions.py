"""Fetches the facts and asks the core's one decision, or its query twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from simplr.access.facts import Known, known_of, node_and_known
from simplr.access.models import Node
from simplr.access.paths import IsAmong, IsBelow, IsInOuterPath, PathMeets
from simplr.base.actors import ANONYMOUS, Actor
from simplr.base.once import read_once
from simplr_core import access
from simplr_core.access import Action, NodeFacts, NodeKind, Reason, ThingKind, Verdict

_UNKNOWN = Verdict(allowed=False, known=False, code="not-found", sentence=Reason("not-found"))


def decide_for(
    known: Known,
    *,
    action: Action,
    node: NodeFacts,
    now: datetime,
    touching: ThingKind | None = None,
    in_trash: bool = False,
) -> Verdict:
    """The decision about one node by what is known of an actor."""
    return access.decide(
        action=action,
        actor=known.actor,
        node=node,
        roles=known.roles,
        grants=known.grants,
        now=now,
        touching=touching,
        in_trash=in_trash,
    )


def decide(
    *,
    actor: Actor,
    action: str,
    node_id: UUID,
    touching: str | None = None,
    in_trash: bool = False,
) -> Verdict:
    """May `actor` do `action` to the node? Fills base's plug; see simplr_core.access."""
    now = timezone.now()
    found = node_and_known(actor, node_id, now=now)
    if found is None:
        return _UNKNOWN
    node, known = found
    return decide_for(
        known,
        action=Action(action),
        node=node,
        now=now,
        touching=ThingKind(touching) if touching else None,
        in_trash=in_trash,
    )


def sees_personal(actor: Actor, node_id: UUID) -> bool:
    """Whether the actor reads personal fields there in the clear, with or without his token."""
    himself = replace(actor, token_id=None, scopes=None)
    verdict = decide(actor=himself, action=Action.READ, node_id=node_id)
    return verdict.allowed and verdict.personal


def nodes_reached(
    actor: Actor,
    *,
    action: Action = Action.DISCOVER,
    as_whole: bool = False,
    in_trash: bool = False,
) -> QuerySet[Node]:
    """The query twin: every node that `action` reaches for `actor`, in one WHERE clause.

    With `as_whole` without what only a release opens: such a thing may be known, not described
    as it is stored. With `in_trash` what lies in the trash, for `manage` alone.
    """
    now = timezone.now()
    if actor == ANONYMOUS:
        return Node.objects.none()
    where = _reach(actor, action, now=now, as_whole=as_whole, in_trash=in_trash)
    nodes = Node.objects.filter(_admitted(where))
    if not in_trash:
        return standing(nodes)
    above = _deleted_above().exclude(id=OuterRef("id"))
    nodes = nodes.filter(deleted_at__isnull=False, restorable_until__gt=now)
    return nodes.exclude(Exists(above))


def is_reached(actor: Actor, *, action: Action, as_whole: bool = False, at: str) -> Q:
    """The same as a condition on rows whose node, at `at`, is known to be there.

    For a second question about rows that `nodes_reached` gave: it is asked of each row as it comes,
    where a second `nodes_reached` may be found for all nodes first.
    """
    if actor == ANONYMOUS:
        return Q(pk__in=[])
    return _admitted(_reach(actor, action, now=timezone.now(), as_whole=as_whole), at=at)


def _reach(
    actor: Actor, action: Action, *, now: datetime, as_whole: bool, in_trash: bool = False
) -> access.Reach:
    def reach() -> access.Reach:
        known = read_once(("known", actor), lambda: known_of(actor, now=now))
        return access.reach(
            action=action,
            actor=known.actor,
            roles=known.roles,
            grants=[g for g in known.grants if not as_whole or g.release_id is None],
            now=now,
            in_trash=in_trash,
        )

    # A page asks a dozen lists what its reader reaches; of a thousand grants each takes a while.
    return read_once(("reach", actor, action, as_whole, in_trash), reach)


def standing(nodes: QuerySet[Node] | None = None) -> QuerySet[Node]:
    """Those of `nodes` (else of all) that are there: neither they nor anything above is deleted."""
    found = Node.objects.all() if nodes is None else nodes
    return found.filter(deleted_at=None).exclude(Exists(_deleted_above()))


def _deleted_above() -> QuerySet[Node]:
    return Node.objects.filter(IsInOuterPath(), deleted_at__isnull=False)


def _admitted(where: access.Reach, *, at: str = "") -> Q:
    """`Reach.admits`, translated to SQL clause by clause; but whether the node is there."""
    given: list[Q] = [Q(pk__in=[])]
    if where.all_projects:
        given.append(_at(at, kind=NodeKind.PROJECT))
    if where.below:
        given.append(Q(PathMeets(where.below, at=at)))
    if where.below_inside:
        inside = Q(PathMeets(where.below_inside, at=at))
        given.append(~_at(at, kind=NodeKind.PROJECT) & inside)
    if where.exactly:
        given.append(~_at(at, kind=NodeKind.RELEASE) & Q(IsAmong(where.exactly, at=at)))
    if where.releases:
        named = IsAmong((release for release, _above in where.releases), at=at)
        below = Q(IsBelow(where.releases, at=at))
        given.append(_at(at, kind=NodeKind.RELEASE) & Q(named) & below)
    if where.owned_by is not None and where.member_of:
        member = Q(PathMeets(where.member_of, at=at))
        given.append(_at(at, owner_id=where.owned_by) & member)
    condition = Q() if where.everything else reduce(or_, given)
    return condition if where.scopes is None else condition & _covered(where, at=at)


def _at(at: str, **conditions: Any) -> Q:
    return Q(**{f"{at}{name}": value for name, value in conditions.items()})


def _covered(where: access.Reach, *, at: str) -> Q:
    """Nodes that some scope of the token covers (`Scope.covers_node`), in SQL."""
    clauses: list[Q] = [Q(pk__in=[])]
    for scope in where.scopes or ():
        inside = _kinds(scope, where.action, node_id=_NOWHERE)
        if scope.id is None:
            clauses.append(_at(at, kind__in=inside))
            continue
        below = _at(at, kind__in=inside, path__contains=[scope.id])
        clauses.append(below & ~_at(at, id=scope.id))
        itself = _kinds(scope, where.action, node_id=scope.id)
        clauses.append(_at(at, kind__in=itself, id=scope.id))
    return reduce(or_, clauses)


_NOWHERE = UUID(int=0)


def _kinds(scope: access.Scope, action: Action, *, node_id: UUID) -> list[str]:
    """The kinds of node for which a scope covers `action`, on itself or on what lies below it."""
    path = tuple(filter(None, (scope.id,)))
    return [
        kind.value
        for kind in NodeKind
        if scope.covers_node(action, kind=kind, node_id=node_id, path=path)
    ]
