"""What leaves of a data set onto its pages: rows, profiles, quarantine."""

from __future__ import annotations

from collections import Counter
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
from simplr.sharing import quality as scores
from simplr.sharing.presenting import quality as presenting
from simplr.sharing.presenting.tables import ROWS, foot_of, formats, offset_in, table_of
from simplr.sharing.views_of_data import view_for
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
    except Refused:
        page["refusal"] = _(
            "You see what it is, not what is in it. Its owner can give you a role, or grant you a release."
        )
    except Invalid as error:
        page["problem"], status = error.message, 422
    else:
        total = None if page["where"] else version.rows_kept
        page["table"] = table_of(found, most=ROWS)
        page["page"] = foot_of(found=len(found.rows), offset=offset, total=total)
        if may(request, "download", dataset)["allowed"]:
            page["formats"] = formats(dataset, version=wanted, where=page["where"])
    return render(request, "sharing/rows.html", page, status=status)


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


@require_GET
@needs("describe", node="dataset")
def quality(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """What came in and what did not fit. The texts are for those who may change the data set."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    wanted = request.GET.get("version", "")
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset, wanted)
    page = datasets.frame(request, resource, version, tab="quality")
    page |= {
        "counts": datasets.counts_of(version),
        "quality": _score_of(request, dataset, wanted),
        "reasons": [],
        "rows": [],
        "refusal": "",
        "page": NO_PAGE,
    }
    if not page["may"]["describe"]["allowed"]:
        page["refusal"] = _("Those who may change the data set see them.")
        return render(request, "sharing/quality.html", page)
    cursor = request.GET.get("cursor", "")
    try:
        found = describing.quarantine(
            dataset_id=dataset,
            version=wanted,
            cursor=str(offset_in(cursor)),
            limit=ROWS,
            actor=actor_of(request),
        )
    except Refused:
        page["refusal"] = _("Those who may read the rows see them.")
        return render(request, "sharing/quality.html", page)
    items = found["items"]
    page["rows"] = [
        {
            "row": item["row"],
            "field": item["field"] or "",
            "value": item["raw"],
            "reason": reason_words(item["reason"]),
        }
        for item in items
    ]
    if not cursor and not found["next"]:
        tally = Counter((item["reason"], item["field"] or "") for item in items)
        page["reasons"] = [
            {"count": count, "reason": reason_words(reason), "field": field}
            for (reason, field), count in tally.most_common()
        ]
    page["page"] = {
        "shown": len(items),
        "total": None,
        "about": False,
        "next": found["next"],
        "first": not cursor,
    }
    return render(request, "sharing/quality.html", page)


def _score_of(request: HttpRequest, dataset: UUID, version: str) -> dict[str, Any] | None:
    """The score; none for somebody who may know of the data set and read nothing of it."""
    try:
        found = scores.quality_of(actor_of(request), dataset_id=dataset, version=version)
    except Refused:
        return None
    return presenting.quality(found)


def reason_words(code: str) -> str:
    """Why something did not fit, in words; the code itself where there are none."""
    return _reasons().get(code, code.replace("-", " "))


def _reasons() -> dict[str, str]:
    return {
        "too-few-cells": _("The row has too few cells."),
        "too-many-cells": _("The row has too many cells."),
        "comment": _("A line of comment among the rows."),
        "below-the-table": _("A note below the table."),
        "header-again": _("The names of the columns once more."),
        "empty-row": _("No cell of the row holds anything."),
        "total-row": _("A total of other rows."),
        "repeated-row": _("As an earlier row."),
        "key-missing": _("Its key is missing."),
        "key-twice": _("Its key occurs more than once in the file."),
        "key-ambiguous": _("Several rows of the data set have its key."),
        "not-text": _("No text."),
        "not-integer": _("No whole number."),
        "not-decimal": _("No number."),
        "other-unit": _("A number in another unit than the others, or in none."),
        "not-boolean": _("Neither yes nor no."),
        "not-date": _("No day, as the others are written."),
        "not-time": _("No time of day, as the others are written."),
        "not-datetime": _("No date and time, as the others are written."),
        "not-category": _("No category."),
    }
