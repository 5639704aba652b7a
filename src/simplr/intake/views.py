"""Pages of intake: put files, look at what was understood, keep or throw away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.intake import presenting, queries, reports, services
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
    request: HttpRequest, upload_id: UUID, *, errors: list[str] | None = None
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
            posted=request.POST.dict(),
        )
    is_fragment = bool(getattr(request, "htmx", False)) and row.state == "understood"
    template = "intake/parts/understanding.html" if is_fragment else "intake/put.html"
    return render(request, template, page, status=422 if errors else 200)


def _choices(row: Any, posted: Any) -> dict[str, Any]:
    """The steward's changes: only what differs from what was understood."""
    tables = reports.tables_understood(row)
    choices: dict[str, Any] = {"fields": []}
    if len(tables) > 1:
        choices = {
            "tables": [
                _table_choice(number, table, posted)
                for number, table in enumerate(tables)
                if posted.get(f"t{number}-keep")
            ]
        }
    elif tables:
        choices["fields"] = _field_choices(tables[0], posted, prefix="")
    if posted.get("title", "").strip():
        choices["title"] = posted["title"].strip()[:200]
    if posted.get("classification"):
        choices["classification"] = posted["classification"]
    return choices | _mode_choices(posted)


def _mode_choices(posted: Any) -> dict[str, Any]:
    """How the rows come into a data set that is there."""
    mode = posted.get("mode", "")
    if mode not in {"append", "upsert"}:
        return {}
    chosen: dict[str, Any] = {"mode": mode, "widen": bool(posted.get("widen"))}
    typed = [name.strip() for name in posted.get("key", "").split(",") if name.strip()]
    return chosen | ({"key": typed} if typed and mode == "upsert" else {})


def _table_choice(number: int, table: Any, posted: Any) -> dict[str, Any]:
    choice: dict[str, Any] = {
        "table": number,
        "fields": _field_choices(table, posted, prefix=f"t{number}-"),
    }
    if posted.get(f"t{number}-title", "").strip():
        choice["title"] = posted[f"t{number}-title"].strip()[:200]
    return choice


def _field_choices(table: Any, posted: Any, *, prefix: str) -> list[dict[str, Any]]:
    fields = []
    for position, field in enumerate(table.get("fields", [])):
        change = _field_change(field, posted, f"{prefix}field-{position}-")
        if change:
            fields.append({"name": field["name"], **change})
    return fields


def _field_change(field: Any, posted: Any, start: str) -> dict[str, Any]:
    change: dict[str, Any] = {}
    name = posted.get(f"{start}name", "").strip()
    if name and name != field["name"]:
        change["new_name"] = name
    kind = posted.get(f"{start}type", "")
    if kind and kind != field["type"]:
        change["type"] = kind
    form = posted.get(f"{start}format")
    if form is not None and form.strip() != field.get("format", "") and "type" not in change:
        change["format"] = form.strip()
    personal = posted.get(f"{start}personal", "")
    if personal and personal != field["personal"]:
        change["personal"] = personal
    missing = posted.get(f"{start}missing")
    if missing is not None and missing != ", ".join(field.get("missing_codes", [])):
        change["missing_codes"] = [code.strip() for code in missing.split(",")]
    return change


@require_POST
@needs("write", node="upload", via=queries.project_of_upload)
def keep(request: HttpRequest, upload: UUID) -> HttpResponse:
    """Keep it with the steward's changes; the work goes on in the background."""
    row = queries.upload_of(upload, actor=actor_of(request))
    try:
        if len(request.POST) > 6 * 2000 + 20:
            raise Invalid("This file has too many fields for one form. Use the command line.")
        services.keep(
            upload_id=upload, choices=_choices(row, request.POST), actor=actor_of(request)
        )
    except Invalid as error:
        return _shown(request, upload, errors=[error.message])
    return redirect("intake:put", projects.project_of(row.project_id).slug)


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
