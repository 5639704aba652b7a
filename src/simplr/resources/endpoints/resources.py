"""Resources, for programs: lists, descriptions, original files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import needs, signed_in
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import PROBLEMS, Answer, LongText, Problem, ShortText, Strict, Title
from simplr.resources import content, queries, services, texts, trash_services
from simplr.resources.scanning import queries as scanning

router = Router(tags=["resources"])


class ScanAnswer(Answer):
    state: str
    signature: str
    reason: str
    at: datetime | None
    scanner: str


class VersionAnswer(Answer):
    id: UUID
    number: int
    name: str
    media_type: str
    size: int
    rows_in: int | None
    rows_made: int
    rows_kept: int | None
    rows_quarantined: int | None
    cells_quarantined: int | None
    mode: str
    key: list[str]
    earlier: UUID | None
    upload: UUID | None
    changes: dict[str, int]
    scan: ScanAnswer | None
    created_at: datetime


class ResourceAnswer(Answer):
    id: UUID
    project: UUID
    project_title: str
    kind: str
    title: str
    description: str
    usage_terms: str
    classification: str
    owner: str
    current_version: UUID | None
    version_number: int | None
    row_count: int | None
    size: int | None
    media_type: str | None
    scan: str | None
    created_at: datetime
    changed_at: datetime | None


class ResourcePage(Answer):
    items: list[ResourceAnswer]
    next: str | None


class VersionPage(Answer):
    items: list[VersionAnswer]
    next: str | None = None


class ResourceChanges(Strict):
    title: Title | None = None
    description: LongText | None = None
    usage_terms: ShortText | None = None
    classification: str | None = None


def resource_answer(resource: Any, *, described: bool = True) -> dict[str, Any]:
    """A resource as the API shows it; who may not describe the whole sees its title and kind."""
    return {
        "id": resource.pk,
        "project": resource.project_id,
        "project_title": resource.project.title if described else "",
        "kind": resource.kind,
        "title": resource.title,
        "description": resource.description if described else "",
        "usage_terms": resource.usage_terms,
        "classification": resource.node.classification,
        "owner": resource.node.owner.name,
        "current_version": resource.current_id if described else None,
        "version_number": resource.current_number if described else None,
        "row_count": resource.row_count if described else None,
        "size": resource.size if described else None,
        "media_type": resource.media_type if described else None,
        "scan": scanning.scan_word(resource.scan) if described else None,
        "created_at": resource.created_at,
        "changed_at": resource.changed_at if described else None,
    }


def version_answer(version: Any, *, personal: bool) -> dict[str, Any]:
    """A version as the API shows it, to one who does or does not see personal fields.

    Counts of cells are of all fields together: whoever sees some fields would know of the others.
    What he may know of them, the data set itself tells. `scan` is None where there is no scanner.
    """
    return version_answers([version], personal=personal)[0]


def version_answers(versions: Sequence[Any], *, personal: bool) -> list[dict[str, Any]]:
    """Several versions as `version_answer` shows one."""
    scans = scanning.scan_answers(versions)
    return [_version(row, scan=scans.get(row.pk), personal=personal) for row in versions]


def _version(version: Any, *, scan: dict[str, Any] | None, personal: bool) -> dict[str, Any]:
    changes = {n: count for n, count in version.changes.items() if personal or n != "mended_cells"}
    return {
        "id": version.pk,
        "number": version.number,
        "name": version.original_name,
        "media_type": version.media_type,
        "size": version.size,
        "rows_in": version.rows_in,
        "rows_made": version.rows_made,
        "rows_kept": version.rows_kept,
        "rows_quarantined": version.rows_quarantined,
        "cells_quarantined": version.cells_quarantined if personal else None,
        "mode": version.mode,
        "key": version.key,
        "earlier": version.earlier_id,
        "upload": version.upload_id,
        "changes": changes,
        "scan": scan,
        "created_at": version.created_at,
    }


@router.get("/resources", response={200: ResourcePage, **PROBLEMS}, operation_id="list_resources")
@signed_in
def list_resources(
    request: HttpRequest, q: str = "", kind: str = "", cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """Resources that you may know of, by words of titles, descriptions and field names."""
    actor = actor_of(request)
    found = queries.resources_visible_to(actor, words=q[:200], kind=kind)
    page = page_of(found, cursor=cursor, limit=limit, key="node_id")
    whole = queries.describable(actor, [row.pk for row in page.items])
    return page.map(lambda row: resource_answer(row, described=row.pk in whole)).answer()


@router.get(
    "/projects/{project}/resources",
    response={200: ResourcePage, **PROBLEMS},
    operation_id="list_project_resources",
)
@needs("discover", node="project")
def list_project_resources(
    request: HttpRequest, project: str, q: str = "", cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """The resources of one project that you may know of."""
    actor = actor_of(request)
    found = queries.resources_visible_to(actor, words=q[:200], project_id=UUID(project))
    page = page_of(found, cursor=cursor, limit=limit, key="node_id")
    whole = queries.describable(actor, [row.pk for row in page.items])
    return page.map(lambda row: resource_answer(row, described=row.pk in whole)).answer()


@router.get(
    "/resources/{resource}",
    response={200: ResourceAnswer, **PROBLEMS},
    operation_id="show_resource",
)
@needs("discover", node="resource")
def show_resource(request: HttpRequest, resource: UUID) -> dict[str, Any]:
    """One resource."""
    whole = queries.describable(actor_of(request), [resource])
    return resource_answer(queries.resource_of(resource), described=resource in whole)


@router.patch(
    "/resources/{resource}",
    response={200: ResourceAnswer, **PROBLEMS},
    operation_id="change_resource",
)
@needs("write", node="resource")
def change_resource(request: HttpRequest, resource: UUID, body: ResourceChanges) -> dict[str, Any]:
    """Change title, description, usage terms or classification."""
    services.change_resource(resource_id=resource, changes=body.dict(), actor=actor_of(request))
    return resource_answer(queries.resource_of(resource))


@router.delete(
    "/resources/{resource}", response={204: None, **PROBLEMS}, operation_id="remove_resource"
)
@needs("manage", node="resource")
def remove_resource(request: HttpRequest, resource: UUID) -> tuple[int, None]:
    """Put a resource in the trash: nobody reads it from now on. It can be brought back for a time."""
    trash_services.put_in_trash(node_id=resource, actor=actor_of(request))
    return 204, None


@router.get(
    "/resources/{resource}/versions",
    response={200: VersionPage, **PROBLEMS},
    operation_id="list_versions",
)
@needs("describe", node="resource")
def list_versions(request: HttpRequest, resource: UUID) -> dict[str, Any]:
    """The versions, the newest first; to a grantee under a release they are not shown."""
    rows = queries.versions_for(actor_of(request), resource)
    personal = request.verdict.personal  # type: ignore[attr-defined]
    return {"items": version_answers(rows, personal=personal)}


@router.get(
    "/resources/{resource}/versions/{version}",
    response={200: VersionAnswer, **PROBLEMS},
    operation_id="show_version",
)
@needs("describe", node="resource")
def show_version(request: HttpRequest, resource: UUID, version: str) -> dict[str, Any]:
    """One version, by its number or id: how it came, and how much of it was kept."""
    row = queries.version_for(actor_of(request), resource, version)
    return version_answer(row, personal=request.verdict.personal)  # type: ignore[attr-defined]


@router.get(
    "/resources/{resource}/content",
    response={200: None, 206: None, 416: Problem, **PROBLEMS},
    operation_id="get_content",
)
@needs("download", node="resource")
def get_content(request: HttpRequest, resource: UUID, version: str = "") -> HttpResponseBase:
    """The original file, byte for byte; `Range` is honoured. Needs sight of personal fields."""
    return content.original(request, resource_id=resource, version=version)


@router.get(
    "/resources/{resource}/preview",
    response={200: None, **PROBLEMS},
    operation_id="get_preview",
)
@needs("read", node="resource")
def get_preview(request: HttpRequest, resource: UUID, version: str = "") -> HttpResponseBase:
    """A file as it may safely be shown: text, an image or a PDF."""
    return content.preview(request, resource_id=resource, version=version)


@router.get(
    "/resources/{resource}/text",
    response={200: None, **PROBLEMS},
    operation_id="get_text",
)
@needs("read", node="resource")
def get_text(request: HttpRequest, resource: UUID, version: str = "") -> HttpResponseBase:
    """The words of a PDF or Word file as plain text. Needs sight of personal fields."""
    return texts.text(request, resource_id=resource, version=version)
