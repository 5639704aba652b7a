"""Reading folders: what lies in a place, and where a thing lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from simplr.access.models import Node
from simplr.access.permissions import nodes_reached, standing
from simplr.base.actors import Actor
from simplr.base.paging import USUAL, Page, page_of
from simplr.projects.models import Project
from simplr.resources import queries
from simplr.resources.models import Folder, Resource
from simplr_core.access import Action
from simplr_core.errors import NotFound

MOST_PLACES = 500
"""How many folders a list of places to move to offers."""
_AMONG_RESOURCES = "r."


@dataclass(frozen=True, kw_only=True)
class Place:
    """A project or a folder, as a way to it shows it."""

    id: UUID
    kind: str
    """project or folder"""
    title: str
    slug: str = ""
    """The short name of a project."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """A folder, or a resource with the facts of its newest version."""

    folder: Folder | None = None
    resource: Resource | None = None

    @property
    def id(self) -> UUID:
        row: Any = self.folder or self.resource
        return UUID(str(row.pk))


def contents_of(
    actor: Actor, place_id: UUID, *, cursor: str = "", limit: int = USUAL
) -> Page[Content]:
    """What lies directly in a project or folder and the actor may know of: folders, then the rest.

    Paged by key: first the folders, the newest first, then the resources.
    """
    here = nodes_reached(actor, action=Action.DISCOVER).filter(parent_id=place_id)
    found: list[Content] = []
    if not cursor.startswith(_AMONG_RESOURCES):
        folders = page_of(
            Folder.objects.filter(node__in=here.filter(kind="folder")).select_related("node"),
            cursor=cursor,
            limit=limit,
            key="node_id",
        )
        found = [Content(folder=row) for row in folders.items]
        if folders.next:
            return Page(found, folders.next)
        cursor = _AMONG_RESOURCES
    room = max(1, limit) - len(found)
    if room <= 0:
        return Page(found, _AMONG_RESOURCES)
    page = page_of(
        Resource.objects.filter(node__in=here.filter(kind="resource")).only("node_id"),
        cursor=cursor.removeprefix(_AMONG_RESOURCES),
        limit=room,
        key="node_id",
    )
    known = queries.complete([row.pk for row in page.items])
    found += [Content(resource=known[row.pk]) for row in page.items]
    return Page(found, _AMONG_RESOURCES + page.next if page.next else None)


def folder_of(folder_id: UUID) -> Folder:
    """One folder that is there. The caller has checked the right. Raises NotFound."""
    folder = (
        Folder.objects.select_related("node__owner", "project")
        .filter(pk=folder_id, node__in=standing())
        .first()
    )
    if folder is None:
        raise NotFound
    return folder


def way_to(actor: Actor, node_id: UUID) -> list[Place]:
    """The project and the folders above a thing, as far as the actor may know of them."""
    path = Node.objects.filter(pk=node_id).values_list("path", flat=True).first() or []
    above = list(
        nodes_reached(actor, action=Action.DISCOVER)
        .filter(id__in=path[:-1], kind__in=["project", "folder"])
        .values_list("id", "kind")
    )
    known = places({id_ for id_, _kind in above})
    return [known[id_] for id_ in path[:-1] if id_ in known]


def places(ids: Iterable[UUID]) -> dict[UUID, Place]:
    """Projects and folders by id, as ways show them."""
    wanted = list(ids)
    found = {
        row.pk: Place(id=row.pk, kind="project", title=row.title, slug=row.slug)
        for row in Project.objects.filter(pk__in=wanted)
    }
    for row in Folder.objects.filter(pk__in=wanted):
        found[row.pk] = Place(id=row.pk, kind="folder", title=row.title)
    return found


def places_to_move_to(actor: Actor, project_id: UUID) -> list[tuple[UUID, str]]:
    """The folders of a project that the actor may put things into, each with the way to it."""
    written = nodes_reached(actor, action=Action.WRITE).filter(kind="folder")
    rows = Folder.objects.filter(project_id=project_id, node__in=written).select_related("node")
    listed = list(rows.order_by("-node_id")[:MOST_PLACES])
    titles = {row.pk: row.title for row in listed}
    named = [
        (row.pk, " / ".join(titles[id_] for id_ in row.node.path[1:] if id_ in titles))
        for row in listed
    ]
    return sorted(named, key=lambda one: one[1].casefold())


@dataclass(frozen=True, kw_only=True)
class FolderCounts:
    """How much lies directly in a folder, as far as the reader may know of it."""

    folders: int
    resources: int


def counts_of(actor: Actor, folder_ids: Iterable[UUID]) -> dict[UUID, FolderCounts]:
    """How many folders and resources lie directly in each of some folders."""
    rows = (
        nodes_reached(actor, action=Action.DISCOVER)
        .filter(parent_id__in=list(folder_ids), kind__in=["folder", "resource"])
        .order_by()
        .values_list("parent_id")
        .annotate(
            folders=Count("id", filter=Q(kind="folder")),
            resources=Count("id", filter=Q(kind="resource")),
        )
    )
    return {
        parent_id: FolderCounts(folders=folders, resources=resources)
        for parent_id, folders, resources in rows
        if parent_id is not None
    }
