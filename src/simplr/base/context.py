"""What the frame of every page needs. Kept small: it runs on each request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from simplr.base.actors import actor_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """The actor, the installation's name and the navigation entry that is open."""
    match = getattr(request, "resolver_match", None)
    return {
        "actor": actor_of(request),
        "installation_name": settings.ENV.organisation_name,
        "base_url": settings.BASE_URL,
        "open_view": match.view_name if match else "",
    }
