"""Reading releases and what stands on them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from simplr.access.models import Grant
from simplr.access.permissions import actor_facts, decide, grants_naming, nodes_reached
from simplr.base.actors import Actor
from simplr.projects.models import Project
from simplr.resources.models import Resource
from simplr.sharing.models import PseudonymMap, Release
from simplr_core.access import Action
from simplr_core.errors import NotFound


def releases_visible_to(actor: Actor, *, resource_id: UUID | None = None) -> QuerySet[Release]:
    """Releases that the actor may know of, the newest first."""
    found = Release.objects.filter(
        node__in=nodes_reached(actor, action=Action.DISCOVER).filter(kind="release")
    ).select_related("version", "resource", "node__owner")
    if resource_id is not None:
        found = found.filter(resource_id=resource_id)
    return found.order_by("-node_id")


def objects_referred_to(ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that a map of pseudonyms keeps."""
    return set(
        PseudonymMap.objects.filter(object_id__in=list(ids)).values_list("object_id", flat=True)
    )


def grant_of(grant_id: UUID) -> Grant:
    """One grant. Raises NotFound."""
    grant = (
        Grant.objects.select_related("node", "person", "organisation", "group", "granted_by")
        .filter(pk=grant_id)
        .first()
    )
    if grant is None:
        raise NotFound
    return grant


def node_of_grant(grant_id: UUID) -> UUID:
    """The node whose management decides about a grant. Raises NotFound."""
    return grant_of(grant_id).node_id


def grants_on(node_id: UUID) -> QuerySet[Grant]:
    """Every grant on a node, ended ones too, the newest first."""
    return (
        Grant.objects.filter(node_id=node_id)
        .select_related("person", "organisation", "group", "granted_by")
        .order_by("-id")
    )


def grants_to(actor: Actor) -> list[Grant]:
    """What was granted to the actor and still holds, the newest first."""
    now = timezone.now()
    facts = actor_facts(actor, now=now)
    return list(
        grants_naming(facts)
        .filter(revoked_at=None, node__deleted_at=None)
        .filter(Q(until=None) | Q(until__gt=now))
        .select_related("granted_by", "node")
        .order_by("-id")[:500]
    )


def titles_of(node_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Titles of projects, resources and releases by id."""
    wanted = list(node_ids)
    found: dict[UUID, str] = {}
    for model in (Project, Resource, Release):
        found.update(model.objects.filter(pk__in=wanted).values_list("node_id", "title"))
    return found


def is_managed_by(actor: Actor, node_id: UUID) -> bool:
    """Whether the actor may decide about a node."""
    return bool(decide(actor=actor, action="manage", node_id=node_id).allowed)
