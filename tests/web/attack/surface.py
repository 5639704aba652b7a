"""Everything that can be asked of the installation: from the URL table, not from a list of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from simplr.api.endpoints import api

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
_METHODS_OF_PAGES = ("GET", "POST")


@dataclass(frozen=True, order=True)
class Endpoint:
    """One method of one address. Its places stand as `<name>`."""

    route: str
    method: str
    operation: str = ""
    """The operation id of an API endpoint; the URL name of a page."""

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(_PLACE.findall(self.route))

    def address(self, values: dict[str, str]) -> str:
        """The address with its places filled; a place without a value gets a word."""
        return "/" + _PLACE.sub(lambda found: values.get(found.group(1), "x"), self.route)

    @property
    def key(self) -> str:
        return f"{self.method} /{_PLACE.sub(lambda found: '<' + found.group(1) + '>', self.route)}"


def operations() -> Iterator[Endpoint]:
    """Every operation of the API."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        route = re.sub(r"\{(\w+)\}", r"<\1>", path).lstrip("/")
        for method, operation in methods.items():
            yield Endpoint(route, method.upper(), operation["operationId"])


def pages() -> Iterator[Endpoint]:
    """Every page and form of the product; those of the sign-in library are tested with sign-in."""
    for route, pattern in _patterns(get_resolver().url_patterns):
        if route.startswith(("api/", "static/")) or not _is_ours(pattern):
            continue
        for method in _METHODS_OF_PAGES:
            yield Endpoint(route, method, pattern.name or "")


def _is_ours(pattern: URLPattern) -> bool:
    return str(getattr(pattern.callback, "__module__", "")).startswith("simplr.")


def _patterns(patterns: object, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:  # type: ignore[attr-defined]
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, route)
        else:
            yield route, pattern


def everything() -> list[Endpoint]:
    """Every endpoint once, in a fixed order."""
    return sorted({*operations(), *pages()})
