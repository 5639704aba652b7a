"""Pages of what a project holds, and of one file."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_safe

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.paging import Page, page_of
from simplr.base.views_frame import foot, may
from simplr.projects import presenting as projects
from simplr.projects import queries as project_queries
from simplr.projects.words import role_word
from simplr.resources import content as originals
from simplr.resources import presenting, queries


@require_GET
@needs("discover", node="project")
def project(request: HttpRequest, project: str) -> HttpResponse:
    """What a project holds, as far as the reader may know of it."""
    project_id, actor = UUID(project), actor_of(request)
    words, kind = request.GET.get("q", "")[:200], request.GET.get("kind", "")
    kind = kind if kind in {"dataset", "file"} else ""
    cursor = request.GET.get("cursor", "")
    found = queries.resources_visible_to(actor, words=words, kind=kind, project_id=project_id)
    sort = queries.sort_in(request.GET.get("sort", ""))
    page = (
        Page(queries.in_order(found, actor=actor, **sort), None)
        if sort["by"]
        else page_of(found, cursor=cursor, key="node_id")
    )
    frame = projects.frame_of(request, project_id, tab="contents")
    is_described = may(request, "describe", project_id)["allowed"]
    members = project_queries.members_of(project_id) if is_described else []
    return render(
        request,
        "projects/project.html",
        frame
        | {
            "resources": presenting.lines(actor, page.items),
            "filter": {"q": words, "kind": kind},
            "sort": sort,
            "page": foot(page, cursor=cursor),
            "people": [{"name": row.name, "role": role_word(row.role)} for row in members[:5]],
            "people_count": len(members),
            "guests": presenting.guests_words(members[5:]),
            "waiting": [],
        },
    )


@require_GET
@needs("describe", node="resource")
def file(request: HttpRequest, resource: UUID) -> HttpResponse:
    """One file with its preview; a data set has a page of its own."""
    row = queries.resource_of(resource)
    if row.kind != "file":
        return redirect("datasets:dataset", resource)
    return render(request, "resources/file.html", presenting.file_page(request, row))


@require_safe
@needs("download", node="resource")
def content(request: HttpRequest, resource: UUID) -> HttpResponseBase:
    """The original file, byte for byte; `Range` is honoured."""
    return originals.original(request, resource_id=resource, version=request.GET.get("version", ""))


@require_GET
@needs("read", node="resource")
def preview(request: HttpRequest, resource: UUID) -> HttpResponseBase:
    """The bytes of a preview, for the page of the file."""
    return originals.preview(request, resource_id=resource, version=request.GET.get("version", ""))
