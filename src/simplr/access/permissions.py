"""Fetches the facts and asks the core's one decision, or its query twin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.utils import timezone

from simplr.access.models import AccessToken, Grant, Node, RoleAssignment
from simplr.accounts.models import GroupMembership, Person
from simplr.base.actors import ANONYMOUS, Actor
from simplr.licensing.queries import licences_of_outer
from simplr_core import access
from simplr_core.access import (
    Action,
    ActorFacts,
    ActorKind,
    GranteeKind,
    GrantFacts,
    NodeFacts,
    NodeKind,
    Reason,
    Role,
    RoleFacts,
    ThingKind,
    TokenFacts,
    Verdict,
)

_UNKNOWN = Verdict(allowed=False, known=False, code="not-found", sentence=Reason("not-found"))


def actor_facts(actor: Actor, *, now: datetime) -> ActorFacts:
    """All that the decision needs to know of an actor, by what holds now."""
    if actor.kind == "link":
        return ActorFacts(kind=ActorKind.LINK, link_id=actor.link_id)
    if actor.kind == "system":
        return ActorFacts(kind=ActorKind.SYSTEM)
    if actor.kind != "person" or actor.person_id is None:
        return ActorFacts(kind=ActorKind.ANONYMOUS)
    token = None
    if actor.token_id is not None:
        row = AccessToken.objects.filter(public_id=actor.token_id).first()
        if row is None:
            return ActorFacts(kind=ActorKind.ANONYMOUS)
        token = TokenFacts(
            id=row.public_id,
            scopes=access.parse_scopes(row.scope.split()),
            expires_at=row.expires,
            revoked=row.revoked_at is not None,
        )
    return person_facts(actor.person_id, token=token, now=now)


def person_facts(person_id: UUID, *, now: datetime, token: TokenFacts | None = None) -> ActorFacts:
    """The facts of a person who need not be the one that asks: for "why may he see this?"."""
    groups = GroupMembership.objects.filter(person=OuterRef("pk")).values("group_id")
    person = (
        Person.objects.filter(id=person_id)
        .annotate(licensed=licences_of_outer(now), groups=ArraySubquery(groups))
        .values("is_active", "licensed", "is_administrator", "is_auditor", "organisation", "groups")
        .first()
    )
    if person is None:
        return ActorFacts(kind=ActorKind.ANONYMOUS)
    return ActorFacts(
        kind=ActorKind.PERSON,
        person_id=person_id,
        active=person["is_active"],
        licensed=person["licensed"],
        administrator=person["is_administrator"],
        auditor=person["is_auditor"],
        organisation_ids=frozenset({person["organisation"]} - {None}),
        group_ids=frozenset(person["groups"]),
        token=token,
    )


def node_facts(node: Node, *, now: datetime) -> NodeFacts:
    """The facts of a node; deleted when anything above it is."""
    gone = set(
        Node.objects.filter(id__in=node.path, deleted_at__isnull=False).values_list("id", flat=True)
    )
    return NodeFacts(
        id=node.id,
        kind=NodeKind(node.kind),
        path=tuple(node.path),
        project_id=node.project_id,
        owner_id=node.owner_id,
        classification=node.classification,
        organisation_id=node.organisation_id,
        deleted=bool(gone),
        restorable=gone == {node.id}
        and node.restorable_until is not None
        and now < node.restorable_until,
    )


def role_facts(actor: ActorFacts) -> tuple[RoleFacts, ...]:
    """Every role that a person holds."""
    if actor.person_id is None:
        return ()
    return tuple(
        RoleFacts(node_id=node_id, role=Role(role))
        for node_id, role in RoleAssignment.objects.filter(person_id=actor.person_id).values_list(
            "node_id", "role"
        )
    )


def grants_naming(actor: ActorFacts) -> QuerySet[Grant]:
    """Every grant, live or not, that names the actor."""
    if actor.link_id is not None:
        return Grant.objects.filter(pk=actor.link_id, link_digest__isnull=False)
    if actor.person_id is None:
        return Grant.objects.none()
    return Grant.objects.filter(
        Q(person_id=actor.person_id)
        | Q(organisation_id__in=actor.organisation_ids)
        | Q(group_id__in=actor.group_ids)
    )


def grant_facts(grants: Iterable[Grant]) -> tuple[GrantFacts, ...]:
    """Grants as the decision reads them."""
    return tuple(_grant_facts(grant) for grant in grants)


def _grant_facts(grant: Grant) -> GrantFacts:
    kind, grantee = (
        (GranteeKind.PERSON, grant.person_id)
        if grant.person_id
        else (GranteeKind.ORGANISATION, grant.organisation_id)
        if grant.organisation_id
        else (GranteeKind.GROUP, grant.group_id)
        if grant.group_id
        else (GranteeKind.LINK, grant.id)
    )
    return GrantFacts(
        id=grant.id,
        node_id=grant.node_id,
        grantee_kind=kind,
        grantee_id=grantee,
        actions=frozenset(Action(action) for action in grant.actions),
        release_id=grant.release_id,
        starts_at=grant.granted_at,
        until=grant.until,
        revoked_at=grant.revoked_at,
        conditions=frozenset(grant.conditions),
    )


def decide_for(
    facts: ActorFacts,
    *,
    action: Action,
    node: Node,
    now: datetime,
    touching: ThingKind | None = None,
    in_trash: bool = False,
) -> Verdict:
    """The decision about one node for given facts of an actor."""
    grants = grants_naming(facts).filter(Q(node_id__in=node.path) | Q(release_id=node.id))
    return access.decide(
        action=action,
        actor=facts,
        node=node_facts(node, now=now),
        roles=role_facts(facts),
        grants=grant_facts(grants),
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
    node = Node.objects.filter(id=node_id).first()
    if node is None:
        return _UNKNOWN
    return decide_for(
        actor_facts(actor, now=now),
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
    facts = actor_facts(actor, now=now)
    grants = grants_naming(facts)
    if as_whole:
        grants = grants.filter(release_id=None)
    where = access.reach(
        action=action,
        actor=facts,
        roles=role_facts(facts),
        grants=grant_facts(grants),
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
