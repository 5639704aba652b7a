"""Pages of one data set: its fields, one field, its versions, and what happened to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from simplr.base.actors import actor_of
from simplr.base.entry import needs, verdict_on
from simplr.base.paging import page_of
from simplr.base.views_frame import foot
from simplr.datasets import dictionary_queries, presenting, queries
from simplr.datasets import dictionary_services as services
from simplr.datasets import ledger as ledger_of
from simplr.datasets.forms import FieldForm
from simplr.resources import queries as resources
from simplr_core.errors import SimplrError


@require_GET
@needs("describe", node="dataset")
def dataset(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """The tab Fields; the profiles come from sharing."""
    if elsewhere := presenting.to_the_received(request):
        return elsewhere
    resource = presenting.dataset_of(dataset)
    version = resources.version_of(dataset, request.GET.get("version", ""))
    return render(
        request,
        "datasets/dataset.html",
        presenting.dataset_page(request, resource, version),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("describe", node="dataset")
def field(request: HttpRequest, dataset: UUID, field: str) -> HttpResponse:
    """One field: how it was read, and what it means."""
    if elsewhere := presenting.to_the_received(request):
        return elsewhere
    resource = presenting.dataset_of(dataset)
    wanted = "" if request.method == "POST" else request.GET.get("version", "")
    version = resources.version_of(dataset, wanted)
    row = queries.field_of(version, field)
    entry = dictionary_queries.entry_for(actor_of(request), version, field)
    form = FieldForm(request.POST or None, initial=presenting.said_of(row), limits=entry.limits)
    if request.method == "POST":
        verdict_on(request, "write", dataset)
        if form.is_valid():
            try:
                services.change_field(
                    version=version,
                    name=field,
                    changes=form.cleaned_data,
                    actor=actor_of(request),
                )
            except SimplrError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("What “%(name)s” means was saved.") % {"name": field})
                return redirect("datasets:field", dataset, field)
    verdict = request.verdict  # type: ignore[attr-defined]
    frame = presenting.frame(request, resource, version, tab="fields")
    shown = presenting.field_row(row, rows=version.rows_kept or 0, personal=verdict.personal)
    hidden = bool(shown["profile"]["hidden"])
    return render(
        request,
        "datasets/field.html",
        frame
        | {"field": shown, "form": form, "fetched": frame["may"]["rows"]["allowed"] and not hidden},
        status=422 if form.errors else 200,
    )


@require_GET
@needs("describe", node="dataset")
def versions(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """Every version, the newest first."""
    if elsewhere := presenting.to_the_received(request):
        return elsewhere
    resource, version = presenting.dataset_of(dataset), resources.version_of(dataset)
    rows = presenting.versions_of(resource)
    page: dict[str, Any] = {
        "shown": len(rows),
        "total": len(rows),
        "about": False,
        "next": None,
        "first": True,
    }
    frame = presenting.frame(request, resource, version, tab="versions")
    return render(request, "datasets/versions.html", frame | {"versions": rows, "page": page})


@require_GET
@needs("manage", node="dataset")
def ledger(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """What happened to the data set, the newest first."""
    resource, version = presenting.dataset_of(dataset), resources.version_of(dataset)
    cursor = request.GET.get("cursor", "")
    page = page_of(queries.events_about(dataset), cursor=cursor)
    return render(
        request,
        "datasets/ledger.html",
        presenting.frame(request, resource, version, tab="ledger")
        | {
            "days": ledger_of.days(page.items),
            "zone": ledger_of.zone(),
            "page": foot(page, cursor=cursor),
        },
    )
