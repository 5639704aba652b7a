"""One place turns every error into an answer: a problem document (RFC 9457) or a page.

Deliberate errors keep their code and sentence. Anything else is a bug: it is logged with a
request id, recorded in the ledger, and answered without a word about what went wrong inside.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DatabaseError, DataError, OperationalError, transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from simplr.base import events
from simplr.base.actors import actor_of
from simplr_core.errors import Invalid, NotFound, Refused, SimplrError, Unavailable

log = logging.getLogger("simplr.errors")


class ForgedRequest(Refused):
    """The page was open too long or the request came from elsewhere. Open it again."""

    code = "forged-request"


class TooLarge(Invalid):
    """It is larger than this installation takes."""

    code = "too-large"
    status = 413


class BadText(Invalid):
    """A text holds a character that no text may hold."""

    code = "bad-text"


class DatabaseAway(Unavailable):
    """The database does not answer. Try again in a moment."""

    code = "database-away"


class Broken(SimplrError):
    """Something is broken on our side. It has been noted."""

    code = "internal"
    status = 500


def deliberate(error: Exception) -> SimplrError:
    """The deliberate error that stands for any exception; Broken for a bug."""
    if isinstance(error, SimplrError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, PermissionDenied):
        return Refused()
    if isinstance(error, BadRequest | SuspiciousOperation | DataError):
        return Invalid()
    if isinstance(error, ValueError) and _is_no_text(error):
        return BadText()
    if isinstance(error, RecursionError):
        return Invalid(_("It is nested too deeply."))
    if isinstance(error, OperationalError):
        return DatabaseAway()
    return Broken()


def _is_no_text(error: ValueError) -> bool:
    """PostgreSQL's driver met a NUL character or half a surrogate pair."""
    return isinstance(error, UnicodeEncodeError) or "NUL (0x00)" in str(error)


def wants_problem(request: HttpRequest) -> bool:
    """Programs get a problem document, people a page."""
    if request.path.startswith("/api/"):
        return True
    return "application/json" in request.headers.get("Accept", "")


def problem(error: SimplrError) -> dict[str, Any]:
    """The problem document of a deliberate error."""
    answer: dict[str, Any] = {
        "type": f"about:blank#{error.code}",
        "title": (type(error).__doc__ or "").strip().splitlines()[0],
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    }
    for key, value in error.details.items():
        answer.setdefault(
            key, value if isinstance(value, str | int | float | bool | list | dict) else str(value)
        )
    if identity := events.request_id.get():
        answer["request_id"] = str(identity)
    return answer


def _comes_by_browser(request: HttpRequest) -> bool:
    """Somebody opened an address; what a form or a program sent is not thrown away."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")


def answer(request: HttpRequest, error: SimplrError) -> HttpResponse:
    """A deliberate error as the reader wants it."""
    if wants_problem(request):
        response: HttpResponse = JsonResponse(
            problem(error), status=error.status, content_type="application/problem+json"
        )
    elif request.headers.get("HX-Request") == "true":
        response = render(
            request,
            "simplr/errors/problem.html",
            {"problem": problem(error)},
            status=error.status,
        )
    elif error.status == 401 and _comes_by_browser(request):
        sign_in = reverse(settings.LOGIN_URL)
        response = HttpResponseRedirect(f"{sign_in}?{urlencode({'next': request.get_full_path()})}")
    else:
        template = "sealed" if error.code == "sealed" else str(error.status)
        response = render(
            request,
            [f"simplr/errors/{template}.html", "simplr/errors/error.html"],
            {"error": error, "problem": problem(error)},
            status=error.status,
        )
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="simplr"'
    if error.status == 416:
        response["Content-Range"] = f"bytes */{error.details['size']}"
    if error.status in {429, 503}:
        response["Retry-After"] = str(error.details.get("retry_after", 5))
    response["Cache-Control"] = "no-store"
    return response


def note(request: HttpRequest, error: SimplrError, cause: Exception) -> None:
    """Put refusals and faults into the ledger; log bugs with their trace."""
    if error.status == 500:
        log.error(
            "unexpected %s",
            type(cause).__name__,
            exc_info=cause if error.code == "internal" else None,
            extra={"event.code": events.Event.ERROR_RAISED.value},
        )
    if error.status not in {401, 403, 404, 500}:
        return
    if error.status in {401, 404} and actor_of(request).kind == "anonymous":
        return
    verdict_node = getattr(request, "resolver_match", None)
    match = verdict_node.view_name if verdict_node else ""
    code = events.Event.ERROR_RAISED if error.status == 500 else events.Event.ENTRY_REFUSED
    try:
        with transaction.atomic():
            events.record(
                code=code,
                actor=actor_of(request),
                outcome="failed" if error.status == 500 else "refused",
                node_id=getattr(request, "asked_node", None),
                details={"view": match, "reason": error.code} | _asked(request),
            )
    except (SimplrError, DatabaseError):
        log.exception("the ledger did not take a refusal")


def _asked(request: HttpRequest) -> dict[str, str]:
    """A digest of the address, where no thing is named: so that asking for many is noticed."""
    if getattr(request, "asked_node", None) is not None:
        return {}
    return {"asked": hashlib.sha256(request.path.encode()).hexdigest()[:12]}


def handle(request: HttpRequest, cause: Exception) -> HttpResponse:
    """Answer any exception of a view."""
    error = deliberate(cause)
    note(request, error, cause)
    return answer(request, error)


class MethodNotAllowed(Invalid):
    """This address does not do that."""

    code = "method-not-allowed"
    status = 405


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's hook for an address that does not exist."""
    return answer(request, NotFound())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's hook for a request that it does not take."""
    return answer(request, deliberate(exception))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's hook for a request without a valid CSRF token."""
    error = ForgedRequest()
    note(request, error, error)
    return answer(request, error)
