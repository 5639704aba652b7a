"""The page of the quality score and of what did not fit, by reason."""

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
from simplr.sharing import quality as scores
from simplr.sharing import quarantine as aside
from simplr.sharing.presenting import quality as presenting
from simplr.sharing.presenting import quarantine as presenting_aside
from simplr_core.errors import Refused

MOST_REASONS = 12


@require_GET
@needs("describe", node="dataset")
def quality(request: HttpRequest, dataset: UUID) -> HttpResponse:
    """What came in and what did not fit. The reasons are for those who may change the data set."""
    if elsewhere := datasets.to_the_received(request):
        return elsewhere
    wanted = request.GET.get("version", "")
    resource, version = datasets.dataset_of(dataset), resources.version_of(dataset, wanted)
    page = datasets.frame(request, resource, version, tab="quality")
    page |= {
        "counts": datasets.counts_of(version, personal=request.verdict.personal),  # type: ignore[attr-defined]
        "quality": _score_of(request, dataset, wanted),
        "reasons": [],
        "more_reasons": 0,
        "refusal": "",
    }
    if not page["may"]["describe"]["allowed"]:
        page["refusal"] = _("Those who may change the data set see them.")
        return render(request, "sharing/quality.html", page)
    try:
        found = aside.groups_of(dataset_id=dataset, version=wanted, actor=actor_of(request))
    except Refused:
        page["refusal"] = _("Those who may read the rows see them.")
        return render(request, "sharing/quality.html", page)
    groups = presenting_aside.groups(found["groups"], dataset_id=dataset, version=wanted)
    page["reasons"] = groups[:MOST_REASONS]
    page["more_reasons"] = len(groups) - len(page["reasons"])
    return render(request, "sharing/quality.html", page)


def _score_of(request: HttpRequest, dataset: UUID, version: str) -> dict[str, Any] | None:
    """The score; none for somebody who may know of the data set and read nothing of it."""
    try:
        found = scores.quality_of(actor_of(request), dataset_id=dataset, version=version)
    except Refused:
        return None
    return presenting.quality(found)
