"""Finding the tables in a grid of cells: title rows, header rows, merged cells, notes below.

A sheet is cut at its blank rows. A table begins where several cells stand side by side; what
stands above it is its preamble. A further block goes on with the table, unless it begins with a
header of its own. Rows of one lone cell after the last full row are notes: they are put aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from simplr_core.tidy.formats.found import (
    MOST_TABLES,
    Beat,
    FoundTable,
    Row,
    TooManyTables,
    in_batches,
)
from simplr_core.tidy.formats.headings import Heading, heading_of, is_value, starts_with_heading
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs

Merge = tuple[tuple[int, int], tuple[int, int]]
"""First and last row and column of merged cells: ((row, column), (row, column))."""

OUTSIDE = "outside-table"
WHOLE = "whole"
"""The last step to a table that somebody insisted on: all that is in its sheet."""
LOOKED_AT = 60
SHOWN_ABOVE = 20
LONG_NOTE = 40
BEAT_ROWS = 4_096


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells in rows, as text; `rows` may be called again and again."""

    rows: Callable[[], Iterator[list[str]]]
    merged: tuple[Merge, ...] = ()
    heading_rows: int | None = None
    """How many rows are headings, where the file says it itself."""


@dataclass(slots=True)
class Place:
    """Where a table lies in a grid, while the grid is looked through."""

    heading: Heading
    first: int
    columns: set[int]
    above: list[list[str]]
    end: int = 0
    last_full: int = 0
    longest_label: int = 0
    gap_after: int = -1
    """The first blank row after the last full one."""

    def is_note(self, number: int, cells: Sequence[str]) -> bool:
        """Whether a row that is not blank stands outside of the table, below it."""
        if number <= self.last_full or len(self.columns) < 2:
            return False
        if 0 <= self.gap_after < number:
            return True
        first = min(self.columns)
        text = cells[first].strip() if first < len(cells) else ""
        is_long = len(text) > max(LONG_NOTE, 2 * self.longest_label)
        return is_long and not is_value(text)


@dataclass(slots=True)
class _Block:
    """Rows without a blank one between them: as many as are looked at."""

    start: int
    rows: list[list[str]] = field(default_factory=list)


def filled(cells: Sequence[str]) -> list[int]:
    """The columns that hold something in this row."""
    return [n for n, cell in enumerate(cells) if cell and not cell.isspace()]


class _Finder:
    """Looks through a grid once, from its first row to its last."""

    def __init__(self, grid: Grid, *, insist: bool, said: ReadAs) -> None:
        self._grid = grid
        self._insist = insist
        self._said = said
        self._left_above = said.preamble_rows or 0
        self.places: list[Place] = []
        self._block: _Block | None = None
        self._is_decided = False
        self._above: list[list[str]] = []
        self._lone: tuple[int, list[str]] | None = None
        self._merges = sorted((top, bottom) for (top, _), (bottom, _) in grid.merged)[::-1]
        self._covered = -1

    def look(self, beat: Beat) -> list[Place]:
        number = -1
        for number, cells in enumerate(self._grid.rows()):
            if number % BEAT_ROWS == 0:
                beat(0)
            if not filled(cells) and not self._is_covered(number):
                if self._block is not None and self._has_names_alone(self._block):
                    self._block.rows.append(cells)
                    continue
                self._end_block()
                self._note_gap(number)
                continue
            if self._left_above:  # a person said that so many rows stand above the table
                self._left_above -= 1
                self._above = [*self._above, cells][-SHOWN_ABOVE:]
                continue
            if self._block is None:
                self._block, self._is_decided = _Block(number), False
            if self._is_decided:
                self._extend(number, cells)
                continue
            self._block.rows.append(cells)
            if len(self._block.rows) == LOOKED_AT:
                self._decide()
        self._end_block()
        if self.places:
            self.places[-1].end = number + 1
        return self.places

    def _has_names_alone(self, block: _Block) -> bool:
        """Whether the block is no more than the rows that name the columns, as a person said: a
        blank row parts them from the rows of the table."""
        said = self._said.header_rows
        if said is None or self.places or self._is_decided or len(block.rows) == LOOKED_AT - 1:
            return False
        return sum(bool(filled(cells)) for cells in block.rows) <= said

    def _is_covered(self, number: int) -> bool:
        """Whether an empty row only lies under cells that are merged downwards from above it."""
        while self._merges and self._merges[-1][0] < number:
            self._covered = max(self._covered, self._merges.pop()[1])
        return self._block is not None and number <= self._covered

    def _end_block(self) -> None:
        if self._block is not None and not self._is_decided:
            self._decide()
        self._block = None

    def _note_gap(self, number: int) -> None:
        if self.places and self.places[-1].gap_after < 0:
            self.places[-1].gap_after = number

    def _decide(self) -> None:
        """Whether the block begins a table; then its rows belong to that one."""
        block = self._block
        if block is None:
            return
        self._is_decided = True
        place = self._place_of(block)
        if place is None:
            for offset, cells in enumerate(block.rows if self.places else ()):
                self._extend(block.start + offset, cells)
            return
        if self.places:
            self.places[-1].end = block.start
        self.places.append(place)
        if len(self.places) > MOST_TABLES:
            raise TooManyTables
        for offset, cells in enumerate(block.rows):
            if block.start + offset >= place.first:
                self._extend(block.start + offset, cells)

    def _place_of(self, block: _Block) -> Place | None:
        wide = [n for n, cells in enumerate(block.rows) if len(filled(cells)) > 1]
        if self.places:
            if self._insist or len(wide) < 2 or not starts_with_heading(block.rows[wide[0] :]):
                return None
            self._above = []
        columns = {c for cells in block.rows for c in filled(cells)}
        is_first = self._said.preamble_rows is not None and not self.places
        skipped = wide[0] if wide and not is_first and not self._is_stated_by_the_file(block) else 0
        rows, start = block.rows[skipped:], block.start + skipped
        stated = self._stated(block, rows)
        heading = heading_of(rows, start, self._grid.merged, stated)
        if self._lone and not heading.depth and stated is None:
            heading = self._lone_heading(columns, start) or heading
        first = max(start, heading.start + heading.depth)
        data = len(rows) - (first - start)
        if not self._is_table(data, len(wide), len(columns), heading):
            self._remember_above(block)
            return None
        over = (cells for cells in block.rows[:skipped] if filled(cells))
        above = [*self._above, *over][-SHOWN_ABOVE:]
        columns |= {n for n, text in enumerate(heading.names) if text}
        return Place(heading, first, columns, above, last_full=first - 1)

    def _is_stated_by_the_file(self, block: _Block) -> bool:
        return bool(self._grid.heading_rows) and block.start == 0

    def _stated(self, block: _Block, rows: Sequence[Sequence[str]]) -> int | None:
        """How many of `rows` name the columns, blank ones between them too, where the file or a
        person says it."""
        said = self._said.header_rows
        if said is not None and not self.places:
            there = [number for number, cells in enumerate(rows, start=1) if filled(cells)]
            return there[:said][-1] if said and there else 0
        return self._grid.heading_rows if self._is_stated_by_the_file(block) else None

    def _is_table(self, data: int, wide: int, width: int, heading: Heading) -> bool:
        """Whether rows under a heading are a table, and no text that was written in cells."""
        if data <= 0:
            return False
        if self._insist or self._grid.heading_rows or (self._said and not self.places):
            return True
        return heading.is_certain and heading.depth > 0 if width == 1 else wide > 1

    def _remember_above(self, block: _Block) -> None:
        self._above = [*self._above, *block.rows][-SHOWN_ABOVE:]
        last = block.rows[-1]
        is_heading = len(filled(last)) > 1 and not any(is_value(cell) for cell in last if cell)
        number = block.start + len(block.rows) - 1
        self._lone = (number, last) if is_heading and len(block.rows) < LOOKED_AT else None

    def _lone_heading(self, columns: set[int], start: int) -> Heading | None:
        """A heading that a blank row parts from the rows that it heads."""
        number, cells = self._lone or (-1, [])
        if not set(filled(cells)) >= columns - {min(columns)}:
            return None
        self._above = self._above[:-1]
        return Heading(number, 1, tuple(cells), is_certain=False)

    def _extend(self, number: int, cells: list[str]) -> None:
        if not self.places:
            self._above = [*self._above, cells][-SHOWN_ABOVE:]
            return
        place = self.places[-1]
        there = filled(cells)
        inside = [n for n in there if n in place.columns]
        if len(inside) > 1 or (inside and (len(place.columns) == 1 or place.gap_after < 0)):
            text = cells[min(place.columns)] if min(place.columns) < len(cells) else ""
            if len(inside) == 1 and place.is_note(number, cells):
                return
            place.columns.update(there)
            place.last_full, place.gap_after = number, -1
            place.longest_label = max(place.longest_label, min(len(text), 1 << 20))


def tables_in(
    grid: Grid,
    *,
    path: tuple[str, ...],
    name: str,
    beat: Beat,
    insist: bool = False,
    said: ReadAs = AS_RECOGNISED,
) -> list[FoundTable]:
    """The tables of a grid, in order. With `insist` all that is in it is one.

    What a person `said` of rows above and rows of names is so for the first of them.
    """
    places = _Finder(grid, insist=insist, said=said).look(beat)
    path = (*path, WHOLE) if insist else path
    return [
        _found(grid, place, path=path if n == 1 else (*path, str(n)), name=name, number=n)
        for n, place in enumerate(places, start=1)
    ]


def _found(
    grid: Grid, place: Place, *, path: tuple[str, ...], name: str, number: int
) -> FoundTable:
    columns = sorted(place.columns)
    names = place.heading.names
    header = tuple(names[c] if c < len(names) else "" for c in columns)
    return FoundTable(
        path=path,
        name=name if number == 1 else f"{name} ({number})",
        header=header,
        rows=lambda: in_batches(_rows_of(grid, place, columns), len(columns)),
        preamble=[[cell for cell in cells if cell] for cells in place.above],
        notes=tuple(_notes(grid, place)),
    )


def _notes(grid: Grid, place: Place) -> Iterator[str]:
    if place.above:
        yield f"{len(place.above)} rows above the header are left out."
    if place.heading.depth > 1:
        yield f"{place.heading.depth} header rows are joined into one."
    if any(a[0] >= place.first and b[0] > a[0] for a, b in grid.merged):
        yield "Text in cells that are merged downwards is repeated in each of their rows."


def _rows_of(grid: Grid, place: Place, columns: list[int]) -> Iterator[Row]:
    waiting = sorted((m for m in grid.merged if m[1][0] > m[0][0]), reverse=True)
    spread: dict[int, tuple[int, str]] = {}
    record = 0
    for number, cells in enumerate(grid.rows()):
        if number < place.first:
            continue
        if number >= place.end:
            return
        while waiting and waiting[-1][0][0] <= number:
            (top, left), (bottom, _) = waiting.pop()
            if top == number and left < len(cells) and not is_value(cells[left]):
                spread[left] = (bottom, cells[left])
        there = filled(cells)
        if not there:
            continue
        record += 1
        if number > place.last_full:
            yield Row(record, [cells[n] for n in there], OUTSIDE)
            continue
        row = [cells[c] if c < len(cells) else "" for c in columns]
        for position, column in enumerate(columns):
            if not row[position] and column in spread and spread[column][0] >= number:
                row[position] = spread[column][1]
        yield Row(record, row)
