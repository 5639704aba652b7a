"""Rows as text, and the rows that are put aside because they are no rows of the table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.tidy.layout import footer_rows

HELD_ROWS = 64
LONGEST_RAW = 1 << 16

TOO_FEW = "too-few-cells"
TOO_MANY = "too-many-cells"
UNDECODABLE = "undecodable"
COMMENT = "comment"
BELOW_THE_TABLE = "below-the-table"
HEADER_AGAIN = "header-again"
ACROSS_COLUMNS = "across-columns"
DRAWN_LINE = "drawn-line"
EMPTY_ROW = "empty-row"
TOTAL_ROW = "total-row"
REPEATED_ROW = "repeated-row"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not fit: its number in the file (from 1, after the header), and its text."""

    record: int
    reason: str
    found: int
    raw: str


@dataclass(frozen=True, slots=True)
class TextRows:
    """Some rows as text columns, untrimmed; `records` are their numbers in the file, from 1."""

    columns: list[pa.Array]
    records: npt.NDArray[np.int64]
    bad: list[BadRow] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        return len(self.records)

    def cells(self, positions: Sequence[int]) -> list[list[str]]:
        """The cells of some rows, by row."""
        taken = [
            column.take(pa.array(positions, pa.int64())).to_pylist() for column in self.columns
        ]
        return [list(row) for row in zip(*taken, strict=True)]

    def put_aside(self, positions: Sequence[int], reason: str) -> TextRows:
        """The rows without some of them, which join those that do not fit."""
        aside = [
            BadRow(int(self.records[position]), reason, len(cells), _as_line(cells))
            for position, cells in zip(positions, self.cells(positions), strict=True)
        ]
        keep = np.ones(self.row_count, np.bool_)
        keep[list(positions)] = False
        mask = pa.array(keep)
        bad = sorted([*self.bad, *aside], key=lambda row: row.record)
        return TextRows([c.filter(mask) for c in self.columns], self.records[keep], bad)

    def after(self, other: TextRows) -> TextRows:
        """These rows behind others."""
        columns = [
            pa.concat_arrays([first, second])
            for first, second in zip(other.columns, self.columns, strict=True)
        ]
        return TextRows(
            columns, np.concatenate([other.records, self.records]), [*other.bad, *self.bad]
        )

    def split(self, count: int) -> tuple[TextRows, TextRows]:
        """The first `count` rows with all that does not fit, and the others."""
        first = TextRows([c.slice(0, count) for c in self.columns], self.records[:count], self.bad)
        return first, TextRows([c.slice(count) for c in self.columns], self.records[count:])


def _as_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()[:LONGEST_RAW]


def without_header_again(batches: Iterator[TextRows], header: Sequence[str]) -> Iterator[TextRows]:
    """The rows; those that repeat the header, as in files put behind one another, are put aside."""
    names = [name.strip() for name in header]
    longest = max(range(len(names)), key=lambda position: len(names[position]), default=0)
    for rows in batches:
        again: list[int] = []
        if len(names) == len(rows.columns) > 1 and rows.row_count and names[longest]:
            equal = pc.equal(rows.columns[longest], header[longest])
            positions = np.flatnonzero(np.asarray(equal.fill_null(False))).tolist()
            again = [
                position
                for position, cells in zip(positions, rows.cells(positions), strict=True)
                if [cell.strip() for cell in cells] == names
            ]
        yield rows.put_aside(again, HEADER_AGAIN) if again else rows


def _without_last(rows: TextRows) -> tuple[TextRows, TextRows]:
    return rows.split(max(0, rows.row_count - HELD_ROWS))


def without_footer(batches: Iterator[TextRows]) -> Iterator[TextRows]:
    """The rows; the notes below the table are put aside. The last rows are held back until then."""
    held: TextRows | None = None
    for rows in batches:
        if held is None:
            ready, held = None, rows
        elif rows.row_count >= HELD_ROWS:
            ready, held = held, rows  # to put them together would copy them
        else:
            ready, held = _without_last(rows.after(held))
        if ready and (ready.row_count or ready.bad):
            yield ready
    if held is None:
        return
    ready, held = _without_last(held)
    if ready.row_count or ready.bad:
        yield ready
    if not held.row_count:
        return
    count = footer_rows(held.cells(range(held.row_count)))
    last = range(held.row_count - count, held.row_count)
    yield held.put_aside(list(last), BELOW_THE_TABLE) if count else held
