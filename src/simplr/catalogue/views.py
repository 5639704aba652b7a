"""The page on which everything is found that one may know of."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from simplr.base.actors import actor_of
from simplr.base.entry import signed_in
from simplr.base.views_frame import foot
from simplr.catalogue import queries


@require_GET
@signed_in
def find(request: HttpRequest) -> HttpResponse:
    """Words of titles, descriptions and names of fields; never of cells."""
    words, kind = request.GET.get("q", "")[:200].strip(), request.GET.get("kind", "")
    kind = kind if kind in {"dataset", "file", "project"} else ""
    cursor = request.GET.get("cursor", "")
    page = queries.found(actor_of(request), words=words, kind=kind, cursor=cursor)
    return render(
        request,
        "catalogue/find.html",
        {"q": words, "kind": kind, "results": page.items, "page": foot(page, cursor=cursor)},
    )
