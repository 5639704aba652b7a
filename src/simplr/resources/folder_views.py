"""Pages of places: what lies in a project or a folder, and the folder itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.paging import Page, page_of
from simplr.base.views_frame import foot, may
from simplr.projects import presenting as projects
from simplr.projects import queries as project_queries
from simplr.projects.words import role_word
from simplr.resources import folder_queries, folder_services, presenting, queries, services
from simplr.resources.forms import FolderForm, ResourceForm
from simplr_core.errors import SimplrError


@require_GET
@needs("discover", node="project")
def project(request: HttpRequest, project: str) -> HttpResponse:
    """What a project holds, as far as the reader may know of it."""
    return _contents(request, UUID(project), place_id=UUID(project), folder=None)


@require_GET
@needs("discover", node="folder")
def folder(request: HttpRequest, folder: UUID) -> HttpResponse:
    """What a folder holds, as far as the reader may know of it."""
    row = folder_queries.folder_of(folder)
    shown = {
        "id": row.pk,
        "title": row.title,
        "description": row.description if may(request, "describe", folder)["allowed"] else "",
    }
    return _contents(request, row.project_id, place_id=folder, folder=shown)


def _contents(
    request: HttpRequest, project_id: UUID, *, place_id: UUID, folder: dict[str, Any] | None
) -> HttpResponse:
    """One place: its folders and resources; with words, a kind or an order, all that is below."""
    actor = actor_of(request)
    words, kind = request.GET.get("q", "")[:200], request.GET.get("kind", "")
    kind = kind if kind in {"dataset", "file"} else ""
    cursor = request.GET.get("cursor", "")
    sort = queries.sort_in(request.GET.get("sort", ""))
    is_flat = bool(words or kind or sort["by"])
    if is_flat:
        found = queries.resources_visible_to(
            actor, words=words, kind=kind, project_id=project_id, below=place_id
        )
        flat = (
            Page(queries.in_order(found, actor=actor, **sort), None)
            if sort["by"]
            else page_of(found, cursor=cursor, key="node_id")
        )
        resources, folders, page = flat.items, [], foot(flat, cursor=cursor)
    else:
        here = folder_queries.contents_of(actor, place_id, cursor=cursor)
        resources = [row.resource for row in here.items if row.resource]
        folders = presenting.folder_lines(actor, [row.folder for row in here.items if row.folder])
        page = foot(here, cursor=cursor)
    frame = projects.frame_of(request, project_id, tab="contents")
    shows_people = folder is None and may(request, "describe", project_id)["allowed"]
    members = project_queries.members_of(project_id) if shows_people else []
    writes = may(request, "write", place_id) if folder else frame["may"]["put"]
    return render(
        request,
        "projects/project.html",
        frame
        | {
            "folder": folder,
            "place_id": place_id,
            "put_url": reverse("intake:put", args=[frame["project"]["slug"]])
            + (f"?folder={place_id}" if folder else ""),
            "way": [
                presenting.place_link(place)
                for place in (folder_queries.way_to(actor, place_id) if folder else [])
            ],
            "folders": folders,
            "resources": presenting.lines(actor, resources, with_places=is_flat),
            "filter": {"q": words, "kind": kind},
            "sort": sort,
            "page": page,
            "people": [{"name": row.name, "role": role_word(row.role)} for row in members[:5]],
            "people_count": len(members),
            "guests": presenting.guests_words(members[5:]),
            "waiting": [],
            "may_write": writes,
            "may_manage": may(request, "manage", place_id) if folder else writes,
            "places": presenting.places_to_move_to(actor, project_id, here=place_id)
            if writes["allowed"]
            else [],
        },
    )


@require_POST
@needs("write", node="place")
def make(request: HttpRequest, place: str) -> HttpResponse:
    """Make a folder here."""
    form = FolderForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A folder has a name of at most 200 characters."))
    else:
        try:
            made = folder_services.make_folder(
                place_id=UUID(place), title=form.cleaned_data["title"], actor=actor_of(request)
            )
        except SimplrError as error:
            messages.error(request, error.message)
        else:
            return redirect("resources:folder", made.pk)
    return redirect(presenting.place_link(folder_queries.places([UUID(place)])[UUID(place)])["url"])


@require_http_methods(["GET", "HEAD", "POST"])
@needs("write", node="folder")
def edit(request: HttpRequest, folder: UUID) -> HttpResponse:
    """Rename or describe a folder."""
    row = folder_queries.folder_of(folder)
    form = FolderForm(
        request.POST or None, initial={"title": row.title, "description": row.description}
    )
    if request.method == "POST" and form.is_valid():
        try:
            folder_services.change_folder(
                folder_id=folder, changes=form.cleaned_data, actor=actor_of(request)
            )
        except SimplrError as error:
            form.add_error(str(error.details.get("field") or "") or None, error.message)
        else:
            return redirect("resources:folder", folder)
    return render(
        request,
        "resources/edit.html",
        {
            "form": form,
            "title": row.title,
            "post_url": request.path,
            "back": presenting.folder_url(folder),
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("write", node="resource")
def edit_resource(request: HttpRequest, resource: UUID) -> HttpResponse:
    """Rename or describe a resource, or change how it is classified."""
    row = queries.resource_of(resource)
    known = {
        "title": row.title,
        "description": row.description,
        "usage_terms": row.usage_terms,
        "classification": row.node.classification,
    }
    form = ResourceForm(request.POST or None, initial=known)
    back = presenting.resource_url(row)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_resource(
                resource_id=resource, changes=form.cleaned_data, actor=actor_of(request)
            )
        except SimplrError as error:
            form.add_error(str(error.details.get("field") or "") or None, error.message)
        else:
            return redirect(back)
    return render(
        request,
        "resources/edit.html",
        {"form": form, "title": row.title, "post_url": request.path, "back": back},
        status=422 if form.errors else 200,
    )
