"""The page of all parts, and the client that programs install."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from simplr.base import client_wheel, r_package
from simplr.base.entry import administrator, anyone
from simplr.base.parts import every_part
from simplr_core.errors import NotFound


@administrator
@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part of the pages once, with made-up values, for whoever builds or translates them."""
    return render(request, "simplr/parts.html", every_part(timezone.now()))


@anyone(because="the clients are public: they hold no data and no secret")
@require_GET
def client_file(request: HttpRequest, name: str) -> HttpResponse:
    """The Python client of this installation, for pip, and the R package, for install.packages."""
    made = {
        client_wheel.wheel_name(): client_wheel.wheel,
        r_package.archive_name(): r_package.archive,
    }
    if name not in made:
        raise NotFound
    response = HttpResponse(made[name](), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
