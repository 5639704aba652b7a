"""/api/v1: one ninja API put together from the apps' endpoints."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.utils import check_csrf

from simplr.base import errors
from simplr.base.actors import actor_of
from simplr.base.entry import NotSignedIn
from simplr_core.errors import Invalid

VERSION = "1"


class InputInvalid(Invalid):
    """What was sent does not fit the description of this operation."""

    code = "input-invalid"


def session_or_token(request: HttpRequest) -> bool:
    """Whoever comes with a cookie must bring the CSRF token too; a bearer's cookies do not count."""
    actor = actor_of(request)
    by_header = bool(request.headers.get("Authorization"))
    if not by_header and request.method not in {"GET", "HEAD", "OPTIONS"}:
        refused = check_csrf(request)
        if refused is not None:
            raise errors.ForgedRequest
    if not actor.is_known:
        raise NotSignedIn
    return True


api = NinjaAPI(
    title="Simplr",
    version=VERSION,
    description="Everything that the pages do. Errors are problem documents (RFC 9457).",
    urls_namespace="api",
    auth=session_or_token,
    docs_url=None,
    openapi_url="/openapi.json",
)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": item["msg"]}
        for item in error.errors
    ]
    return errors.answer(request, InputInvalid(errors=fields))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return errors.answer(request, NotSignedIn())


@api.exception_handler(Exception)
def _any(request: HttpRequest, error: Exception) -> HttpResponse:
    return errors.handle(request, error)
