"""How many people can see something of a thing: counted by the one decision, person by person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from simplr.access.models import Grant, Node, RoleAssignment
from simplr.access.permissions import decide_for, person_facts
from simplr.accounts.models import Person
from simplr_core.access import Action

MOST_COUNTED = 50


def people_concerned(node: Node) -> QuerySet[Person]:
    """Everybody whom a role or a live grant may bring to a node, by name."""
    grants = Grant.objects.filter(Q(node_id__in=node.path), revoked_at=None).filter(
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
    node = Node.objects.filter(pk=node_id).first()
    if node is None:
        return None
    people = list(people_concerned(node)[: MOST_COUNTED + 1])
    if len(people) > MOST_COUNTED:
        return None
    now = timezone.now()
    return sum(
        decide_for(
            person_facts(person.id, now=now), action=Action.DISCOVER, node=node, now=now
        ).allowed
        for person in people
    )
