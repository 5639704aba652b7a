"""The metrics, for a Prometheus server: by its address, or by a token."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from simplr.base.addresses import comes_from
from simplr.base.entry import administrator, anyone
from simplr.base.schemas import Problem
from simplr.operations import metrics

router = Router(tags=["installation"], auth=None)
PROBLEMS = {401: Problem, 403: Problem, 422: Problem, 503: Problem}


@router.get("/metrics", response={200: None, **PROBLEMS}, operation_id="show_metrics")
@anyone(because="it answers addresses that a setting names, else administrators alone")
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Counts and measures of the whole installation, in Prometheus' text format."""
    if comes_from(request, settings.ENV.metrics_from):
        return _exposition(request)
    return _for_administrators(request)


@administrator(scope="installation:read")
def _for_administrators(request: HttpRequest) -> HttpResponse:
    return _exposition(request)


def _exposition(request: HttpRequest) -> HttpResponse:
    content, kind = metrics.exposition(accept=request.headers.get("Accept", ""))
    return HttpResponse(content, content_type=kind)
