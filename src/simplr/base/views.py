"""The page of all parts, and the client that programs install."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from simplr.base import client_wheel
from simplr.base.entry import administrator, anyone
from simplr.base.parts import every_part
from simplr_core.errors import NotFound


@administrator
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the pages once, with made-up values, for whoever builds or translates them."""
    return render(request, "simplr/parts.html", every_part(timezone.now()))


@anyone(because="the client is public: it holds no data and no secret")
@require_GET
def client_wheel_file(request: HttpRequest, name: str) -> HttpResponse:
    """The Python client of this installation, for pip."""
    if name != client_wheel.wheel_name():
        raise NotFound
    response = HttpResponse(client_wheel.wheel(), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
