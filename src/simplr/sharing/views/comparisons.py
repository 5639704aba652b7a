"""The page that says what changed from one version to another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.datasets import presenting as datasets
from simplr.resources import queries as resources
from simplr.sharing import comparing
from simplr.sharing.presenting import comparisons as presenting
from simplr_core.errors import NotFound, Refused, SimplrError


@require_GET
@needs("describe", node="dataset")
def compare(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """What changed between two versions: the last two, or those asked for."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    resource, newest = datasets.dataset_of(dataset), resources.version_of(dataset)
    wanted = {
        "after": request.GET.get("after", "") or str(newest.number),
        "before": request.GET.get("before", "") or str(max(1, newest.number - 1)),
        "key": request.GET.get("key", "")[:500].strip(),
    }
    page = datasets.frame(request, resource, newest, tab="versions") | {
        "wanted": wanted,
        "versions": [row["number"] for row in datasets.versions_of(resource)],
        "names": [],
        "refusal": "",
        "problem": "",
        "waiting": False,
        "found": None,
    }
    status = 200
    try:
        page |= _found(request, dataset, wanted, whole="whole" in request.GET)
    except Refused:
        page["refusal"] = _("Those who may read the rows see what changed in them.")
    except SimplrError as error:
        if error.status not in {404, 422}:
            raise
        page["problem"], status = error.message, 422
        if isinstance(error, NotFound) and newest.number == 1:
            page["problem"], status = "", 200
        if isinstance(error, comparing.SameVersion) and newest.number == 1:
            page["problem"], status = _("There is only one version yet."), 200
    return render(request, "sharing/compare.html", page, status=status)


def _found(
    request: HttpRequest, dataset: UUID, wanted: dict[str, str], *, whole: bool
) -> dict[str, Any]:
    actor = actor_of(request)
    seen = comparing.seen_by(
        actor, dataset_id=dataset, before=wanted["before"], after=wanted["after"]
    )
    typed = [name.strip() for name in wanted["key"].split(",") if name.strip()]
    row = comparing.comparison_of(seen, key=[] if whole else typed or None)
    found = comparing.reading(row, actor=actor)
    return {
        "wanted": {**wanted, "key": ", ".join(row.key), "whole": whole},
        "names": seen.in_both,
        "waiting": row.state == "waiting",
        "problem": row.error_message,
        "found": presenting.page(found) if found is not None else None,
    }
