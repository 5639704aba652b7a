"""What every request passes: an identity, one place for errors, rules for bodies."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from simplr.base import errors, events
from simplr.base.ids import new_id
from simplr_core.errors import Invalid

Answer = Callable[[HttpRequest], HttpResponse]


class LengthNeeded(Invalid):
    """Say how long the body is: a body of unknown length is not taken."""

    code = "length-needed"
    status = 411


class RequestIdentity:
    """Gives each request an id that its events, its log lines and its error answer share."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = events.request_id.set(new_id())
        try:
            response = self.get_response(request)
            response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            if "Cache-Control" not in response and not request.path.startswith("/static/"):
                response["Cache-Control"] = "private, no-store"
            return response
        finally:
            events.request_id.reset(token)


class ErrorAnswers:
    """Turns every error into a page or a problem document; lets none out with its inside."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self.get_response(request)
        except Exception as error:
            return errors.handle(request, error)
        if response.status_code == 405:
            allowed = response.get("Allow", "")
            response = errors.answer(request, errors.MethodNotAllowed())
            response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        return errors.handle(request, error)


class BodyRules:
    """Refuses a body of unknown length (WSGI would show an empty one) and one that is too long."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return errors.answer(request, errors.BadText())
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            return errors.answer(request, LengthNeeded())
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit():
            return errors.answer(request, LengthNeeded())
        if int(length) > settings.ENV.upload_limit_bytes:
            return errors.answer(request, errors.TooLarge(limit=settings.ENV.upload_limit_bytes))
        return self.get_response(request)
