"""Every address says who may enter, and every operation is in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from simplr.config.entry import OUTSIDE_VIEWS

KINDS = {"needs", "signed_in", "administrator", "auditor", "anyone"}


def patterns(found: list[Any], prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for one in found:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, route)
        else:
            yield route, one


def operations() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    resolve("/api/v1/health")
    from simplr.api.endpoints import api

    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, f"{prefix}{path}", operation.view_func


def rule_of(view: Callable[..., Any]) -> Any:
    while view is not None:
        if hasattr(view, "entry_rule"):
            return view.entry_rule
        view = getattr(view, "__wrapped__", None)  # type: ignore[assignment]
    return None


def test_every_page_says_who_may_enter() -> None:
    silent = []
    for route, pattern in patterns(get_resolver().url_patterns):
        view = pattern.callback
        module = getattr(view, "__module__", "") or ""
        view_class = getattr(view, "view_class", None)
        if view_class is not None:
            module = view_class.__module__
        if route.startswith("/api/v1/") or rule_of(view) is not None:
            continue
        if not any(module.startswith(prefix) for prefix in OUTSIDE_VIEWS):
            silent.append(f"{route} ({module})")

    assert silent == []


def test_every_operation_says_who_may_enter() -> None:
    found = list(operations())

    assert len(found) > 10
    assert [f"{method} {path}" for method, path, view in found if rule_of(view) is None] == []


def test_every_rule_is_one_that_the_matrix_knows_and_anyone_gives_a_reason() -> None:
    rules = [rule_of(view) for _, _, view in operations()]
    rules += [rule_of(pattern.callback) for _, pattern in patterns(get_resolver().url_patterns)]

    for rule in filter(None, rules):
        assert rule.kind in KINDS
        assert rule.kind != "anyone" or len(rule.because) > 10
        assert rule.kind != "needs" or (rule.action and rule.node)


def test_every_operation_is_in_the_openapi_document_under_its_own_name() -> None:
    described = resolve("/api/v1/openapi.json")
    assert described is not None
    from simplr.api.endpoints import api

    document = api.get_openapi_schema(path_prefix="/api/v1/")
    named = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]

    assert len(named) == len(set(named))
    assert len(named) == len(list(operations()))
