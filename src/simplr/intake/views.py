"""Pages of intake: put files, look at what was understood, keep or throw away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.numbers import whole_number
from simplr.intake import again as putting_again
from simplr.intake import posted, presenting, queries, reports, rereading, services, trials
from simplr.projects import queries as projects
from simplr.resources import folder_queries as folders
from simplr_core.errors import Invalid, NotFound, SimplrError


def _project(project_id: UUID) -> dict[str, Any]:
    row = projects.project_of(project_id)
    return {"id": row.pk, "slug": row.slug, "title": row.title}


@require_GET
@needs("write", node="project")
def put(request: HttpRequest, project: str) -> HttpResponse:
    """The page where files are put."""
    uploads = queries.open_uploads(UUID(project), actor=actor_of(request))
    page = presenting.put_page(uploads, _project(UUID(project)))
    wanted = request.GET.get("resource", "")
    page["resource"] = queries.resource_to_renew(UUID(project), wanted) if wanted else None
    page["folder"] = _folder(UUID(project), request.GET.get("folder", ""))
    return render(request, "intake/put.html", page)


def _folder(project_id: UUID, wanted: str) -> dict[str, Any] | None:
    """The folder that files are put into, if it is in this project."""
    try:
        row = folders.folder_of(UUID(wanted))
    except (ValueError, NotFound):
        return None
    return {"id": row.pk, "title": row.title} if row.project_id == project_id else None


@require_GET
@needs("write", node="upload", via=queries.project_of_upload)
def upload(request: HttpRequest, upload: UUID) -> HttpResponse:
    """What was understood of one file: a fragment for the page's script, else the whole page."""
    return _shown(request, upload)


def _shown(
    request: HttpRequest,
    upload_id: UUID,
    *,
    errors: list[str] | None = None,
    sent: dict[str, str] | None = None,
    tried: dict[int, dict[str, Any]] | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    row = queries.upload_of(upload_id, actor=actor)
    if row.state == "kept" and row.resource is not None:
        name = "datasets:dataset" if row.resource.kind == "dataset" else "resources:file"
        return redirect(name, row.resource_id)
    page = presenting.put_page(
        queries.open_uploads(row.project_id, actor=actor), _project(row.project_id)
    )
    if row.state == "understood":
        verdict = request.verdict  # type: ignore[attr-defined]
        tables = reports.tables_of_upload(row, personal=verdict.personal, actor=actor)
        page |= presenting.understanding_page(
            row,
            tables,
            renewed=queries.path_to_renew(row),
            errors=errors,
            sent=sent or {},
            tried=tried or {},
        )
    is_fragment = bool(getattr(request, "htmx", False)) and row.state == "understood"
    template = "intake/parts/understanding.html" if is_fragment else "intake/put.html"
    return render(request, template, page, status=422 if errors else 200)


@require_POST
@needs("write", node="upload", via=queries.project_of_upload)
def keep(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Keep it with the steward's changes; the work goes on in the background."""
    row = queries.upload_of(upload, actor=actor_of(request))
    tables = [dict(table) for table in reports.tables_understood(row)]
    try:
        if len(request.POST) > 6 * 2000 + 5_000:
            raise Invalid("This file has too many fields for one form. Use the command line.")
        _check_read_as(request, row)
        if "try" in request.POST:
            return _tried(request, row, tables)
        services.keep(
            upload_id=upload,
            choices=posted.choices_in(tables, request.POST.dict()),
            actor=actor_of(request),
        )
    except Invalid as error:
        return _shown(request, upload, errors=[error.message], sent=request.POST.dict())
    return redirect("intake:put", projects.project_of(row.project_id).slug)


def _check_read_as(request: HttpRequest, row: Any) -> None:
    """Raise Invalid where the form says of the reading what was not done: it would be lost."""
    sent = request.POST.dict()
    if "read-header_rows" not in sent:
        return
    if rereading.said_in(posted.reading_in(sent)) != rereading.read_now(row.understanding):
        raise Invalid(
            _("You said how its text is read. Choose “Read it again” first, or take that back.")
        )


def _tried(request: HttpRequest, row: Any, tables: list[dict[str, Any]]) -> HttpResponse:
    """The page with what was changed, and with what that does to the first rows of one table."""
    number = whole_number(request.POST.get("try", "")) or 0
    if number >= len(tables):
        raise Invalid("There is no such table in this file.", field="try")
    sent = request.POST.dict()
    prefix = f"t{number}-" if len(tables) > 1 else ""
    tried = trials.try_recipe(
        upload=row,
        choice=posted.table_choice(number, tables[number], sent, prefix=prefix),
        table=number,
        actor=actor_of(request),
        personal=request.verdict.personal,  # type: ignore[attr-defined]
    )
    return _shown(request, row.pk, sent=sent, tried={number: tried})


@require_POST
@needs("write", node="upload", via=queries.project_of_upload)
def read_as(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Have its text read as the form says; what was understood comes back when that is done."""
    try:
        said = rereading.said_in(posted.reading_in(request.POST.dict()))
        rereading.read_as(upload_id=upload, said=said, actor=actor_of(request))
    except Invalid as error:
        return _shown(request, upload, errors=[error.message], sent=request.POST.dict())
    return redirect("intake:upload", upload)


@require_POST
@needs("write", node="upload", via=queries.project_of_upload)
def cancel(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Stop it, or throw away what was understood."""
    row = queries.upload_of(upload, actor=actor_of(request))
    try:
        services.cancel(upload_id=upload, actor=actor_of(request))
    except SimplrError as error:
        if error.status != 409:
            raise
    return redirect("intake:put", projects.project_of(row.project_id).slug)


@require_POST
@needs("write", node="dataset")
def again(request: HttpRequest, dataset: UUID, version: str) -> HttpResponse:
    """Take the original of a version in once more, to keep it by a changed recipe."""
    row = putting_again.put_again(dataset_id=dataset, version=version, actor=actor_of(request))
    return redirect("intake:upload", row.id)
