"""Fetches the facts and asks the core's one decision, or its query twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.utils import timezone

from simplr.access.facts import Known, known_of, node_and_known
from simplr.access.models import Node
from simplr.base.actors import ANONYMOUS, Actor
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
    known = known_of(actor, now=now)
    where = access.reach(
        action=action,
        actor=known.actor,
        roles=known.roles,
        grants=[g for g in known.grants if not as_whole or g.release_id is None],
        now=now,
        in_trash=in_trash,
    )
    return _admitted(where, now=now)


def standing(nodes: QuerySet[Node] | None = None) -> QuerySet[Node]:
    """Those of `nodes` (else of all) that are there: neither they nor anything above is deleted."""
    found = Node.objects.all() if nodes is None else nodes
    return found.filter(deleted_at=None).exclude(Exists(_deleted_above()))


def _deleted_above() -> QuerySet[Node]:
    return Node.objects.filter(_is_in_outer_path(), deleted_at__isnull=False)


def _admitted(where: access.Reach, *, now: datetime) -> QuerySet[Node]:
    """`Reach.admits`, translated to SQL clause by clause."""
    given: list[Q] = [Q(pk__in=[])]
    if where.everything:
        given.append(Q())
    if where.all_projects:
        given.append(Q(kind=NodeKind.PROJECT))
    if where.below:
        given.append(Q(path__overlap=list(where.below)))
    if where.below_inside:
        given.append(~Q(kind=NodeKind.PROJECT) & Q(path__overlap=list(where.below_inside)))
    if where.exactly:
        given.append(~Q(kind=NodeKind.RELEASE) & Q(id__in=where.exactly))
    given.extend(
        Q(kind=NodeKind.RELEASE, id=release, path__contains=[above])
        for release, above in where.releases
    )
    if where.owned_by is not None and where.member_of:
        given.append(Q(owner_id=where.owned_by, path__overlap=list(where.member_of)))
    condition = Q() if where.everything else reduce(or_, given)
    nodes = Node.objects.filter(condition)
    if where.in_trash:
        above = _deleted_above().exclude(id=OuterRef("id"))
        nodes = nodes.filter(deleted_at__isnull=False, restorable_until__gt=now)
        nodes = nodes.exclude(Exists(above))
    else:
        nodes = standing(nodes)
    if where.scopes is not None:
        nodes = nodes.filter(_covered(where))
    return nodes


def _is_in_outer_path() -> Func:
    """`id = ANY(the outer node's path)`."""
    return Func(
        F("id"),
        OuterRef("path"),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def _covered(where: access.Reach) -> Q:
    """Nodes that some scope of the token covers (`Scope.covers_node`), in SQL."""
    clauses: list[Q] = [Q(pk__in=[])]
    for scope in where.scopes or ():
        inside = _kinds(scope, where.action, node_id=_NOWHERE)
        if scope.id is None:
            clauses.append(Q(kind__in=inside))
            continue
        clauses.append(Q(kind__in=inside, path__contains=[scope.id]) & ~Q(id=scope.id))
        itself = _kinds(scope, where.action, node_id=scope.id)
        clauses.append(Q(kind__in=itself, id=scope.id))
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
