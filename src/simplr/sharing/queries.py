"""Reading releases and what stands on them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from simplr.access.permissions import nodes_reached
from simplr.base.actors import Actor
from simplr.sharing.models import PseudonymMap, Release
from simplr_core.access import Action


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
