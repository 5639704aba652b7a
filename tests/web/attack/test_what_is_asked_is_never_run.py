"""Row 40: what somebody asks with is a value or a known word, and never a piece of a program.

Every query parameter of the API gets texts that break out of SQL, and every statement that goes to
the database meanwhile is looked at: none holds a piece of them, they travel beside it. Conditions,
orders and names of fields are read into our own tree or refused by name; no reader of them knows
a function that opens a file or an address.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from tests.institute import Institute
from tests.web.attack.test_the_api_keeps_its_contract import _address, _ids, operations
from tests.web.store.test_hostile_files import taken_in

As = Callable[[str], Client]

MARK = "zqxj"
BREAKS = (
    f"{MARK}' OR '1'='1' --",
    f'{MARK}"; SELECT pg_sleep(30); --',
    f"{MARK}%' UNION SELECT password, '{MARK}' FROM accounts_person --",
    f"1) AND (SELECT 1 FROM pg_read_file('{MARK}')) IS NOT NULL --",
    f"$${MARK}$$; COPY accounts_person TO PROGRAM 'id'; --",
    f"{MARK}\\'; DROP TABLE access_node; --",
)
PROGRAMS = (
    "pg_sleep(30) is null",
    "pg_read_file('/etc/passwd') is not null",
    "read_csv('/etc/passwd') is not null",
    "read_text('http://example.org/') = ''",
    "read_parquet('s3://bucket/x') is null",
    "ward in (select password from accounts_person)",
    "ward = (select version())",
    "ward = '06' union all select 1",
    "ward = '06'; copy x to '/tmp/x'",
    "ward = '06'; attach '/tmp/x'",
    "ward = '06'; install httpfs; load httpfs",
    "getenv('SIMPLR_SECRET_KEY') = ''",
    "current_setting('data_directory') = ''",
    "ward = '06' or exists (select 1 from duckdb_secrets())",
    "__import__('os').system('id') = 0",
    "ward.__class__ = 'x'",
    "ward = '06' -- and more",
    "ward = {{ 7 * 7 }}",
    "repeat('x', 1000000000) = ward",
)
NO_FIELDS = (
    "ward; drop table access_node",
    "(select 1)",
    "ward collate nocase",
    "lower(ward)",
    "pg_sleep(30)",
    "1",
    "*",
    "caller_name'--",
    '"ward"',
    "ward desc nulls first",
    "_row",
)


class Statements:
    """Every statement that goes to a database while this is open, without its parameters."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._open = ExitStack()

    def _note(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        self.all.append(str(sql))
        return execute(sql, params, many, context)

    def __enter__(self) -> Statements:
        for alias in ("default", "vault", "audit"):
            self._open.enter_context(connections[alias].execute_wrapper(self._note))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


def _questions() -> list[tuple[str, str]]:
    """(path, name) of every query parameter of an operation that reads."""
    return [
        (path, each["name"])
        for method, path, operation in operations()
        if method == "GET"
        for each in operation.get("parameters", ())
        if each["in"] == "query" and each["schema"].get("type") != "boolean"
    ]


def test_every_question_is_among_those_tried() -> None:
    names = {name for _, name in _questions()}

    assert {"q", "where", "sort", "fields", "cursor", "kind", "field", "reason", "email"} <= names


@pytest.mark.parametrize("count", [2, pytest.param(len(BREAKS), marks=pytest.mark.prove)])
def test_no_text_that_is_asked_with_becomes_a_piece_of_a_statement(
    institute: Institute, count: int
) -> None:
    clients = {name: Client(raise_request_exception=False) for name in ("owner", "auditor")}
    for name, client in clients.items():
        client.force_login(getattr(institute, name))
    ids, asked = _ids(institute), 0

    for path, name in _questions():
        client = clients["auditor" if path.startswith("/api/v1/ledger") else "owner"]
        for text in BREAKS[:count]:
            with Statements() as statements:
                answer = client.get(_address(path, ids), {name: text})
                if answer.streaming:
                    b"".join(answer.streaming_content)  # type: ignore[attr-defined]
            assert answer.status_code < 500, (path, name, text)
            assert not [sql for sql in statements.all if MARK in sql], (path, name)
            asked += bool(statements.all)

    assert asked > 40 * count


@pytest.fixture
def rows(as_: As, institute: Institute) -> Callable[..., Any]:
    """Ask for rows, or for a sample, as the owner."""
    client = as_("owner")

    def ask(what: str = "rows", **query: str) -> Any:
        return client.get(f"/api/v1/datasets/{institute.dataset.pk}/{what}", query)

    return ask


@pytest.mark.parametrize("text", PROGRAMS)
def test_no_condition_is_a_program(rows: Callable[..., Any], text: str) -> None:
    for what in ("rows", "sample"):
        answer = rows(what, where=text)

        assert answer.status_code in {404, 422}
        assert answer.json()["code"] in {"condition-not-allowed", "condition-unknown-field"}


@pytest.mark.parametrize("name", NO_FIELDS)
@pytest.mark.parametrize("question", ["sort", "fields"])
def test_only_a_name_that_is_there_is_a_field(
    rows: Callable[..., Any], question: str, name: str
) -> None:
    answer = rows(**{question: name})

    assert answer.status_code in {404, 422}
    assert answer.json()["code"] in {"not-found", "condition-unknown-field"}


@pytest.mark.parametrize("text", PROGRAMS[:8])
def test_no_condition_of_a_release_is_a_program(as_: As, institute: Institute, text: str) -> None:
    answer = as_("owner").post(
        f"/api/v1/datasets/{institute.dataset.pk}/releases",
        {"title": "Tried", "fields": [{"name": "ward"}], "where": text},
        content_type="application/json",
    )

    assert answer.status_code in {404, 422}
    assert answer.json()["code"] in {"condition-not-allowed", "condition-unknown-field"}


def test_signs_of_patterns_are_plain_letters_in_a_search(as_: As) -> None:
    found = as_("owner").get("/api/v1/resources", {"q": "compl"}).json()["items"]
    assert found

    for text in ("c%", "c_mplaints", "compl\\", "%"):
        assert as_("owner").get("/api/v1/resources", {"q": text}).json()["items"] == []


HOSTILE_NAMES = [
    'a"; DROP TABLE access_node; --',
    "b'); SELECT pg_sleep(30); --",
    "${c}",
    "{{ 7 * 7 }}",
    "__import__('os')",
    "read_csv('/etc/passwd')",
]


def test_names_in_a_file_become_plain_words(institute: Institute) -> None:
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE_NAMES)

    with Statements() as statements:
        upload = taken_in(institute, "names.csv", f"{quoted}\n1,2,3,4,5,6\n7,8,9,1,2,3\n".encode())

    fields = upload.understanding["fields"]
    assert [each["source_name"] for each in fields] == HOSTILE_NAMES
    assert all(each["name"].replace("_", "").isalnum() for each in fields)
    assert not [sql for sql in statements.all if "pg_sleep" in sql or "DROP TABLE" in sql]


def test_names_and_definitions_in_a_database_are_not_run(institute: Institute) -> None:
    """A SQLite file is a program that a reader runs: only its tables are read."""
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute('CREATE TABLE "a""; ATTACH \'/tmp/x\' AS x; --" ("b"");--" INTEGER, c TEXT)')
        base.executemany(
            'INSERT INTO "a""; ATTACH \'/tmp/x\' AS x; --" VALUES (?, ?)', [(1, "x"), (2, "y")]
        )
        base.execute("CREATE VIEW v AS SELECT load_extension('/tmp/x.so') AS e")
        content = base.serialize()

    upload = taken_in(institute, "base.sqlite", content)

    assert upload.state == "understood"
    assert upload.understanding["path"] == ["a\"; ATTACH '/tmp/x' AS x; --"]
    assert len(upload.understanding["fields"]) == 2


@pytest.mark.parametrize("alias", ["default", "vault", "audit"])
def test_no_statement_of_the_serving_roles_runs_on_and_on(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        (limit,) = cursor.fetchone()

    assert limit == "2min"
