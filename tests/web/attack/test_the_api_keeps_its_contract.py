"""Row 44: whatever is sent to the API, it answers as its OpenAPI document says, and never breaks.

Every operation, for several kinds of visitor, with values that broke stock frameworks: NUL, half
characters, a hundred thousand brackets, numbers beyond 64 bits, wrong types, broken ids, cursors
and days; and with values that hypothesis makes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.institute import Institute

from simplr.access import services as access
from simplr.api.endpoints import api
from simplr_core.access import Action

NOTHING = "01890000-0000-7000-8000-000000000000"
ALWAYS = {405, 411, 413}
"""What any address may answer before an operation is reached."""
NASTY: list[Any] = [
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 300_000,
    "🙂" * 500,
    "'; drop table access_node; --",
    "%s%n{0}",
    "../../etc/passwd",
    "9" * 30,
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-13-45",
    2**63,
    -(2**63) - 1,
    10**400,
    1e308,
    -1,
    0,
    True,
    None,
    [],
    {},
    [[]],
    {"kind": ["keep"]},
    {"kind": "top-code", "at": 10**400},
    [None],
]
QUERY = [
    "\x00",
    "9" * 40,
    "-1",
    "1e5",
    "nan",
    "x" * 5000,
    "é\u202e",
    "²",
    "=1+1",
    "2026-02-30",
    "9999-12-31T23:59:59-23:59",
    "true; select 1",
    "(" * 3000,
    "a=" * 500,
]
Operation = tuple[str, str, dict[str, Any]]


def operations() -> list[Operation]:
    """Every operation with its own part of the document."""
    return [
        (method.upper(), path, operation)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    ]


OPERATIONS = operations()
LEFT_OUT = {"export_ledger"}
"""Its answer is a stream of the whole ledger; it takes no value."""


@pytest.fixture(scope="module")
def visitors(institute: Institute, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    with django_db_blocker.unblock():
        link = access.give_grant(
            node_id=institute.dataset.pk,
            to=access.Grantee(link=True),
            actions=[Action.READ],
            actor=institute.actor("steward"),
            release_id=institute.release.pk,
            until=timezone.now() + timedelta(days=1),
        )
        made: dict[str, Any] = {}
        for role in ("owner", "colleague", "administrator", "auditor", "link", "anonymous"):
            client = Client(raise_request_exception=False)
            if role not in {"link", "anonymous"}:
                client.force_login(getattr(institute, role))
            header = {"Authorization": f"Link {link.link_secret}"} if role == "link" else {}
            made[role] = (client, header)
        yield made


def _ids(institute: Institute) -> dict[str, str]:
    return {
        "project": str(institute.project.pk),
        "dataset": str(institute.dataset.pk),
        "resource": str(institute.dataset.pk),
        "release": str(institute.release.pk),
        "grant": str(institute.grant_id),
        "name": "ward",
        "job": "1",
    }


def _address(path: str, ids: dict[str, str]) -> str:
    for place in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace("{" + place + "}", ids.get(place, NOTHING))
    return path


def _check(operation: dict[str, Any], response: Any, sent: str) -> list[str]:
    """What is wrong with an answer, in words."""
    status = response.status_code
    known = {int(code) for code in operation["responses"]} | ALWAYS
    wrong = []
    if status >= 500 or status not in known:
        wrong.append(f"{operation['operationId']}: {status} for {sent[:120]}")
    content = b"" if response.streaming else response.content
    if response.streaming and status < 400:
        try:
            for _ in response.streaming_content:
                pass
        except Exception as error:
            wrong.append(f"{operation['operationId']}: {type(error).__name__} for {sent[:120]}")
    if status >= 400:
        if response["Content-Type"] != "application/problem+json":
            wrong.append(f"{operation['operationId']}: no problem document for {sent[:120]}")
        elif response.request["REQUEST_METHOD"] == "HEAD":
            pass  # it has no body
        elif not {"type", "title", "status", "code", "detail"} <= set(json.loads(content)):
            wrong.append(f"{operation['operationId']}: an incomplete problem for {sent[:120]}")
    return wrong


def _sent(
    visitor: Any, operation: dict[str, Any], method: str, address: str, body: str = ""
) -> list[str]:
    client, headers = visitor
    before = transaction.savepoint()
    try:
        response = client.generic(
            method,
            address,
            body.encode("utf-8", "surrogatepass"),
            "application/json",
            headers=headers,
        )
        return _check(operation, response, f"{method} {address[:100]} {body[:100]!r}")
    finally:
        transaction.savepoint_rollback(before)


EVERY = pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.prove)])
"""Each operation with each so manieth value; which ones, goes round from operation to operation."""
ALWAYS_ASKED = {"\x00"}
"""Whatever broke an operation here before is asked of each of them."""


@EVERY
@pytest.mark.parametrize("role", ["owner", "administrator", "link"])
def test_no_query_breaks_an_operation(
    institute: Institute, visitors: dict[str, Any], role: str, every: int
) -> None:
    wrong = []
    for number, (method, path, operation) in enumerate(OPERATIONS):
        if operation["operationId"] in LEFT_OUT:
            continue
        places = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
        address = _address(path, _ids(institute))
        tried = QUERY[:1] if not places else QUERY if method == "GET" else QUERY[:4]
        for at, value in enumerate(tried):
            if at % every != number % every and value not in ALWAYS_ASKED:
                continue
            named = places[at % len(places) :][:1] if places else ["unknown"]
            query = urlencode(dict.fromkeys(named, value))
            wrong += _sent(visitors[role], operation, method, f"{address}?{query}")
    assert wrong == []


@EVERY
@pytest.mark.parametrize("role", ["owner", "administrator", "anonymous"])
def test_no_body_breaks_an_operation(
    institute: Institute, visitors: dict[str, Any], role: str, every: int
) -> None:
    wrong = []
    document = api.get_openapi_schema()["components"]["schemas"]
    for number, (method, path, operation) in enumerate(OPERATIONS):
        taken = operation.get("requestBody", {"content": {}})["content"]
        if "application/json" not in taken:
            continue  # no body, or the bytes of a file
        address = _address(path, _ids(institute))
        content = taken["application/json"]["schema"]
        fields = list(document[content["$ref"].rsplit("/", 1)[1]]["properties"])
        bodies = ["", "{", "[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 5000, "NaN"]
        bodies += [json.dumps(value) for value in ("a", 1, [], None)]
        bodies += [json.dumps(dict.fromkeys(fields, value)) for value in NASTY]
        for body in bodies[number % every :: every]:
            wrong += _sent(visitors[role], operation, method, address, body)
    assert wrong == []


@pytest.mark.parametrize("bad", ["x", "%00", "..%2f", "0" * 36, "9" * 30, "%ff", "é", "a b"])
def test_no_id_breaks_an_operation(visitors: dict[str, Any], bad: str) -> None:
    wrong = []
    for method, path, operation in OPERATIONS:
        if "{" in path:
            address = "/".join(bad if part.startswith("{") else part for part in path.split("/"))
            wrong += _sent(visitors["owner"], operation, method, address)
    assert wrong == []


def _values() -> st.SearchStrategy[Any]:
    plain = (
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str)
    )
    return st.recursive(
        plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
    )


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(drawn=st.data())
def test_no_made_up_request_breaks_an_operation(
    institute: Institute, visitors: dict[str, Any], drawn: st.DataObject
) -> None:
    method, path, operation = drawn.draw(st.sampled_from(OPERATIONS))
    if operation["operationId"] in LEFT_OUT:
        return
    role = drawn.draw(st.sampled_from(sorted(visitors)))
    names = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
    query = {name: drawn.draw(st.text() | st.integers().map(str)) for name in names}
    body = drawn.draw(st.dictionaries(st.text(max_size=20), _values(), max_size=4))
    address = f"{_address(path, _ids(institute))}?{urlencode(query, errors='replace')}"
    sent = "" if method in {"GET", "DELETE"} else json.dumps(body)
    assert _sent(visitors[role], operation, method, address, sent) == []


@pytest.mark.parametrize(
    ("operation", "path", "names"),
    [
        ("change_resource", "/api/v1/resources/{}", ("owner", "project", "kind", "version")),
        ("change_project", "/api/v1/projects/{}", ("owner", "used_bytes", "quota_bytes", "slug")),
        ("change_person", "/api/v1/people/{}", ("is_staff", "is_superuser", "email", "licence")),
        ("change_field", "/api/v1/datasets/{}/fields/ward", ("type", "name", "part", "profile_id")),
    ],
)
def test_a_property_that_is_not_ones_to_change_is_refused_by_name(
    institute: Institute, visitors: dict[str, Any], operation: str, path: str, names: tuple[str]
) -> None:
    """Row 8: unknown properties are refused, not ignored."""
    things = {
        "change_resource": (institute.dataset.pk, "owner"),
        "change_project": (institute.project.pk, "owner"),
        "change_person": (institute.viewer.id, "administrator"),
        "change_field": (institute.dataset.pk, "owner"),
    }
    thing, role = things[operation]
    for name in names:
        response = visitors[role][0].patch(
            path.format(thing), json.dumps({name: "1"}), content_type="application/json"
        )
        assert response.status_code == 422, (name, response.content)
        assert name in {error["field"].split(".")[-1] for error in response.json()["errors"]}
