"""How many people can see something of a thing: counted by the one decision, person by person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from simplr.access.facts import known_of_people, node_known
from simplr.access.models import Grant, RoleAssignment
from simplr.access.permissions import decide_for
from simplr.accounts.models import Person
from simplr_core.access import Action, NodeFacts

MOST_COUNTED = 50


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
