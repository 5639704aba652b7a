"""Reading the trash: by the query twin of the decision that the trash asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, Sum

from simplr.access.permissions import nodes_reached
from simplr.base.actors import Actor
from simplr.resources.models import Folder, Resource, Trashed, Version
from simplr_core.access import Action
from simplr_core.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class TrashLine:
    """One thing in the trash, as its lists show it."""

    id: UUID
    kind: str
    """dataset, file or folder"""
    title: str
    project_id: UUID
    trashed_by: str
    trashed_at: datetime
    until: datetime
    size: int | None
    """Bytes of the originals of all versions; not told of a folder."""


def in_trash_of(actor: Actor, *, project_id: UUID | None = None) -> QuerySet[Trashed]:
    """What lies in the trash and the actor may manage, the newest thing first."""
    reached = nodes_reached(actor, action=Action.MANAGE, in_trash=True)
    found = Trashed.objects.filter(node__in=reached, erasing_at=None)
    if project_id is not None:
        found = found.filter(project_id=project_id)
    return found.select_related("node", "trashed_by").order_by("-node_id")


def lines(rows: Iterable[Trashed]) -> list[TrashLine]:
    """Rows of the trash with titles and sizes, in a few queries however many there are."""
    listed = list(rows)
    ids = [row.pk for row in listed]
    known: dict[UUID, tuple[str, str]] = {
        pk: ("folder", title)
        for pk, title in Folder.objects.filter(pk__in=ids).values_list("pk", "title")
    }
    for pk, kind, title in Resource.objects.filter(pk__in=ids).values_list("pk", "kind", "title"):
        known[pk] = (kind, title)
    sizes = dict(
        Version.objects.filter(resource_id__in=ids)
        .order_by()
        .values_list("resource_id")
        .annotate(size=Sum("size"))
    )
    return [
        TrashLine(
            id=row.pk,
            kind=known[row.pk][0],
            title=known[row.pk][1],
            project_id=row.project_id,
            trashed_by=row.trashed_by.name,
            trashed_at=row.trashed_at,
            until=row.until,
            size=sizes.get(row.pk),
        )
        for row in listed
    ]


def line_of(node_id: UUID) -> TrashLine:
    """One thing in the trash. The caller has asked the decision in the trash. Raises NotFound."""
    found = lines(Trashed.objects.filter(pk=node_id).select_related("node", "trashed_by"))
    if not found:
        raise NotFound
    return found[0]
