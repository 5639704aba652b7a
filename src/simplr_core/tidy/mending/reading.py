"""What becomes of entries by a mending: read by the mended recipe, written by hand, or left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.errors import NotFound
from simplr_core.tables.formats import texts
from simplr_core.tables.schema import Field, Schema
from simplr_core.tidy.cells import trim
from simplr_core.tidy.mending.changes import Change, Does, mended_schema
from simplr_core.tidy.mending.recipes import for_cells_of, mended_recipe
from simplr_core.tidy.quarantine import Entry
from simplr_core.tidy.recipe.cleaning import PLAIN, Cleaning
from simplr_core.tidy.recipe.steps import Recipe
from simplr_core.tidy.tables import read_column

MOST_SAMPLES = 5
MOST_SAMPLES_IN_ALL = 500

Numbers = npt.NDArray[np.int64]


class NoSuchEntry(NotFound):
    """There is no such entry in quarantine any more. Look at it again."""

    code = "no-such-entry"


class Fate(IntEnum):
    """What becomes of an entry."""

    LEFT = 0
    MENDED = 1
    DROPPED = 2


@dataclass(frozen=True, slots=True)
class Read:
    """Some entries after a mending: what became of each, and the values of those that fit."""

    fates: npt.NDArray[np.uint8]
    cells: Mapping[str, tuple[Numbers, pa.Array]]
    """By field: positions of entries, and their cells."""
    rows: tuple[Numbers, pa.RecordBatch]
    """Positions of entries that are whole rows, and the rows."""


@dataclass
class Tally:
    """What one change did: how many entries it is about, what became of them, and some of them."""

    matched: int = 0
    mended: int = 0
    missing: int = 0
    """Of those mended, the cells that are missing now."""
    dropped: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        left = self.matched - self.mended - self.dropped
        return {
            "matched": self.matched,
            "mended": self.mended,
            "missing": self.missing,
            "dropped": self.dropped,
            "left": left,
            "samples": self.samples,
        }


class Mender:
    """Says of entries, some at a time, what becomes of them. `tallies` has one for each change."""

    def __init__(self, schema: Schema, recipe: Recipe | None, changes: Sequence[Change]) -> None:
        self.changes = tuple(changes)
        self.schema = mended_schema(schema, changes)
        self.recipe = mended_recipe(recipe, changes, self.schema) if recipe else None
        self.tallies = [Tally() for _ in changes]
        self._by_entry = {
            change.entry: number for number, change in enumerate(changes) if change.row is not None
        }
        self._found: set[tuple[int, str | None]] = set()
        self._of_groups = [
            (number, change) for number, change in enumerate(changes) if change.row is None
        ]
        self._cleanings: dict[str, Cleaning] = {}
        self._shown = 0

    def read(self, entries: Sequence[Entry]) -> Read:
        """What becomes of these entries. A cell has one fate, a row as a whole has one."""
        work = _Work(entries, self)
        return work.done()

    def may_show(self) -> bool:
        """Whether one entry more may be shown before and after: a file may say very many changes."""
        self._shown += 1
        return self._shown <= MOST_SAMPLES_IN_ALL

    def check_all_found(self) -> None:
        """Raise NoSuchEntry if a change was about an entry that was not among those read."""
        for row, name in self._by_entry:
            if (row, name) not in self._found:
                raise NoSuchEntry(row=row, field=name)

    def change_of(self, entry: Entry) -> int | None:
        """The number of the change that is about an entry, the first of several."""
        key = (entry["row"], entry["field"])
        if key in self._by_entry:
            self._found.add(key)
            return self._by_entry[key]
        if entry.get("dropped"):  # for good: only by hand does it come back
            return None
        return next((n for n, change in self._of_groups if change.group.holds(entry)), None)

    def last_word(self, entry: Entry) -> Does | None:
        """What is to become of an entry of groups that no rule made fit."""
        words = (c.does for _, c in self._of_groups if c.group.holds(entry))
        return next((does for does in words if does in (Does.EMPTY, Does.DROP)), None)

    def column(self, name: str, cells: Sequence[str | None]) -> tuple[pa.Array, Any]:
        """The values of a field in these texts, and a mask of those that are none."""
        each = self.schema[name]
        if name not in self._cleanings:
            recipe = for_cells_of(self.recipe or PLAIN, each)
            self._cleanings[name] = Cleaning(recipe, [each])
        array = trim(pa.array(cells, pa.string()).fill_null(""))
        return read_column(array, each, self._cleanings[name], 0)


class _Work:
    """The reading of some entries."""

    def __init__(self, entries: Sequence[Entry], mender: Mender) -> None:
        self._entries, self._mender = entries, mender
        self._fates = np.zeros(len(entries), np.uint8)
        self._cells: dict[str, tuple[Numbers, pa.Array]] = {}
        self._rows: tuple[Numbers, pa.RecordBatch] = _nothing(mender.schema)
        self._by: dict[int, int] = {}

    def done(self) -> Read:
        by_field: dict[str, list[int]] = defaultdict(list)
        whole: list[int] = []
        for position, entry in enumerate(self._entries):
            number = self._mender.change_of(entry)
            if number is None:
                continue
            self._by[position] = number
            if entry["field"] is None:
                whole.append(position)
            else:
                by_field[entry["field"]].append(position)
        for name, positions in by_field.items():
            self._read_cells(name, positions)
        self._read_rows(whole)
        self._count()
        return Read(self._fates, self._cells, self._rows)

    def _change(self, position: int) -> Change:
        return self._mender.changes[self._by[position]]

    def _read_cells(self, name: str, positions: list[int]) -> None:
        given = [self._text(position) for position in positions]
        values, lost = self._mender.column(name, given)
        # What has no text (a value that no type here holds) is not an empty cell.
        lost = np.asarray(lost) | np.array([text is None for text in given])
        fits = ~lost
        for at in np.flatnonzero(lost).tolist():
            does = self._does(positions[at])
            if does is Does.EMPTY:
                fits[at] = True
            elif does is Does.DROP:
                self._fates[positions[at]] = Fate.DROPPED
        kept = np.array(positions, np.int64)[fits]
        self._fates[kept] = Fate.MENDED
        cells = values.filter(pa.array(fits))
        if lost[fits].any():
            nothing = pa.nulls(len(cells), cells.type)
            cells = pc.if_else(pa.array(lost[fits]), nothing, cells)
        self._cells[name] = (kept, cells)

    def _text(self, position: int) -> str | None:
        change, raw = self._change(position), self._entries[position]["raw"]
        if change.row is None:
            return None if raw is None else str(raw)
        if change.does is Does.WRITE:
            return str(change.values["value"])
        return None  # by hand, missing or dropped: whatever its text is

    def _does(self, position: int) -> Does | None:
        change = self._change(position)
        if change.row is not None:
            return change.does
        return self._mender.last_word(self._entries[position])

    def _read_rows(self, positions: list[int]) -> None:
        written = []
        for position in positions:
            does = self._does(position)
            if does is Does.DROP:
                self._fates[position] = Fate.DROPPED
            elif does is Does.WRITE:
                written.append(position)
        if not written:
            return
        fits = np.ones(len(written), np.bool_)
        columns = []
        for each in self._mender.schema:
            cells = [self._change(n).values["cells"].get(each.name, "") for n in written]
            values, lost = self._mender.column(each.name, cells)
            columns.append(values)
            fits &= ~np.asarray(lost)
        kept = np.array(written, np.int64)[fits]
        self._fates[kept] = Fate.MENDED
        batch = pa.RecordBatch.from_arrays(columns, schema=self._mender.schema.arrow())
        self._rows = (kept, batch.filter(pa.array(fits)))

    # ---- counting

    def _count(self) -> None:
        tallies = self._mender.tallies
        for number, count in Counter(self._by.values()).items():
            tallies[number].matched += count
        for position, number in self._by.items():
            fate = self._fates[position]
            tallies[number].mended += int(fate == Fate.MENDED)
            tallies[number].dropped += int(fate == Fate.DROPPED)
        for positions, cells in self._cells.values():
            gone = np.asarray(cells.is_null())
            for position in positions[gone].tolist():
                tallies[self._by[position]].missing += 1
        self._take_samples()

    def _take_samples(self) -> None:
        for position, number in self._by.items():
            samples = self._mender.tallies[number].samples
            if len(samples) < MOST_SAMPLES and self._mender.may_show():
                samples.append(self._sample(position))

    def _sample(self, position: int) -> dict[str, Any]:
        entry = self._entries[position]
        return {
            "row": entry["row"],
            "field": entry["field"],
            "before": entry["raw"],
            "after": self._after(position),
            "fate": Fate(self._fates[position]).name.lower(),
        }

    def _after(self, position: int) -> str | list[str | None] | None:
        name = self._entries[position]["field"]
        if self._fates[position] != Fate.MENDED:
            return None
        if name is None:
            positions, batch = self._rows
            at = int(np.searchsorted(positions, position))
            return texts(batch.slice(at, 1), self._mender.schema)[0]
        positions, cells = self._cells[name]
        at = int(np.searchsorted(positions, position))
        return _as_text(cells.slice(at, 1), self._mender.schema[name])


def _nothing(schema: Schema) -> tuple[Numbers, pa.RecordBatch]:
    return np.empty(0, np.int64), pa.RecordBatch.from_pylist([], schema=schema.arrow())


def _as_text(cell: pa.Array, each: Field) -> str | None:
    batch = pa.RecordBatch.from_arrays([cell], schema=pa.schema([each.arrow()]))
    return texts(batch, Schema((each,)))[0][0]
