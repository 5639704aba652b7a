"""Records: stray quotation marks are mended by line, and nothing else is touched."""

from __future__ import annotations

import io

import pytest

from simplr_core.tidy.records import records, split_with_stray_marks
from simplr_core.tidy.understanding import Dialect

COMMA = Dialect(delimiter=",")


def cells_of(text: str, width: int = 3) -> list[list[str]]:
    return [r.cells for r in records(io.StringIO(text, newline=""), COMMA, width)]


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ('"a,b,"c, d"', ['"a', "b", "c, d"]),
        ('1,""b, c",d', ["1", '"b, c', "d"]),
        ('1,"10" wide",d', ["1", '10" wide', "d"]),
        ('1,2,"', ["1", "2", '"']),
    ],
)
def test_a_stray_mark_is_part_of_its_cell(line: str, cells: list[str]) -> None:
    assert cells_of(f'x,y,z\n{line}\n7,"8",9\n') == [["x", "y", "z"], cells, ["7", "8", "9"]]


def test_a_well_formed_record_of_another_width_is_left_as_it_is() -> None:
    assert cells_of('x,"a\nb",c\n1,2\n', width=2) == [["x", "a\nb", "c"], ["1", "2"]]


def test_a_line_that_reads_two_ways_is_not_mended() -> None:
    assert split_with_stray_marks('"a,"b,"c",d', COMMA, 9) is None


def test_where_a_record_ends_is_known_with_blank_lines_and_all_line_ends() -> None:
    text = '\r\na,b\r\n\n"c\nd",e\r1,2'

    ends = [r.end for r in records(io.StringIO(text, newline=""), COMMA)]

    assert [text[:end] for end in ends] == ["\r\na,b\r\n", '\r\na,b\r\n\n"c\nd",e\r', text]


def test_a_mark_that_is_never_closed_does_not_swallow_the_file() -> None:
    rows = "".join(f"{n},x,y\n" for n in range(1_000))

    found = cells_of(f'a,b,"c\n{rows}')

    assert len(found) == 1_001
    assert found[0] == ["a", "b", '"c']
