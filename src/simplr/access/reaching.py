"""Who reaches something of a thing: people, counted by the one decision, and programs for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from simplr.access.facts import known_of_people, node_known
from simplr.access.models import AccessToken, Grant, Node, RoleAssignment
from simplr.access.permissions import decide_for
from simplr.access.tokens import CONSENTS, live_tokens
from simplr.accounts.models import Person
from simplr_core.access import Action, NodeFacts, NodeKind, Scope, parse_scope
from simplr_core.access.scopes import opening

MOST_COUNTED = 50
MOST_PROGRAMS = 1000
_BELOW = {NodeKind.RELEASE, NodeKind.VERSION}


def people_concerned(node: NodeFacts) -> QuerySet[Person]:
    """Everybody whom a role or a live grant may bring to a node, by name."""
    grants = Grant.objects.filter(node_id__in=node.path, revoked_at=None).filter(
        Q(until=None) | Q(until__gt=timezone.now())
    )
    roles = RoleAssignment.objects.filter(node_id__in=node.path)
    return (
        Person.objects.filter(
            Q(id__in=roles.values("person_id"))
            | Q(id__in=grants.values("person_id"))
            | Q(organisation_id__in=grants.values("organisation_id"))
            | Q(memberships__group_id__in=grants.values("group_id"))
        )
        .select_related("organisation")
        .distinct()
        .order_by("name")
    )


def seen_by_count(node_id: UUID) -> int | None:
    """How many people can know of a node; None when it is too many to decide for each in a page."""
    now = timezone.now()
    node = node_known(node_id, now=now)
    if node is None:
        return None
    people = list(people_concerned(node)[: MOST_COUNTED + 1])
    if len(people) > MOST_COUNTED:
        return None
    known = known_of_people([person.id for person in people], now=now, at=node)
    return sum(
        decide_for(each, action=Action.DISCOVER, node=node, now=now).allowed
        for each in known.values()
    )


@dataclass(frozen=True, kw_only=True)
class ProgramReach:
    """A program whose token reaches something of a thing, as far as its person does."""

    name: str
    scopes: tuple[str, ...]
    until: datetime
    last_used_at: datetime | None


def programs_reaching(
    node: NodeFacts, person_ids: Iterable[UUID]
) -> dict[UUID, tuple[ProgramReach, ...]]:
    """What these people allow programs at present that reaches the thing or what lies below it."""
    live = live_tokens(timezone.now()) & CONSENTS
    tokens = list(
        AccessToken.objects.filter(live, application__isnull=False, user_id__in=list(person_ids))
        .select_related("application")
        .order_by("user_id", "-created")[:MOST_PROGRAMS]
    )
    below = _named_below(node, tokens)
    found: dict[UUID, tuple[ProgramReach, ...]] = {}
    for token in tokens:
        reaching = [scope for scope in _scopes(token) if _reaches(scope, node, below)]
        if reaching:
            one = ProgramReach(
                name=token.application.name,
                scopes=tuple(sorted(map(str, reaching))),
                until=token.ends_at,
                last_used_at=token.last_used_at,
            )
            found[token.user_id] = (*found.get(token.user_id, ()), one)
    return found


def _scopes(token: AccessToken) -> list[Scope]:
    return [parse_scope(each) for each in opening(token.scope.split())]


def _named_below(node: NodeFacts, tokens: Iterable[AccessToken]) -> set[UUID]:
    """The things below a node that scopes name singly: its releases and versions."""
    named = {scope.id for token in tokens for scope in _scopes(token) if scope.id}
    rows = Node.objects.filter(id__in=named, path__contains=[node.id])
    return set(rows.values_list("id", flat=True))


def _reaches(scope: Scope, node: NodeFacts, below: set[UUID]) -> bool:
    if scope.covers_node(Action.DISCOVER, kind=node.kind, node_id=node.id, path=node.path):
        return True
    return scope.kind in _BELOW and (scope.id is None or scope.id in below)
