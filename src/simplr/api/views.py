"""The API as a page for people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from simplr.api import document
from simplr.base.entry import signed_in


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Every operation, readable without script."""
    return render(request, "api/page.html", document.page())
