"""Delimiters of several characters: recognised by themselves, read with quotes and stray marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simplr_core.tidy.records import STAND_IN, records
from simplr_core.tidy.understanding import Dialect

TakeIn = Callable[..., Any]
ROWS = [["n", "street", "note"]] + [
    [str(n), f"street {n}", "" if n % 3 else "a | b ~ c"] for n in range(1, 40)
]


@pytest.mark.parametrize(
    "mark", ["||", "~|~", "|~|", "::", "@@", "^|^", "<>", "%%", "##", ", ", "; "]
)
def test_a_delimiter_of_several_characters_is_found(take_in: TakeIn, mark: str) -> None:
    rows = [[cell.replace(":", "") for cell in row] for row in ROWS]
    text = "".join(mark.join(row) + "\n" for row in rows)

    taken = take_in(text.encode(), name="a.txt", keep_as="table")

    dialect = taken.understanding.dialect
    assert dialect.delimiter == (mark.strip() if mark in (", ", "; ") else mark)
    assert taken.column("n") == list(range(1, 40))
    assert taken.column("note")[2] == "a | b ~ c"
    assert taken.quarantine == []


def test_quoted_cells_keep_the_delimiter_and_rows_that_do_not_fit_are_put_aside(
    take_in: TakeIn,
) -> None:
    rows = "".join(f'{n}||"street || {n}"||{n * 2}\n' for n in range(30))

    taken = take_in(("id||street||twice\n" + rows + "30||short\n").encode())

    assert taken.column("street")[7] == "street || 7"
    assert [(q["reason"], q["raw"]) for q in taken.quarantine] == [("too-few-cells", "30||short")]


def test_bars_between_single_cells_stay_single(take_in: TakeIn) -> None:
    rows = "".join(f"{n}||{n * 2}|x\n" for n in range(30))

    taken = take_in(("id|empty|twice|mark\n" + rows).encode())

    assert taken.understanding.dialect.delimiter == "|"
    assert taken.understanding.dialect.width == 4


@pytest.mark.parametrize(
    "line", ["http://example.com/a", "fe80::1", "see: http://a.example, or http://b.example"]
)
def test_addresses_are_not_split(take_in: TakeIn, line: str) -> None:
    taken = take_in(("address\n" + f"{line}\n" * 20).encode(), keep_as="table")

    assert len(taken.understanding.dialect.delimiter) < 2


@pytest.mark.parametrize(
    "line", ["a||b||c", 'a||"b||c"||d', 'a||"b', "a||||", f"a{STAND_IN}||b", f'"a{STAND_IN}"||b||c']
)
def test_a_line_is_split_at_every_mark_outside_of_quotes(line: str) -> None:
    expected = {
        'a||"b||c"||d': ["a", "b||c", "d"],
        f'"a{STAND_IN}"||b||c': [f"a{STAND_IN}", "b", "c"],
    }

    [found] = records([line + "\n"], Dialect(delimiter="||"))

    assert found.cells == expected.get(line, line.split("||"))
    assert (found.raw, found.end) == (line + "\n", len(line) + 1)
