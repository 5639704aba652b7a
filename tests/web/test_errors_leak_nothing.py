"""Whatever breaks inside, the answer says nothing of it (row 45), and logs stay one line (row 46)."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from django.conf import settings
from django.db import DataError, OperationalError, ProgrammingError, connections
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils.module_loading import import_string

from simplr.base import errors
from simplr.base.logs import NoSecrets
from simplr.base.models import Event
from simplr.vault import queries

CANARY = "canary-7be2c1"
INSIDES = (CANARY, "Traceback", "/src/", ".py", "SELECT", "psycopg", "relation", "site-packages")


def broken(error: Exception) -> Any:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail


FAULTS = [
    RuntimeError(f"{CANARY} in /srv/simplr/src/secret.py"),
    ProgrammingError(f'relation "{CANARY}" does not exist LINE 1: SELECT * FROM'),
    DataError(f"value {CANARY} out of range"),
    OperationalError(f"could not connect as {CANARY}"),
    KeyError(CANARY),
    RecursionError(CANARY),
    UnicodeDecodeError("utf-8", CANARY.encode(), 0, 1, CANARY),
    MemoryError(CANARY),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_an_answer_says_nothing_of_what_broke(
    fault: Exception, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.DEBUG is False
    monkeypatch.setattr(queries, "health", broken(fault))
    monkeypatch.setattr(queries, "key_store_state", broken(fault))

    client = Client(raise_request_exception=False)
    for path in ("/api/v1/health", "/unseal"):
        answer = client.get(path, headers={"Accept": accept})
        assert answer.status_code in {422, 500, 503}
        for inside in INSIDES:
            assert inside not in answer.content.decode(), path
            assert inside not in str(answer.headers), path


def test_a_fault_inside_the_database_leaks_nothing_and_is_in_the_ledger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        with connections["vault"].cursor() as cursor:
            cursor.execute(f"SELECT * FROM {CANARY.replace('-', '_')}")

    monkeypatch.setattr(queries, "health", fail)
    answer = Client(raise_request_exception=False).get("/api/v1/health")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert CANARY.replace("-", "_") not in answer.content.decode()
    told = Event.objects.filter(code="operations:error:raised").get()
    assert str(told.request_id) == answer.json()["request_id"]
    assert CANARY.replace("-", "_") not in json.dumps(told.details)


def test_an_unknown_page_does_not_list_the_addresses_there_are() -> None:
    answer = Client().get("/no/such/page")

    assert answer.status_code == 404
    assert "urlpatterns" not in answer.content.decode()
    assert "URLconf" not in answer.content.decode()


def test_a_broken_ledger_does_not_turn_a_refusal_into_a_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request: HttpRequest = RequestFactory().get("/api/v1/me")
    monkeypatch.setattr(errors.events, "record", broken(DataError(CANARY)))

    answer = errors.handle(request, RuntimeError(CANARY))

    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()


@pytest.fixture
def lines() -> Any:
    """What the server's own handler writes for a record."""
    handler = settings.LOGGING["handlers"]["out"]
    assert handler["filters"] == ["quiet"]
    formatter = import_string(settings.LOGGING["formatters"]["ecs"]["()"])
    stream = io.StringIO()
    out = logging.StreamHandler(stream)
    out.setFormatter(formatter())
    out.addFilter(NoSecrets())
    log = logging.getLogger("simplr.test")
    log.addHandler(out)
    log.setLevel(logging.INFO)
    yield log, stream
    log.removeHandler(out)


def test_a_record_is_one_line_whatever_is_in_it(lines: Any) -> None:
    log, stream = lines

    log.error('a\nb\r\n{"forged": true}\u2028%s', "\nx")
    try:
        raise RuntimeError("with\nlines")
    except RuntimeError:
        log.exception("broken")

    written = stream.getvalue().splitlines()
    assert len(stream.getvalue().strip("\n").split("\n")) == 2
    assert all(json.loads(line)["@timestamp"].endswith("Z") for line in written if line)


@pytest.mark.parametrize(
    "secret",
    [
        f"Authorization: Bearer {CANARY}-token",
        f"Authorization: Link {CANARY}-token",
        f"GET /l/{CANARY} 200",
        f"GET /welcome/{CANARY}?next=/ 200",
        f"GET /account/password/reset/key/7k-{CANARY}/ 500",
        f"postgresql://simplr:{CANARY}@db/simplr",
    ],
)
def test_no_credential_reaches_a_log(lines: Any, secret: str) -> None:
    log, stream = lines

    log.warning(secret)
    log.warning("%s", secret)
    try:
        raise RuntimeError(f'"{secret}" said "no"')
    except RuntimeError:
        log.exception("broken")

    assert CANARY not in stream.getvalue()
    assert all(json.loads(line) for line in stream.getvalue().splitlines())
