"""The page of all parts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from simplr.base.entry import administrator
from simplr.base.parts import every_part


@administrator
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the pages once, with made-up values, for whoever builds or translates them."""
    return render(request, "simplr/parts.html", every_part(timezone.now()))
