"""Who signed in in this browser, read in one statement with his session."""

from __future__ import annotations

from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from simplr.accounts.adapters import person_known
from simplr.accounts.sessions import SessionStore


class PersonOfSession(AuthenticationMiddleware):
    """Django's own middleware, which would ask for the person once more."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person_of(request))  # type: ignore[assignment]


def _person_of(request: HttpRequest) -> object:
    found = getattr(request, "_cached_user", None)  # where Django keeps it, and others look
    if found is None:
        session = request.session
        session.get(auth.SESSION_KEY)  # it is loaded now, and its person with it
        with person_known(session.person if isinstance(session, SessionStore) else None):
            found = auth.get_user(request)
        request._cached_user = found  # type: ignore[attr-defined]
    return found
