"""Finds out who acts: a token's person, a link's visitor, a session's person, or nobody."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from simplr.access import authentication


class ActorOfRequest:
    """Sets `request.actor`. A request with an Authorization header never uses its cookies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = authentication.actor_for(request)  # type: ignore[attr-defined]
        return self.get_response(request)
