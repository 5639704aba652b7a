"""Linear TSV, read back by a reader of its few rules."""

from __future__ import annotations

import io
import math
import struct
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.tables import linear_tsv
from simplr_core.tables.formats import ROWS_AT_ONCE, restored, write_stream
from simplr_core.tables.schema import Field, FieldType, Schema

_PLAIN = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "0": "\0"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.text(
    "\\\t\n\r\0N =+-@'\"a", max_size=6
)


def unescaped(cell: str) -> str | None:
    if cell == r"\N":
        return None
    made, rest = "", iter(cell)
    for character in rest:
        made += _PLAIN[next(rest)] if character == "\\" else character
    return made


def lines(columns: dict[str, Any], schema: Schema, **options: Any) -> list[list[str]]:
    """The cells of each line after the first, as they are written."""
    sink = io.BytesIO()
    batch = pa.RecordBatch.from_pydict(columns, schema=schema.arrow())
    write_stream([batch], schema, "linear-tsv", sink, **options)
    first, *rest = sink.getvalue().decode().split("\n")
    assert first == "\t".join(schema.names)
    assert rest.pop() == ""
    return [line.split("\t") for line in rest]


@given(st.lists(TEXTS | st.none(), min_size=1))
@settings(max_examples=examples(200))
def test_every_text_is_one_cell_of_one_line_and_comes_back(texts: list[str | None]) -> None:
    schema = Schema((Field("text"), Field("kind", type=FieldType.CATEGORY)))

    read = lines({"text": texts, "kind": texts}, schema, exact=True)

    assert [[unescaped(cell) for cell in row] for row in read] == [[text, text] for text in texts]


@given(st.lists(TEXTS | st.none(), min_size=1))
@settings(max_examples=examples(100))
def test_what_a_spreadsheet_would_run_is_marked_and_the_mark_can_be_taken_away(
    texts: list[str | None],
) -> None:
    read = [unescaped(row[0]) for row in lines({"text": texts}, Schema((Field("text"),)))]

    assert not any((text or "").startswith(("=", "+", "-", "@")) for text in read)
    assert [None if text is None else restored(text) for text in read] == texts


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1))
@example([0.0, -0.0, 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308, None, 0.1])
@settings(max_examples=examples(300))
def test_exact_decimals_come_back_to_the_bit(numbers: list[float | None]) -> None:
    schema = Schema((Field("x", type=FieldType.DECIMAL),))

    read = [row[0] for row in lines({"x": numbers}, schema, exact=True)]

    for cell, number in zip(read, numbers, strict=True):
        if number is None:
            assert cell == r"\N"
        else:
            assert struct.pack("d", float.fromhex(cell)) == struct.pack("d", number)


def test_decimals_are_for_people_unless_they_are_to_be_exact() -> None:
    schema = Schema((Field("x", type=FieldType.DECIMAL),))
    numbers = {"x": [0.1, math.inf, math.nan, None]}

    assert lines(numbers, schema) == [["0.1"], [r"\N"], [r"\N"], [r"\N"]]
    assert lines(numbers, schema, exact=True) == [
        ["+0x1.999999999999ap-0004"],
        *([[r"\N"]] * 3),
    ]


def test_missing_and_empty_stay_apart_in_every_type() -> None:
    schema = Schema(tuple(Field(each.value, type=each) for each in FieldType))
    empty = {each.value: [None] for each in FieldType}

    assert lines(empty, schema, exact=True) == [[r"\N"] * len(FieldType)]
    assert lines({"text": [""]}, Schema((Field("text"),))) == [[""]]
    assert lines({"text": [r"\N"]}, Schema((Field("text"),))) == [[r"\\N"]]


@pytest.mark.parametrize("start", [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE + 1])
def test_a_slice_is_escaped_by_its_own_bytes(start: int) -> None:
    texts = pa.array(["a\tb"] + ["plain"] * (2 * ROWS_AT_ONCE) + ["c\nd"])

    part = linear_tsv.escaped(texts.slice(start))

    assert part.to_pylist()[-1] == r"c\nd"
    assert part.to_pylist()[0] == (r"a\tb" if start == 0 else "plain")
    assert linear_tsv.escaped(texts.slice(1, 3)).to_pylist() == ["plain"] * 3
