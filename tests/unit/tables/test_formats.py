"""Rows in the formats that others read, read back by other readers."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.formats import (
    FORMATS,
    ROWS_AT_ONCE,
    FormatUnknown,
    restored,
    texts,
    write_stream,
)
from simplr_core.tables.schema import Field, FieldType, Schema

SCHEMA = Schema(
    (
        Field("name"),
        Field("zone", type=FieldType.CATEGORY),
        Field("n", type=FieldType.INTEGER),
        Field("x", type=FieldType.DECIMAL),
        Field("ok", type=FieldType.BOOLEAN),
        Field("day", type=FieldType.DATE),
        Field("hour", type=FieldType.TIME),
        Field("at", type=FieldType.DATETIME),
        Field("sent", type=FieldType.DATETIME, format="%z"),
    )
)
ROWS: list[dict[str, Any]] = [
    {
        "name": 'O"Neil, "Bo"\r\nof\tCork\\',
        "zone": "North",
        "n": 2**63 - 1,
        "x": 0.1,
        "ok": True,
        "day": date(1999, 1, 2),
        "hour": time(8, 30),
        "at": datetime(2024, 5, 31, 8, 30, 0, 250),  # noqa: DTZ001
        "sent": datetime(2024, 5, 31, 8, 30, tzinfo=UTC),
    },
    dict.fromkeys(SCHEMA.names),
    {**dict.fromkeys(SCHEMA.names), "name": "", "zone": " x ", "x": float("nan"), "ok": False},
    {**dict.fromkeys(SCHEMA.names), "name": "007", "n": -5, "x": -1e300},
]
BATCH = pa.RecordBatch.from_pylist(ROWS, schema=SCHEMA.arrow())


def written(kind: str, batches: Any = (BATCH,), schema: Schema = SCHEMA, **options: Any) -> bytes:
    sink = io.BytesIO()
    count = write_stream(batches, schema, kind, sink, **options)
    assert count == sum(batch.num_rows for batch in batches)
    return sink.getvalue()


@pytest.mark.parametrize(("kind", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_delimited_text_reads_back_in_the_csv_module(kind: str, delimiter: str) -> None:
    text = written(kind).decode()
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    assert lines[0] == list(SCHEMA.names)
    assert lines[1] == [
        'O"Neil, "Bo"\r\nof\tCork\\',
        "North",
        "9223372036854775807",
        "0.1",
        "true",
        "1999-01-02",
        "08:30:00",
        "2024-05-31T08:30:00.000250",
        "2024-05-31T08:30:00Z",
    ]
    assert lines[2] == [""] * 9
    assert lines[3] == ["", " x ", "", "", "false", "", "", "", ""]
    assert lines[4][:4] == ["007", "", "-5", "-1e+300"]
    assert text.splitlines()[4].startswith('""' + delimiter), "an empty text is not a missing one"


def test_ndjson_reads_back_in_the_json_module() -> None:
    lines = [json.loads(line) for line in written("ndjson").decode().split("\n") if line]
    assert lines[0]["name"] == ROWS[0]["name"]
    assert (lines[0]["n"], lines[0]["x"], lines[0]["ok"]) == (2**63 - 1, 0.1, True)
    assert lines[1] == dict.fromkeys(SCHEMA.names)
    assert (lines[2]["name"], lines[2]["x"]) == ("", None)


def test_parquet_and_arrow_have_exactly_the_schema() -> None:
    table = pq.read_table(io.BytesIO(written("parquet", (BATCH, BATCH))))
    assert table.schema.equals(SCHEMA.arrow())
    assert table.num_rows == 8
    with pa.ipc.open_stream(written("arrow")) as stream:
        assert stream.schema.equals(SCHEMA.arrow())
        assert stream.read_all().slice(0, 2).to_pylist() == ROWS[:2]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_stream_without_rows_is_whole(kind: str) -> None:
    content = written(kind, ())
    if kind == "csv":
        assert content.decode() == ",".join(SCHEMA.names) + "\n"
    if kind == "parquet":
        assert pq.read_table(io.BytesIO(content)).num_rows == 0
    if kind == "arrow":
        assert pa.ipc.open_stream(content).read_all().schema.equals(SCHEMA.arrow())


def test_an_unknown_format_is_refused_before_a_byte_is_written() -> None:
    sink = io.BytesIO()
    with pytest.raises(FormatUnknown):
        write_stream([BATCH], SCHEMA, "xlsx", sink)
    assert sink.getvalue() == b""


@pytest.mark.parametrize("before", ["", " ", "'", '"', "  '\"", "\t", "\r", "\n"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝", "＠"])
@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_formula_never_begins_a_cell(before: str, sign: str, kind: str) -> None:
    formula = f"{before}{sign}HYPERLINK(1)"
    batch = pa.RecordBatch.from_pylist([{"a": formula, "b": "plain"}])
    schema = Schema((Field("a"), Field("b")))
    delimiter = "," if kind == "csv" else "\t"

    def cells(**options: Any) -> list[str]:
        text = written(kind, (batch,), schema, **options).decode()
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1]

    assert cells() == [f"'{formula}", "plain"]
    assert cells(exact=True) == [formula, "plain"]
    assert restored(cells()[0]) == formula


@given(st.lists(st.text() | st.none(), min_size=1))
def test_whatever_text_is_kept_comes_back(values: list[str | None]) -> None:
    values = [v if v is None else v.encode("utf-8", "replace").decode() for v in values]
    schema = Schema((Field("a"), Field("b", type=FieldType.INTEGER)))
    batch = pa.RecordBatch.from_pylist([{"a": v, "b": 1} for v in values], schema=schema.arrow())
    text = written("csv", (batch,), schema).decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    assert [restored(row[0]) for row in rows] == [value or "" for value in values]
    lines = written("ndjson", (batch,), schema).decode().split("\n")[:-1]
    assert [json.loads(line)["a"] for line in lines] == values


def test_many_rows_and_slices_keep_their_order() -> None:
    schema = Schema((Field("n", type=FieldType.INTEGER),))
    batch = pa.record_batch({"n": pa.array(range(3 * ROWS_AT_ONCE + 7))}).slice(5)
    lines = written("csv", (batch,), schema).decode().splitlines()
    assert [int(line) for line in lines[1:]] == list(range(5, 3 * ROWS_AT_ONCE + 7))


def test_a_single_missing_cell_is_a_line_that_readers_keep() -> None:
    schema = Schema((Field("a"),))
    batch = pa.RecordBatch.from_pylist([{"a": "x"}, {"a": None}], schema=schema.arrow())
    text = written("csv", (batch,), schema).decode()
    assert list(csv.reader(io.StringIO(text))) == [["a"], ["x"], [""]]


def test_a_page_shows_texts_and_none_for_missing() -> None:
    shown = texts(BATCH, SCHEMA)
    assert shown[0][-1] == "2024-05-31T08:30:00Z"
    assert shown[1] == [None] * 9
    assert shown[2][:2] == ["", " x "]
