"""What every request passes: an identity, one place for errors, rules for bodies."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from simplr.base import errors, events, metrics, once
from simplr.base.addresses import network_of
from simplr.base.ids import new_id
from simplr_core.errors import Invalid

Answer = Callable[[HttpRequest], HttpResponse]


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class LengthNeeded(Invalid):
    """Say how long the body is: a body of unknown length is not taken."""

    code = "length-needed"
    status = 411


class Measured:
    """Counts each request by the operation that answered it, and times it until it is answered."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response: HttpResponseBase = self.get_response(request)
        took = time.perf_counter() - began
        match = request.resolver_match
        # `none`: there is no such address, or the request was answered before it was looked up.
        operation = (match.view_name if match is not None else "") or "none"
        method = request.method if request.method in METHODS else "other"
        metrics.REQUESTS.labels(operation, method, response.status_code).inc()
        metrics.REQUEST_SECONDS.labels(operation, method).observe(took)
        if isinstance(response, StreamingHttpResponse):
            response.streaming_content = _counted(response.streaming_content)
        return response


def _counted(content: Any) -> Iterator[bytes]:
    metrics.STREAMS.inc()
    try:
        for piece in content:
            metrics.STREAMED.inc(len(piece))
            yield piece
    finally:
        metrics.STREAMS.dec()


class RequestIdentity:
    """Gives each request an id that its events, its log lines and its error answer share."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = events.request_id.set(new_id())
        came_from = events.network.set(network_of(request))
        try:
            with once.one_answer():
                response = self.get_response(request)
            response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            if "Cache-Control" not in response and not request.path.startswith("/static/"):
                response["Cache-Control"] = "private, no-store"
            return response
        finally:
            events.network.reset(came_from)
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
