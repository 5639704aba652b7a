"""Folders, and what lies in a place, for programs. A place is a project or a folder."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.access.permissions import decide
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import needs
from simplr.base.paging import USUAL, Page
from simplr.base.schemas import PROBLEMS, Answer, LongText, Strict, Title
from simplr.resources import folder_queries, folder_services, queries
from simplr.resources.endpoints.resources import ResourceAnswer, resource_answer

router = Router(tags=["resources"])


class PlaceAnswer(Answer):
    id: UUID
    kind: str
    title: str


class FolderAnswer(Answer):
    id: UUID
    project: UUID
    title: str
    description: str
    owner: str
    folder_count: int
    resource_count: int
    way: list[PlaceAnswer]
    created_at: datetime


class ContentAnswer(Answer):
    id: UUID
    kind: str
    title: str
    folder_count: int | None = None
    resource_count: int | None = None
    resource: ResourceAnswer | None = None


class ContentPage(Answer):
    items: list[ContentAnswer]
    next: str | None


class NewFolder(Strict):
    title: Title
    description: LongText = ""


class FolderChanges(Strict):
    title: Title | None = None
    description: LongText | None = None


def _folder_answer(folder_id: UUID, *, actor: Actor) -> dict[str, Any]:
    folder = folder_queries.folder_of(folder_id)
    counts = folder_queries.counts_of(actor, [folder_id]).get(folder_id)
    described = decide(actor=actor, action="describe", node_id=folder_id).allowed
    return {
        "id": folder.pk,
        "project": folder.project_id,
        "title": folder.title,
        "description": folder.description if described else "",
        "owner": folder.node.owner.name,
        "folder_count": counts.folders if counts else 0,
        "resource_count": counts.resources if counts else 0,
        "way": [
            {"id": place.id, "kind": place.kind, "title": place.title}
            for place in folder_queries.way_to(actor, folder_id)
        ],
        "created_at": folder.node.created_at,
    }


@router.get(
    "/places/{place}/contents",
    response={200: ContentPage, **PROBLEMS},
    operation_id="list_contents",
)
@needs("discover", node="place")
def list_contents(
    request: HttpRequest, place: str, cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """What lies directly in a project (id or short name) or a folder: folders first."""
    actor = actor_of(request)
    page = folder_queries.contents_of(actor, UUID(place), cursor=cursor, limit=limit)
    folders = [row.folder.pk for row in page.items if row.folder]
    counts = folder_queries.counts_of(actor, folders)
    whole = queries.describable(actor, [row.resource.pk for row in page.items if row.resource])
    items = [_content(row, counts=counts, whole=whole) for row in page.items]
    return Page(items, page.next).answer()


def _content(
    row: folder_queries.Content,
    *,
    counts: dict[UUID, folder_queries.FolderCounts],
    whole: set[UUID],
) -> dict[str, Any]:
    if row.folder is not None:
        inside = counts.get(row.folder.pk)
        return {
            "id": row.folder.pk,
            "kind": "folder",
            "title": row.folder.title,
            "folder_count": inside.folders if inside else 0,
            "resource_count": inside.resources if inside else 0,
        }
    resource = resource_answer(row.resource, described=row.id in whole)
    return {
        "id": row.id,
        "kind": resource["kind"],
        "title": resource["title"],
        "resource": resource,
    }


@router.post(
    "/places/{place}/folders",
    response={201: FolderAnswer, **PROBLEMS},
    operation_id="create_folder",
)
@needs("write", node="place")
def create_folder(request: HttpRequest, place: str, body: NewFolder) -> tuple[int, dict[str, Any]]:
    """Make a folder in a project (id or short name) or in another folder."""
    actor = actor_of(request)
    folder = folder_services.make_folder(
        place_id=UUID(place), title=body.title, description=body.description, actor=actor
    )
    return 201, _folder_answer(folder.pk, actor=actor)


@router.get(
    "/folders/{folder}", response={200: FolderAnswer, **PROBLEMS}, operation_id="show_folder"
)
@needs("discover", node="folder")
def show_folder(request: HttpRequest, folder: UUID) -> dict[str, Any]:
    """One folder, with the way to it."""
    return _folder_answer(folder, actor=actor_of(request))


@router.patch(
    "/folders/{folder}", response={200: FolderAnswer, **PROBLEMS}, operation_id="change_folder"
)
@needs("write", node="folder")
def change_folder(request: HttpRequest, folder: UUID, body: FolderChanges) -> dict[str, Any]:
    """Rename or describe a folder."""
    actor = actor_of(request)
    folder_services.change_folder(folder_id=folder, changes=body.dict(), actor=actor)
    return _folder_answer(folder, actor=actor)
