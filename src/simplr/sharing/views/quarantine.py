"""The page of what did not fit: by field and reason, entry by entry, and the forms that mend it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.views_frame import may
from simplr.datasets import presenting as datasets
from simplr.resources import queries as resources
from simplr.sharing import mending
from simplr.sharing import quarantine as aside
from simplr.sharing.presenting import mending as presenting_mending
from simplr.sharing.presenting import quarantine as presenting
from simplr.sharing.presenting.tables import ROWS, offset_in
from simplr.sharing.views.data import NO_PAGE
from simplr_core.errors import NotFound, Refused, SimplrError


@require_GET
@needs("describe", node="dataset")
def quarantine(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """What did not fit, for those who may change the data set and read its rows."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    return _page(request, dataset)


@require_POST
@needs("write", node="dataset")
def mend(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """Mend a group, a cell or a row as its form says, or show first what would fit."""
    typed = presenting_mending.typed(request.POST)
    wish = aside.Wish(field=typed.field, reason=typed.reason)
    try:
        view = mending.seen_by(
            actor_of(request), dataset_id=dataset, version=request.POST.get("version", "")[:40]
        )
        asked = mending.Asked(changes=typed.changes)
        if typed.is_trial:
            tried = mending.preview(view, asked, actor=actor_of(request))
            shown = presenting_mending.trial(tried, names=list(view.schema.names))
            return _page(request, dataset, wish=wish, typed=typed, trial=shown)
        row = mending.begin(view, asked, actor=actor_of(request))
    except SimplrError as error:
        if error.status not in {404, 409, 422} or type(error) is NotFound:
            raise
        return _page(request, dataset, wish=wish, typed=typed, problem=error.message, status=422)
    if row.state == "waiting":
        return redirect(presenting.address(dataset, "", aside.EVERYTHING) + f"?mending={row.id}")
    messages.success(request, presenting_mending.done(row))
    return redirect(presenting.address(dataset, "", aside.EVERYTHING))


def _page(
    request: HttpRequest,
    dataset: UUID,
    *,
    wish: aside.Wish | None = None,
    typed: presenting_mending.Typed = presenting_mending.NOTHING,
    trial: list[dict[str, Any]] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    wanted = request.GET.get("version", "")
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset, wanted)
    page = datasets.frame(request, resource, version, tab="quality") | {
        "counts": datasets.counts_of(version, personal=request.verdict.personal),  # type: ignore[attr-defined]
        "reasons": [],
        "refusal": "",
        "chosen": None,
        "rows": [],
        "page": NO_PAGE,
        "formats": [],
        "typed": typed,
        "trial": trial or [],
        "problem": problem,
        "working": None,
    }
    if not page["may"]["describe"]["allowed"]:
        page["refusal"] = _("Those who may change the data set see them.")
        return render(request, "sharing/quarantine.html", page)
    hides_rows = not request.verdict.personal and page["dataset"]["personal_count"] > 0  # type: ignore[attr-defined]
    try:
        page |= _found(request, dataset, wish or _wish_of(request), hides_rows=hides_rows)
        page["working"] = _working(request, dataset)
    except Refused:
        page["refusal"] = _("Those who may read the rows see them.")
    page["may_mend"] = not page["dataset"]["query"]
    return render(request, "sharing/quarantine.html", page, status=status)


def _wish_of(request: HttpRequest) -> aside.Wish:
    return aside.Wish(
        field=request.GET.get("field", "")[:200], reason=request.GET.get("reason", "")[:60]
    )


def _found(
    request: HttpRequest, dataset: UUID, wish: aside.Wish, *, hides_rows: bool
) -> dict[str, Any]:
    actor, version = actor_of(request), request.GET.get("version", "")
    offset = offset_in(request.GET.get("cursor", ""))
    view = aside.view_of(actor, dataset_id=dataset, version=version)
    groups = aside.groups_of(dataset_id=dataset, version=version, actor=actor)["groups"]
    found = aside.page_of(
        dataset_id=dataset,
        version=version,
        cursor=str(offset),
        limit=ROWS,
        actor=actor,
        wish=wish,
    )
    names = [] if hides_rows else list(view.schema.names)
    return {
        "reasons": presenting.groups(groups, dataset_id=dataset, version=version, wish=wish),
        "chosen": presenting.chosen(
            wish, view, dataset_id=dataset, version=version, hides_rows=hides_rows
        ),
        "rows": presenting.entries(found["items"], hides_rows=hides_rows, names=names),
        "page": {
            "shown": len(found["items"]),
            "total": sum(group["count"] for group in groups if presenting.is_in(group, wish)),
            "about": False,
            "next": found["next"],
            "first": offset == 0,
        },
        "formats": presenting.formats(dataset, version, wish)
        if groups and may(request, "download", dataset)["allowed"]
        else [],
    }


def _working(request: HttpRequest, dataset: UUID) -> dict[str, Any] | None:
    """How far the mending is that the address names."""
    try:
        wanted = UUID(request.GET.get("mending", ""))
    except ValueError:
        return None
    row = mending.mending_for(actor_of(request), dataset_id=dataset, mending_id=wanted)
    return presenting_mending.working(row)
