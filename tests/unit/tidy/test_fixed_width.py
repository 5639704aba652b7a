"""Columns that stand below each other are cut where they begin, and nothing else is taken for them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simplr_core.tidy.fixed_width import find_columns
from simplr_core.tidy.recognition import recognise

TakeIn = Callable[..., Any]
FEW, MANY = 30, 2_000
"""How many tables `make test` and `make prove` write and read back."""

TREES = """Trees of the city, 2024
counted by hand in May

Name            Ward   Height  Planted
--------------  -----  ------  ----------
Elm Street       1       12.5  2001-03-04
Oak Avenue       2        3.0  1999-12-31
Ash, upper               7.25
Main Street    103      100.2  2015-07-08
"""


PLACES = ["Elm Street", "Northgate", "at the mill"]


def test_a_ruled_report_is_read_by_its_columns(take_in: TakeIn) -> None:
    taken = take_in(TREES.encode(), name="trees.txt")

    dialect = taken.understanding.dialect
    assert dialect.cuts == (0, 12, 21, 31)
    assert (dialect.preamble_rows, dialect.has_header) == (2, True)
    assert list(taken.understanding.schema.names) == ["name", "ward", "height", "planted"]
    assert taken.column("name") == ["Elm Street", "Oak Avenue", "Ash, upper", "Main Street"]
    assert taken.column("ward") == [1, 2, None, 103]
    assert [str(day) for day in taken.column("planted")[:3]] == ["2001-03-04", "1999-12-31", "None"]
    assert "blank in the same places between 4 columns" in dialect.evidence


def test_a_longer_number_that_comes_later_stays_whole(take_in: TakeIn) -> None:
    rows = "".join(f"{PLACES[n % 3]:<12}{n:>12}\n" for n in range(400))

    taken = take_in((rows + f"{'last':<12}{12_345_678:>12}\n").encode())

    assert taken.understanding.dialect.cuts
    assert taken.column(taken.understanding.schema.names[1])[-1] == 12_345_678


def test_lines_across_columns_and_drawn_ones_are_put_aside(take_in: TakeIn) -> None:
    body = "".join(f"{PLACES[n % 3]:<14}{n:>6}  {PLACES[n % 2]}\n" for n in range(400))
    more = "remarks-like-this-one go over all of the columns\n" + "-" * 12 + "\n"

    taken = take_in((body + more + f"{'street':<14}{7:>6}  ward 1\n" * 70).encode())

    assert [q["reason"] for q in taken.quarantine] == ["across-columns", "drawn-line"]
    assert taken.quarantine[0]["raw"] == more.splitlines()[0]
    assert taken.table.num_rows == 470


@pytest.mark.parametrize(
    "text",
    [
        "It was the best of times, it was the worst of times.\n" * 3
        + "There were a king with a large jaw  and a queen.\n" * 3,
        "a   , b   , c\n1   , 2   , 3\n11  , 22  , 33\n4   , 5   , 6\n",
        "| a   | b   |\n| --- | --- |\n| 1   | 2   |\n| 3   | 4   |\n",
        "id,name,note\n1,Elm\n2,Oak,old,  big\n3\n4,Ash,  new\n",
        "def f(x):\n    if x:\n        return  1\n    else:\n        return  2\n\nf(3)\n",
        "a\n b\n  c\n   d\n    e\n",
        "1 2 3\n4 5 6\n7 8 9\n1 2 3\n",
    ],
    ids=["prose", "padded", "ruled", "ragged", "program", "staircase", "single blanks"],
)
def test_what_only_looks_like_columns_is_not_cut(text: str) -> None:
    assert find_columns(text) is None


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_ragged_delimited_text_keeps_its_delimiter(take_in: TakeIn, name: str) -> None:
    rows = "".join(f"{n},  Elm Street,{n * 3}{',x' * (n % 3)}\n" for n in range(60))

    taken = take_in(("id,  street,   count\n" + rows).encode(), name=name, keep_as="table")

    assert taken.understanding.dialect.delimiter == ","
    assert taken.understanding.dialect.cuts == ()


WORDS = ["Elm", "Main Street", "São Paulo", "pothole", "a, b", "x", "Οδός Ερμού"]


@st.composite
def padded_tables(draw: st.DrawFn) -> tuple[list[list[str]], str]:
    """A table of words and numbers, and its text with every cell padded."""
    kinds = ["word", "number", *draw(st.lists(st.sampled_from(["word", "number"]), max_size=4))]
    count = draw(st.integers(12, 60))
    # Words of different lengths: two of the same length everywhere are two columns to anybody.
    words = [draw(st.permutations(WORDS)) for _ in kinds]
    numbers = st.integers(0, 99_999).map(str)
    rows = [
        [
            draw(numbers) if kind == "number" else words[k][n % len(WORDS)]
            for k, kind in enumerate(kinds)
        ]
        for n in range(count)
    ]
    header = [f"name {n}" for n in range(len(kinds))]
    gap = draw(st.integers(2, 4))
    widths = [max(len(row[n]) for row in [header, *rows]) for n in range(len(kinds))]
    lines = [
        (" " * gap)
        .join(
            cell.rjust(width) if kind == "number" else cell.ljust(width)
            for cell, width, kind in zip(row, widths, kinds, strict=True)
        )
        .rstrip()
        for row in [header, *rows]
    ]
    return [header, *rows], draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""])


def check(table: list[list[str]], text: str) -> None:
    content = text.encode()
    report = recognise(
        io.BytesIO(content),
        name="table.txt",
        size=len(content),
        keep_as="table",
        heartbeat=lambda rows: None,
    )
    found = report.understanding

    assert [one.field.source_name for one in found.fields] == table[0]
    assert (found.counts.kept, found.counts.quarantined_rows) == (len(table) - 1, 0)
    assert report.sample == table[1 : 1 + len(report.sample)]


@settings(max_examples=FEW, suppress_health_check=list(HealthCheck))
@given(padded_tables())
def test_a_padded_table_comes_back(written: tuple[list[list[str]], str]) -> None:
    check(*written)


@pytest.mark.prove
@settings(max_examples=MANY, suppress_health_check=list(HealthCheck))
@given(padded_tables())
def test_two_thousand_padded_tables_come_back(written: tuple[list[list[str]], str]) -> None:
    check(*written)
