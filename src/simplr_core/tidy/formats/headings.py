"""Which rows of a block name its columns, and what the columns are called by them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simplr_core.tidy.headers import looks_like_a_value, recognise_header

Merge = tuple[tuple[int, int], tuple[int, int]]

DEEPEST = 8
MOST_HAVE = 0.6
_YEAR = re.compile(r"(19|20)\d\d")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Heading:
    """The rows of a heading: where it starts, how many they are, and a name for every column."""

    start: int
    depth: int
    names: tuple[str, ...] = ()
    is_certain: bool = False


def is_value(cell: str) -> bool:
    """True for numbers, dates, times and marks: what a name of a column is not."""
    return looks_like_a_value(cell) or _SCIENTIFIC.fullmatch(cell.strip()) is not None


def heading_of(
    rows: Sequence[Sequence[str]],
    start: int,
    merged: Sequence[Merge] = (),
    stated: int | None = None,
) -> Heading:
    """The heading at the top of `rows`, whose first row has the number `start` in its grid."""
    by_values = _depth_by_values(rows)
    by_merges = _depth_by_merges(len(rows), start, merged)
    if stated is not None:
        depth, is_certain = min(stated, len(rows)), stated > 0
    elif by_values == 0:
        depth, is_certain = 0, True
    elif by_values or by_merges:
        depth, is_certain = max(by_values or 0, by_merges), bool(by_values)
    else:
        has_header, is_certain, _ = recognise_header(rows)
        depth = 1 if has_header and len(rows) > 1 else 0
    return Heading(start, depth, _names(rows[:depth], start, merged), is_certain)


def starts_with_heading(rows: Sequence[Sequence[str]]) -> bool:
    """Whether rows below a table begin with a heading of their own: words above numbers."""
    depth = _depth_by_values(rows)
    if not depth:
        return False
    columns = _columns_of_values(rows)
    words = [rows[0][c] for c in columns if c < len(rows[0]) and rows[0][c]]
    return len(words) > 1 and len(set(words)) == len(words)


def _columns_of_values(rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns that hold numbers, dates or marks in the lower half of the rows."""
    lower = rows[len(rows) // 2 :]
    found = []
    for column in range(max((len(row) for row in lower), default=0)):
        cells = [row[column] for row in lower if column < len(row) and row[column].strip()]
        values = sum(is_value(cell) for cell in cells)
        if cells and values >= MOST_HAVE * len(cells):
            found.append(column)
    return found


def _depth_by_values(rows: Sequence[Sequence[str]]) -> int | None:
    """How many rows stand above the first that has values where the rows below have them."""
    if len(rows) < 2:
        return None
    columns = _columns_of_values(rows)
    if not columns:
        return None
    years = {c for c in columns if _is_headed_by_a_year(rows, c)}
    for number, row in enumerate(rows[: DEEPEST + 1]):
        cells = [(c, row[c]) for c in columns if c < len(row) and row[c].strip()]
        values = sum(
            is_value(cell) and not (c in years and _YEAR.fullmatch(cell.strip()))
            for c, cell in cells
        )
        if cells and values * 2 >= len(cells):
            return number
    return None


def _is_headed_by_a_year(rows: Sequence[Sequence[str]], column: int) -> bool:
    cells = [row[column].strip() for row in rows if column < len(row) and row[column].strip()]
    years = [_YEAR.fullmatch(cell) is not None for cell in cells]
    return any(years[:DEEPEST]) and sum(years) <= max(1, 0.2 * len(years))


def _depth_by_merges(count: int, start: int, merged: Sequence[Merge]) -> int:
    """How many rows the merged cells at the top take, with the row that they head."""
    end = start - 1
    for (top, left), (bottom, right) in sorted(merged):
        is_at_the_top = start <= top <= max(end, start)
        if is_at_the_top and (bottom > top or right > left):
            end = max(end, bottom)
    if end < start:
        return 0
    last_is_wide = any(
        top == end and bottom == end and right > left for (top, left), (bottom, right) in merged
    )
    depth = end - start + 1 + last_is_wide
    return depth if depth < count else 0


def _names(rows: Sequence[Sequence[str]], start: int, merged: Sequence[Merge]) -> tuple[str, ...]:
    """A name for every column: what stands above it in each row of the heading, once."""
    width = max((len(row) for row in rows), default=0)
    cells = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in rows]
    for (top, left), (bottom, right) in merged:
        if not start <= top < start + len(rows) or left >= width:
            continue
        for row in range(top, min(bottom, start + len(rows) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                cells[row - start][column] = cells[top - start][left]
    telling = [row for row in cells[:-1] if len({cell for cell in row if cell}) > 1]
    telling += cells[-1:]
    names = []
    for column in range(width):
        parts = [row[column] for row in telling if row[column]]
        names.append(" ".join(dict.fromkeys(parts)))
    return tuple(names)
