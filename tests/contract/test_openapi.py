"""The OpenAPI document says what an endpoint really takes."""

from __future__ import annotations

import pytest

from simplr.api.endpoints import api
from simplr.config import urls as _every_endpoint  # noqa: F401 puts the API together


def _operations() -> list[tuple[str, str, dict[str, object]]]:
    document = api.get_openapi_schema()
    return [
        (method.upper(), path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def test_a_body_is_a_body_although_an_entry_rule_stands_before_it() -> None:
    create = next(
        one
        for method, path, one in _operations()
        if path.endswith("/projects") and method == "POST"
    )

    assert "requestBody" in create
    assert "parameters" not in create or create["parameters"] == []


def test_every_operation_is_named_for_people() -> None:
    unnamed = [
        (method, path)
        for method, path, operation in _operations()
        if str(operation["operationId"]).startswith("simplr_")
    ]

    assert unnamed == [], "give operation_id, as in simplr_client.operations"


@pytest.mark.parametrize("part", ["summary", "responses"])
def test_every_operation_is_described(part: str) -> None:
    assert [(m, p) for m, p, operation in _operations() if not operation.get(part)] == []
