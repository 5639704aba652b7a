"""Avro, SQLite and pages: each table of them; and hostile ones."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.errors import Invalid
from simplr_core.tidy.opening import open_file

Open = Callable[..., Any]


def avro(codec: str = "null") -> bytes:
    schema = {
        "type": "record",
        "name": "Tree",
        "fields": [
            {"name": "street", "type": "string"},
            {"name": "planted", "type": {"type": "int", "logicalType": "date"}},
            {
                "name": "seen",
                "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}],
            },
            {"name": "height", "type": "double"},
            {
                "name": "place",
                "type": {
                    "type": "record",
                    "name": "Place",
                    "fields": [{"name": "ward", "type": "int"}],
                },
            },
            {"name": "birds", "type": {"type": "array", "items": "string"}},
            {
                "name": "price",
                "type": {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
            },
        ],
    }
    records = [
        {
            "street": f"Elm {n}",
            "planted": date(2020, 1, n + 1),
            "seen": datetime(2020, 1, n + 1, 8, tzinfo=UTC) if n else None,
            "height": n + 0.5,
            "place": {"ward": n},
            "birds": ["owl", "jay"][:n],
            "price": Decimal("1.25"),
        }
        for n in range(3)
    ]
    content = io.BytesIO()
    fastavro.writer(content, schema, records, codec=codec)
    return content.getvalue()


def sqlite(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as base:
        for statement in statements:
            base.execute(statement)
        base.commit()
        return base.serialize()


TREES = (
    'CREATE TABLE "the trees" (street TEXT, height REAL, "a ""b""" INTEGER)',
    "INSERT INTO \"the trees\" VALUES ('Elm', 1.5, 1), ('Oak', NULL, 2), ('Ash', 2.5, x'00ff')",
)
PAGE = b"""<!doctype html><html><head><title>x</title></head><body><h1>Trees</h1>
<table><tr><td><table id=inner>
<caption>Trees of the wards</caption>
<tr><th>ward<th>street<th colspan=2>lamps</tr>
<tr><td rowspan=2>North<td>Elm<script>alert(1)</script><td>1<td>2
<tr><td>Oak<span style="display: none">hidden</span><td>3<td>4<tfoot><tr><td>All<td>both<td>4<td>6
</table></td></tr></table></body>"""


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "bzip2", "xz"])
def test_avro_has_records_and_lists(open_bytes: Open, codec: str) -> None:
    trees, birds = open_bytes(avro(codec), name="a.csv").tables

    assert trees.header == [
        *("row_key", "street", "planted", "seen", "height", "place.ward", "price"),
    ]
    assert trees.types == ["text", "text", "date", "datetime", "decimal", "integer", "decimal"]
    assert trees.column("seen")[1] == datetime(2020, 1, 2, 8, tzinfo=UTC)
    assert (birds.name, birds.column("value")) == ("birds", ["owl", "owl", "jay"])


def test_each_table_of_a_database_is_a_table(open_bytes: Open) -> None:
    content = sqlite(
        *TREES,
        "CREATE TABLE wards (id INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO wards VALUES (1, 'North'), (2, 'South')",
        "CREATE TABLE empty (a TEXT)",
        "CREATE VIEW more AS SELECT * FROM wards",
        "CREATE INDEX by_name ON wards (name)",
    )

    opened = open_bytes(content, name="a.csv")

    assert [table.name for table in opened.tables] == ["the trees", "wards", "empty"]
    assert opened["the trees"].column("height") == [1.5, None, 2.5]
    assert opened["the trees"].column("a_b") == ["1", "2", "00ff"]
    assert opened["empty"].table.num_rows == 0


def test_a_database_does_nothing_but_hold_tables(open_bytes: Open) -> None:
    content = sqlite(
        "CREATE TABLE t (a INTEGER, b INTEGER AS (abs(a)) VIRTUAL)",
        "INSERT INTO t (a) VALUES (-1), (2)",
        "CREATE VIEW v AS SELECT abs(a) AS x FROM t",
        "CREATE VIRTUAL TABLE f USING fts5(words)",
    )

    opened = open_bytes(content)

    assert opened["t"].header == ["a"]  # what is computed is not kept
    assert not {"v", "f"} & {table.name for table in opened.tables}


def test_a_page_has_the_tables_that_a_person_sees(open_bytes: Open) -> None:
    [table] = open_bytes(PAGE, name="a.csv").tables

    assert table.header == ["ward", "street", "lamps", "lamps"]
    assert table.column("ward") == ["North", "North", "All"]
    assert table.column("street") == ["Elm", "Oak", "both"]
    assert table.column("lamps_2") == [2, 4, 6]


def test_a_page_without_a_table_is_a_file(open_bytes: Open) -> None:
    assert open_bytes(b"<!doctype html><html><p>Hello, you.</p></html>").tables == []


@pytest.mark.parametrize(
    "content",
    [
        b"<table>" + b"<tr><td rowspan=99999 colspan=99999>x" * 300,
        b"<table>" * 20_000 + b"<tr><td>x",
        b"<table><tr>" + b"<td>x" * 5_000,
        b"<table" + b" a=b" * 50_000 + b"><tr><td>x",
    ],
    ids=["spans", "nested", "wide", "attributes"],
)
def test_a_page_made_to_do_harm_is_refused_or_read(open_bytes: Open, content: bytes) -> None:
    with suppress(Invalid):
        open_bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [(avro("deflate")[:-30], "avro-damaged"), (sqlite(*TREES)[:5000], "database-damaged")],
    ids=["avro", "sqlite"],
)
def test_what_was_cut_off_is_refused(open_bytes: Open, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_bytes(content)

    assert refused.value.code == code


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from([avro(), avro("deflate"), sqlite(*TREES), PAGE]), st.data())
def test_any_of_them_with_bytes_changed_never_ends_the_reader(
    content: bytes, data: st.DataObject
) -> None:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 10))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))

    with suppress(Invalid):  # anything else is a fault of ours
        open_file(io.BytesIO(changed), size=len(changed), heartbeat=lambda rows: None)
