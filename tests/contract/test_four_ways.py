"""Pages, API, command line and client cannot drift apart: the OpenAPI document against the list.

That the list is true of the client is tested in tests/unit/client.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from simplr.api.endpoints import api
from simplr.config import urls as _every_endpoint  # noqa: F401 puts the API together
from simplr_client.operations import OPERATIONS

METHODS = {"get", "head", "post", "put", "patch", "delete"}


def _shape(path: str) -> str:
    """A path without the names of its parts: a client need not call them as the server does."""
    return re.sub(r"\{[^}]+\}", "{}", path.removeprefix("/api/v1"))


@pytest.fixture(scope="module")
def served() -> dict[tuple[str, str], str]:
    """What the server says it does: (method, shape of the path) to operation id."""
    document: dict[str, Any] = api.get_openapi_schema()
    return {
        (method.upper(), _shape(path)): operation["operationId"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    }


LISTED = {(one.method, _shape(one.path)): one.id for one in OPERATIONS}


def test_every_operation_of_the_api_has_its_client_method_and_command(
    served: dict[tuple[str, str], str],
) -> None:
    assert sorted(set(served.items()) - set(LISTED.items())) == []


def test_every_client_method_and_command_has_its_operation(
    served: dict[tuple[str, str], str],
) -> None:
    assert sorted(set(LISTED.items()) - set(served.items())) == []


def test_no_operation_is_listed_twice() -> None:
    assert len(LISTED) == len(OPERATIONS)
    assert len({one.id for one in OPERATIONS}) == len(OPERATIONS)
