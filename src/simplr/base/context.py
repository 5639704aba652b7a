"""What the frame of every page needs. Kept small: it runs on each request."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from simplr.base.actors import actor_of
from simplr.base.navigation import navigation


def frame(request: HttpRequest) -> dict[str, Any]:
    """The actor, the installation's name, and the ways that the rail offers on this page.

    The ways are found only when a page shows them: an error page must not ask the database.
    """
    match = getattr(request, "resolver_match", None)
    return {
        "actor": actor_of(request),
        "installation_name": settings.ENV.organisation_name,
        "base_url": settings.BASE_URL,
        "open_view": match.view_name if match else "",
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        # Set when an administrator signs in by a password alone; not said where she mends it.
        "needs_factor": SimpleLazyObject(lambda: _needs_factor(request)),
    }


def _needs_factor(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    match = getattr(request, "resolver_match", None)
    if session is None or (match and match.view_name == "mfa_add_webauthn"):
        return False
    return bool(session.get("simplr-needs-factor"))
