"""What changed between two versions of a table: fields, rows, cells, and how values are spread.

Rows are matched by a key where there is one, and else compared as wholes. Memory is bounded: rows
are held as words of 8 bytes, a part of the keys at a time, and columns some at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simplr_core.stats.fields import FieldPair, compared, pairs_of, renamed
from simplr_core.tables.formats import texts
from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.matching import (
    NOWHERE,
    Hasher,
    Keys,
    Rows,
    Words,
    any_missing,
    joined,
    places_in,
)
from simplr_core.tables.profiles import Profiler
from simplr_core.tables.schema import ROW_NUMBER, Schema

MOST_ROWS = 8_000_000
"""So many rows of both versions together are matched at a time."""

MOST_CELLS = 32_000_000
"""So many cells are held as words at a time."""

MOST_COLUMNS = 32
SAMPLED_CHANGED, SAMPLED_OTHERS = 20, 5


@dataclass(slots=True)
class Tally:
    """What has been counted so far."""

    same: int = 0
    changed: int = 0
    added: int = 0
    gone: int = 0
    unclear: list[int] = field(default_factory=lambda: [0, 0])
    """Rows of either version whose key is missing or not theirs alone: compared as wholes."""
    cells: dict[str, int] = field(default_factory=dict)
    changed_rows: list[tuple[int, int]] = field(default_factory=list)
    added_rows: list[int] = field(default_factory=list)
    gone_rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Matched:
    """The rows of a stretch of both tables, and which belong together."""

    rows: tuple[Rows, Rows]
    pairs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    """Places in `rows` of those that have the same key."""
    alone: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    """Places of those whose key only one of the tables has."""
    unclear: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    """Places of those that no key tells apart."""


class Comparison:
    """Compares two versions by the fields that may be looked at, and opens no other."""

    def __init__(
        self,
        before: KeptVersion,
        after: KeptVersion,
        *,
        shown: tuple[Sequence[str], Sequence[str]],
        key: Sequence[str],
        seed: bytes,
        beat: Callable[[int], None] = lambda done: None,
    ) -> None:
        self._versions = (before, after)
        self._shown = shown
        self._key = tuple(key)
        self._hasher = Hasher(seed)
        self._pairs = pairs_of(before.schema.select(shown[0]), after.schema.select(shown[1]))
        self._common = [pair for pair in self._pairs if pair.is_common]
        self._tally = Tally(cells={pair.name: 0 for pair in self._common})
        self._profilers: dict[str, list[Profiler]] = {
            pair.name: [Profiler(pair.common) for _ in self._versions] for pair in self._common
        }
        self._beat = beat
        self._done = 0

    @property
    def _stretches(self) -> int:
        return max(1, -(-sum(v.row_count for v in self._versions) // MOST_ROWS))

    def run(self) -> dict[str, Any]:
        """Do the work, and tell `beat` how far it is. The result holds cell values."""
        for stretch in range(self._stretches):
            self._count(self._match(stretch), is_first=stretch == 0)
        self._measure_single()
        return self._result()

    # ---- which rows belong together

    def _match(self, stretch: int) -> Matched:
        before, after = (self._keys(at, stretch) for at in (0, 1))
        if self._key:
            return _matched(before, after)
        rows, nothing = (before.rows, after.rows), np.zeros(0, np.int64)
        everything = (np.arange(len(before)), np.arange(len(after)))
        if not self._common:  # no row can be like another
            return Matched(rows, (nothing, nothing), everything, (nothing, nothing))
        return Matched(rows, (nothing, nothing), (nothing, nothing), everything)

    def _keys(self, at: int, stretch: int) -> Keys:
        """The keys of the rows of one stretch; without a key, of whole rows."""
        by_name = {pair.name: pair for pair in self._common}
        wanted = [by_name[name] for name in self._key] if self._key else self._common
        found, start = [], 0
        names = [pair.name for pair in wanted]
        for batch in self._versions[at].batches(names or [ROW_NUMBER]):
            rows = np.arange(start, start + batch.num_rows, dtype=np.int64)
            columns = [pair.in_common(batch.column(pair.name)) for pair in wanted]
            first, second = self._hasher.keys(columns, len(rows))
            missing = any_missing(columns) if self._key else np.zeros(len(rows), np.bool_)
            mine = first % np.uint64(self._stretches) == stretch
            found.append(Keys(rows[mine], first[mine], second[mine], missing[mine]))
            start += batch.num_rows
            self._read(batch.num_rows)
        return Keys.of(found)

    def _read(self, rows: int) -> None:
        self._done += rows
        self._beat(self._done)

    # ---- what is in them

    def _count(self, matched: Matched, *, is_first: bool) -> None:
        changed = np.zeros(len(matched.pairs[0]), np.bool_)
        wholes = [np.zeros(len(places), np.uint64) for places in matched.unclear]
        for block in self._blocks(matched):
            words = [self._words(block, at, matched.rows[at], is_first) for at in (0, 1)]
            for number, pair in enumerate(block):
                old, new = words[0][number], words[1][number]
                differ = old[matched.pairs[0]] != new[matched.pairs[1]]
                self._tally.cells[pair.name] += int(differ.sum())
                changed |= differ
                for at, column in enumerate((old, new)):
                    wholes[at] = joined(wholes[at], column[matched.unclear[at]])
        self._note(matched, changed, wholes)

    def _blocks(self, matched: Matched) -> Iterator[list[FieldPair]]:
        rows = max(1, sum(len(rows) for rows in matched.rows))
        width = max(1, min(MOST_COLUMNS, MOST_CELLS // rows))
        for start in range(0, len(self._common), width):
            yield self._common[start : start + width]

    def _words(self, block: list[FieldPair], at: int, rows: Rows, is_first: bool) -> list[Words]:
        """A word for each cell of these columns in these rows; all of them are measured once."""
        words: list[list[Words]] = [[] for _ in block]
        start = 0
        for batch in self._versions[at].batches([pair.name for pair in block]):
            low, high = np.searchsorted(rows, [start, start + batch.num_rows])
            here = rows[low:high] - start
            for number, pair in enumerate(block):
                column = pair.in_common(batch.column(pair.name))
                if is_first:
                    self._profilers[pair.name][at].add(column)
                words[number].append(self._hasher.cells(column)[here])
            start += batch.num_rows
            self._beat(self._done)
        return [np.concatenate(each) if each else np.zeros(0, np.uint64) for each in words]

    def _note(self, matched: Matched, changed: npt.NDArray[np.bool_], wholes: list[Words]) -> None:
        tally = self._tally
        gone, added = _surplus(wholes[0], wholes[1]), _surplus(wholes[1], wholes[0])
        tally.changed += int(changed.sum())
        tally.same += int((~changed).sum()) + int((~gone).sum())
        tally.gone += len(matched.alone[0]) + int(gone.sum())
        tally.added += len(matched.alone[1]) + int(added.sum())
        if self._key:
            tally.unclear = [
                n + len(p) for n, p in zip(tally.unclear, matched.unclear, strict=True)
            ]
        old, new = (rows[places] for rows, places in zip(matched.rows, matched.pairs, strict=True))
        pairs = sorted(zip(new[changed].tolist(), old[changed].tolist(), strict=True))
        tally.changed_rows = sorted([*tally.changed_rows, *pairs[:SAMPLED_CHANGED]])[
            :SAMPLED_CHANGED
        ]
        for noted, at, surplus in ((tally.gone_rows, 0, gone), (tally.added_rows, 1, added)):
            rows = matched.rows[at]
            places = np.concatenate([matched.alone[at], matched.unclear[at][surplus]])
            noted[:] = sorted([*noted, *np.sort(rows[places])[:SAMPLED_OTHERS].tolist()])[
                :SAMPLED_OTHERS
            ]

    def _measure_single(self) -> None:
        """The profiles of fields that only one of the versions has."""
        for at in (0, 1):
            alone = [pair for pair in self._pairs if not pair.is_common and pair.sides[at]]
            for pair in alone:
                self._profilers[pair.name] = [Profiler(pair.common)]
            for start in range(0, len(alone), MOST_COLUMNS):
                block = alone[start : start + MOST_COLUMNS]
                for batch in self._versions[at].batches([pair.name for pair in block]):
                    for pair in block:
                        self._profilers[pair.name][0].add(batch.column(pair.name))
                    self._beat(self._done)

    # ---- what is said of it

    def _result(self) -> dict[str, Any]:
        tally, (before, after) = self._tally, self._versions
        cells = tally.cells if self._key else {}
        return {
            "key": list(self._key),
            "rows": {
                "before": before.row_count,
                "after": after.row_count,
                "same": tally.same,
                "changed": tally.changed if self._key else None,
                "added": tally.added,
                "gone": tally.gone,
                "unclear_before": tally.unclear[0],
                "unclear_after": tally.unclear[1],
            },
            "fields": [
                compared(
                    pair,
                    self._profilers[pair.name],
                    cells.get(pair.name),
                    is_key=pair.name in self._key,
                )
                for pair in self._pairs
            ],
            "renamed": renamed(self._pairs, self._profilers),
            "samples": self._samples(),
        }

    def _samples(self) -> dict[str, Any]:
        tally = self._tally
        old = self._texts(0, self._common, [old for _, old in tally.changed_rows])
        new = self._texts(1, self._common, [new for new, _ in tally.changed_rows])
        return {
            "changed": [self._changed_row(was, now) for was, now in zip(old, new, strict=True)],
            "gone": self._texts(0, self._having(0), tally.gone_rows),
            "added": self._texts(1, self._having(1), tally.added_rows),
        }

    def _having(self, at: int) -> list[FieldPair]:
        return [pair for pair in self._pairs if pair.sides[at]]

    def _texts(
        self, at: int, pairs: Sequence[FieldPair], rows: Sequence[int]
    ) -> list[dict[str, str | None]]:
        """A few rows as texts, in the types in which both versions are compared."""
        if not rows or not pairs:
            return []
        names = [pair.name for pair in pairs]
        schema = Schema(tuple(pair.common for pair in pairs))
        batch = self._versions[at].rows_at(names, rows)
        columns = [pair.in_common(batch.column(pair.name)) for pair in pairs]
        shown = texts(pa.RecordBatch.from_arrays(columns, schema=schema.arrow()), schema)
        return [dict(zip(names, row, strict=True)) for row in shown]

    def _changed_row(
        self, was: dict[str, str | None], now: dict[str, str | None]
    ) -> dict[str, Any]:
        return {
            "key": [now[name] for name in self._key],
            "cells": [
                {"field": name, "before": was[name], "after": now[name]}
                for name in was
                if was[name] != now[name]
            ],
        }


def _matched(before: Keys, after: Keys) -> Matched:
    """Rows with the same key, where it is theirs alone in both tables."""
    own = [~(keys.missing | keys.repeated()) for keys in (before, after)]
    clear = [np.flatnonzero(mine) for mine in own]
    some = [_some(keys, places) for keys, places in zip((before, after), clear, strict=True)]
    found = places_in(some[0], some[1])
    has = found != NOWHERE
    taken = np.zeros(len(clear[1]), np.bool_)
    taken[found[has]] = True
    left = (clear[0][~has], clear[1][~taken])
    alone, unclear = [], []
    for at, (keys, other) in enumerate(((before, after), (after, before))):
        others = _some(other, np.flatnonzero(other.repeated()))
        there = places_in(_some(keys, left[at]), others) != NOWHERE
        alone.append(left[at][~there])
        unclear.append(np.sort(np.concatenate([np.flatnonzero(~own[at]), left[at][there]])))
    return Matched(
        (before.rows, after.rows),
        (clear[0][has], clear[1][found[has]]),
        (alone[0], alone[1]),
        (unclear[0], unclear[1]),
    )


def _some(keys: Keys, places: npt.NDArray[np.int64]) -> Keys:
    return Keys(keys.rows[places], keys.first[places], keys.second[places], keys.missing[places])


def _surplus(words: Words, others: Words) -> npt.NDArray[np.bool_]:
    """Those of `words` that `others` has no like left for: of equal ones, the last."""
    order = np.argsort(words, kind="stable")
    sorted_words, theirs = words[order], np.sort(others)
    rank = np.arange(len(words)) - np.searchsorted(sorted_words, sorted_words)
    count = np.searchsorted(theirs, sorted_words, "right") - np.searchsorted(theirs, sorted_words)
    surplus = np.zeros(len(words), np.bool_)
    surplus[order] = rank >= count
    return surplus
