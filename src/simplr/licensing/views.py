"""Ending a licence from the page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from simplr.base.actors import actor_of
from simplr.base.entry import administrator
from simplr.licensing import services


@require_POST
@administrator
def revoke(request: HttpRequest, licence: UUID) -> HttpResponse:
    """End a licence now."""
    services.revoke_licence(licence_id=licence, actor=actor_of(request))
    return redirect("operations:installation-licences")
