"""Finds out who acts: a token's person, a link's visitor, a session's person, or nobody."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from simplr.access import authentication
from simplr.base.errors import answer, note, wants_problem
from simplr_core.errors import Refused, SimplrError

OPEN_WITHOUT_LICENCE = (
    "/api/v1/health",
    "/account/",
    "/static/",
    "/welcome/",
    "/invitation/",
    "/l/",
    "/.well-known/",
    "/oauth/token",
    "/oauth/device",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/keys",
    "/oauth/userinfo",
)


class NoLicence(Refused):
    """You have no licence at the moment. An administrator of this installation can give it."""

    code = "no-licence"


class ActorOfRequest:
    """Sets `request.actor`. A request with an Authorization header never uses its cookies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            actor = authentication.actor_for(request)
        except authentication.TokenSuspended as error:
            request.actor = error.actor  # type: ignore[attr-defined]
            note(request, error, error)
            return answer(request, error)
        except SimplrError as error:  # too many tries: Django hides it from outer middleware
            return answer(request, error)
        request.actor = actor  # type: ignore[attr-defined]
        if (
            actor.kind == "anonymous"
            and not request.headers.get("Authorization")
            and request.user.is_authenticated
            and not request.path.startswith(OPEN_WITHOUT_LICENCE)
        ):
            if wants_problem(request):
                return answer(request, NoLicence())
            return redirect("accounts:waiting")
        return self.get_response(request)
