"""/api/v1: one ninja API put together from the apps' endpoints."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.utils import check_csrf

from simplr.base import errors
from simplr.base.actors import actor_of
from simplr.base.entry import NotSignedIn
from simplr_core.errors import Invalid

VERSION = "1"


class InputInvalid(Invalid):
    """What was sent does not fit the description of this operation."""

    code = "input-invalid"


class NotJson(Invalid):
    """What was sent is not JSON in UTF-8."""

    code = "not-json"
    status = 400


DEEPEST = 64


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _check(value: Any, depth: int = 0) -> None:
    """Refuses what no text of ours may hold, wherever it stands, and what is nested too deeply."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("a text holds no NUL character")
        value.encode()  # half a surrogate pair is no text
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)


class StrictParser(Parser):
    """JSON as RFC 8259 has it: no NaN, no NUL, no half characters, not too deep."""

    def parse_body(self, request: HttpRequest) -> Any:
        value = json.loads(request.body, parse_constant=_no_constant)
        _check(value)
        return value


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


class Api(NinjaAPI):
    """Makes its own description once: it takes a second, and the addresses never change."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._described:
            self._described[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._described[prefix]


api = Api(
    title="Simplr",
    version=VERSION,
    description="Everything that the pages do. Errors are problem documents (RFC 9457).",
    urls_namespace="api",
    auth=session_or_token,
    parser=StrictParser(),
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


@api.exception_handler(HttpError)
def _not_read(request: HttpRequest, error: HttpError) -> HttpResponse:
    return errors.answer(request, NotJson())


@api.exception_handler(Exception)
def _any(request: HttpRequest, error: Exception) -> HttpResponse:
    return errors.handle(request, error)
