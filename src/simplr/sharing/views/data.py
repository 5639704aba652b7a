"""What leaves of a data set onto its pages: rows and profiles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.views_frame import may
from simplr.datasets import presenting as datasets
from simplr.datasets import queries as dataset_queries
from simplr.resources import queries as resources
from simplr.sharing import delivery, describing
from simplr.sharing.presenting.tables import ROWS, foot_of, formats, offset_in, table_of
from simplr.sharing.views_of_data import view_for
from simplr_core.access.scans import HeldBack
from simplr_core.errors import Invalid, Refused

NO_PAGE: dict[str, Any] = {"shown": 0, "total": 0, "about": False, "next": None, "first": True}


@require_GET
@needs("describe", node="dataset")
def rows(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """The rows that the reader may see, some at a time, and those that fit what he typed."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    resource, actor = datasets.dataset_of(dataset), actor_of(request)
    wanted = request.GET.get("version", "")
    version = resources.version_of(dataset, wanted)
    page = datasets.frame(request, resource, version, tab="rows") | {
        "table": None,
        "refusal": "",
        "where": request.GET.get("where", "")[:2000].strip(),
        "problem": "",
        "release": None,
        "page": NO_PAGE,
        "formats": [],
    }
    offset = offset_in(request.GET.get("cursor", ""))
    status = 200
    try:
        view = view_for(actor, dataset_id=dataset, action="read", version=wanted)
        found = delivery.sample(
            view=view,
            actor=actor,
            limit=ROWS + 1,
            offset=offset,
            wish=delivery.Wish(where=page["where"]),
        )
    except Refused as error:
        page["refusal"] = _refusal(error)
    except Invalid as error:
        page["problem"], status = error.message, 422
    else:
        total = None if page["where"] else version.rows_kept
        page["table"] = table_of(found, most=ROWS)
        page["page"] = foot_of(found=len(found.rows), offset=offset, total=total)
        if may(request, "download", dataset)["allowed"]:
            page["formats"] = formats(dataset, version=wanted, where=page["where"])
    return render(request, "sharing/rows.html", page, status=status)


def _refusal(error: Refused) -> str:
    if isinstance(error, HeldBack):
        return error.message
    return _(
        "You see what it is, not what is in it. Its owner can give you a role, or grant you a release."
    )


@require_GET
@needs("read", node="dataset")
def profile(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """The fields with their profiles: a fragment for the page, or the whole page without script."""
    resource, actor = datasets.dataset_of(dataset), actor_of(request)
    wanted = request.GET.get("version", "")
    view = view_for(actor, dataset_id=dataset, action="read", version=wanted)
    if "field" in request.GET:
        return _one_profile(request, resource, view, request.GET["field"])
    profiles = describing.profile(view, actor=actor)
    if not getattr(request, "htmx", False):
        page = datasets.dataset_page(request, resource, view.version, profiles=profiles)
        return render(request, "datasets/dataset.html", page)
    shown = datasets.field_rows(
        view.version,
        personal=view.personal,
        wanted=datasets.filter_of(request),
        profiles=profiles,
    )
    return render(
        request,
        "sharing/parts/profile.html",
        {
            "dataset_id": dataset,
            "query": datasets.query_of(resource, view.version),
            "fields": shown,
        },
    )


def _one_profile(request: HttpRequest, resource: Any, view: Any, name: str) -> HttpResponse:
    row = dataset_queries.field_of(view.version, name)
    values = describing.profile(view, actor=actor_of(request), names=[name]).get(name)
    shown = datasets.field_row(
        row, rows=view.version.rows_kept or 0, personal=view.personal, values=values
    )
    return render(
        request,
        "datasets/parts/field_values.html",
        {"dataset": {"id": resource.pk}, "field": shown, "fetched": False},
    )
