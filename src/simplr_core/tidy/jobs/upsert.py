"""The job that writes a file's rows into a version by a key: known ones replaced, new ones added.

Memory is bounded whatever the sizes: keys are held as words of 8 bytes, and of the file's rows
only so many as fit a budget; the file is read once more for each such share. Nothing is spilled.
"""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simplr_core.tables.conforming import conformed
from simplr_core.tables.formats import texts
from simplr_core.tables.jobs.keeping import TableKeeper
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed
from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.matching import NOWHERE, Hasher, Keys, any_missing, places_in
from simplr_core.tables.schema import Schema
from simplr_core.tidy.jobs.following import Following
from simplr_core.tidy.numbering import records_of
from simplr_core.tidy.plans import KeyUnknown
from simplr_core.tidy.rows import LONGEST_RAW

REASONS = ("", "key-missing", "key-twice", "key-ambiguous")
_NONE, _MISSING, _TWICE, _AMBIGUOUS = range(4)

MOST_BYTES = 192 << 20
"""So many bytes of the file's rows are held at a time, to be put in their places."""

MOST_KEYS = 8_000_000
"""So many keys of both are matched at a time."""

Numbers = npt.NDArray[np.int64]


def upsert(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Write the earlier version with the rows of the file in the places of those of the same key.

    `arguments` as for `append`, and `key`: names of fields. A row of the file whose key is
    missing, occurs more than once in the file, or belongs to several rows of the earlier version
    is put aside with the reason. A row of a new key stands after the others. What was put aside
    of a row that is replaced goes with it. The result is that of `append`; `changes` says how
    many rows were `added` and `replaced`.
    """
    work = _Upsert(arguments, files, port)
    try:
        return work.run()
    except BaseException:
        work.keeper.abandon()
        raise


@dataclass(frozen=True, slots=True)
class _FileRows:
    """Some rows of the file: the number of the first one among those that fit, and the rows."""

    start: int
    batch: pa.RecordBatch
    aside: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Fate:
    """What becomes of each row: of the file by its number among those that fit, of the old by its own."""

    replaces: Numbers
    """For each row of the file, the old row whose place it takes, or NOWHERE."""
    reasons: npt.NDArray[np.uint8]
    """For each row of the file, why it is put aside: a place in REASONS, the first for none."""
    replaced_by: Numbers
    """For each old row, the row of the file that takes its place, or NOWHERE."""

    @property
    def is_new(self) -> npt.NDArray[np.bool_]:
        new: npt.NDArray[np.bool_] = (self.replaces == NOWHERE) & (self.reasons == _NONE)
        return new


class _Upsert:
    def __init__(
        self, arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
    ) -> None:
        self._arguments = arguments
        self._files = files
        self._earlier = KeptVersion(arguments["earlier"], files)
        self._following = Following(arguments, files)
        self._plan = self._following.plan
        self._port = port
        self._schema = Schema.from_json(arguments["schema"])
        self._key = tuple(arguments["key"])
        names = set(self._plan.schema.names) & set(self._earlier.schema.names)
        if not self._key or not set(self._key) <= names:
            raise KeyUnknown(fields=sorted(set(self._key) - names))
        self._hasher = Hasher(secrets.token_bytes(32))
        self._width = 0.0
        self._bad_records: Numbers = np.zeros(0, np.int64)
        self.keeper = TableKeeper(self._schema, arguments["groups"], arguments, port)
        self._beat = heartbeat_of(port, None, "keeping")

    def run(self) -> dict[str, Any]:
        fate = self._fates()
        self._put_aside_of_earlier(fate)
        before = self.keeper.counts()
        self._write_old_places(fate)
        self._write_new_rows(fate)
        result = self.keeper.finish()
        replaced = int((fate.replaces != NOWHERE).sum())
        added = int(fate.is_new.sum())
        aside = result["counts"]["quarantined_rows"] - before["quarantined_rows"]
        cells = result["counts"]["quarantined_cells"] - before["quarantined_cells"]
        return {
            **self._following.with_recipe(result, self._arguments, self._port),
            "file": {
                "in": replaced + added + aside,
                "kept": replaced + added,
                "quarantined_rows": aside,
                "quarantined_cells": cells,
            },
            "changes": {"added": added, "replaced": replaced},
        }

    # ---- what becomes of each row

    def _rows(self) -> Iterator[_FileRows]:
        """The rows of the file that fit, from its beginning."""
        source = open_sealed(self._arguments["original"], self._files["original"])
        start = 0
        for rows in self._following.rows(source):  # type: ignore[arg-type]
            yield _FileRows(start, conformed(rows.batch, self._schema), rows.quarantine.to_pylist())
            start += rows.batch.num_rows
            self._beat(self.keeper.row_count)

    def _keys(self, batch: pa.RecordBatch, start: int) -> Keys:
        columns = [batch.column(name) for name in self._key]
        first, second = self._hasher.keys(columns, batch.num_rows)
        rows = np.arange(start, start + batch.num_rows, dtype=np.int64)
        return Keys(rows, first, second, any_missing(columns))

    def _keys_of_file(self) -> Keys:
        found, bad, size = [], [], 0
        for rows in self._rows():
            found.append(self._keys(rows.batch, rows.start))
            bad += [entry["row"] for entry in rows.aside if entry["field"] is None]
            size += rows.batch.nbytes
        keys = Keys.of(found)
        self._width = size / max(1, len(keys))
        self._bad_records = np.sort(np.array(bad, np.int64))
        return keys

    def _keys_of_earlier(self, part: int, parts: int) -> Keys:
        found, start = [], 0
        schema = self._schema.select(self._key)
        for batch in self._earlier.batches(self._key):
            keys = self._keys(conformed(batch, schema), start)
            found.append(keys.where(keys.first % np.uint64(parts) == part))
            start += batch.num_rows
        return Keys.of(found)

    def _fates(self) -> _Fate:
        keys = self._keys_of_file()
        fate = _Fate(
            replaces=np.full(len(keys), NOWHERE, np.int64),
            reasons=np.where(keys.missing, _MISSING, _NONE).astype(np.uint8),
            replaced_by=np.full(self._earlier.row_count, NOWHERE, np.int64),
        )
        parts = max(1, -(-(len(keys) + self._earlier.row_count) // MOST_KEYS))
        for part in range(parts):
            mine = keys.where(keys.first % np.uint64(parts) == part)
            self._decide(mine, self._keys_of_earlier(part, parts), fate)
        return fate

    def _decide(self, mine: Keys, old: Keys, fate: _Fate) -> None:
        twice = mine.repeated()
        fate.reasons[mine.rows[twice]] = _TWICE
        clear = mine.where(~twice & ~mine.missing)
        several = old.repeated()
        among_several = places_in(clear, old.where(several)) != NOWHERE
        fate.reasons[clear.rows[among_several]] = _AMBIGUOUS
        clear = clear.where(~among_several)
        single = old.where(~several & ~old.missing)
        places = places_in(clear, single)
        found = places != NOWHERE
        fate.replaces[clear.rows[found]] = single.rows[places[found]]
        fate.replaced_by[single.rows[places[found]]] = clear.rows[found]

    # ---- writing

    def _put_aside_of_earlier(self, fate: _Fate) -> None:
        whole: list[int] = []

        def still_there() -> Iterator[dict[str, Any]]:
            for entry in self._earlier.aside():
                if entry["field"] is None:
                    whole.append(entry["row"])
                elif fate.replaced_by[entry["kept_row"]] != NOWHERE:
                    continue
                yield entry

        self.keeper.put_aside(still_there())
        self._old_bad_records = np.sort(np.array(whole, np.int64))

    def _write_old_places(self, fate: _Fate) -> None:
        """The old rows in order, with those of the file where they take a place."""
        waiting = self._shares(fate)
        share_end, picked = 0, None
        start = 0
        for batch in self._earlier.batches():
            end = start + batch.num_rows
            rows = conformed(batch, self._schema)
            at = start
            while at < end:
                if at >= share_end:
                    share_end, picked = next(waiting)
                stop = min(end, share_end)
                piece = rows.slice(at - start, stop - at)
                self.keeper.add(_in_places(piece, fate.replaced_by[at:stop], picked))
                at = stop
            start = end
            self._beat(self.keeper.row_count)

    def _shares(self, fate: _Fate) -> Iterator[tuple[int, _Picked | None]]:
        """Stretches of old rows, each with the rows of the file that go there: as many as may be held."""
        most = max(1, int(MOST_BYTES / max(1.0, self._width)))
        taken = np.flatnonzero(fate.replaced_by != NOWHERE)
        for low in range(0, len(taken), most):
            stretch = taken[low : low + most]
            is_last = low + most >= len(taken)
            end = len(fate.replaced_by) if is_last else int(stretch[-1]) + 1
            yield end, self._picked(np.sort(fate.replaced_by[stretch]))
        if not len(taken):
            yield len(fate.replaced_by), None

    def _picked(self, wanted: Numbers) -> _Picked:
        found = []
        for rows in self._rows():
            end = rows.start + rows.batch.num_rows
            low, high = np.searchsorted(wanted, [rows.start, end])
            if high > low:
                found.append(rows.batch.take(pa.array(wanted[low:high] - rows.start)))
        return _Picked(wanted, pa.Table.from_batches(found, self._schema.arrow()))

    def _write_new_rows(self, fate: _Fate) -> None:
        """The rows of new keys behind the others, and all that is put aside of the file."""
        numbers = _Numbers(self._bad_records, self._old_bad_records, self._earlier, fate)
        is_new, added = fate.is_new, 0
        for rows in self._rows():
            end = rows.start + rows.batch.num_rows
            new = is_new[rows.start : end]
            self.keeper.add(rows.batch.filter(pa.array(new)))
            at = self._earlier.row_count + added + np.cumsum(new) - 1
            self.keeper.put_aside(self._entries(rows, fate, numbers, at))
            added += int(new.sum())

    def _entries(
        self, rows: _FileRows, fate: _Fate, numbers: _Numbers, at: Numbers
    ) -> Iterator[dict[str, Any]]:
        cells: dict[int, dict[str, str | None]] = {}
        for entry in rows.aside:
            kept = entry["kept_row"]
            if kept is None:
                yield {**entry, "row": numbers.of_record(entry["row"])}
            elif fate.reasons[kept]:
                cells.setdefault(kept, {})[entry["field"]] = entry["raw"]
            elif (old := int(fate.replaces[kept])) != NOWHERE:
                yield {**entry, "row": numbers.of_old(old), "kept_row": old}
            else:
                place = int(at[kept - rows.start])
                yield {**entry, "row": numbers.of_file(kept), "kept_row": place}
        here = fate.reasons[rows.start : rows.start + rows.batch.num_rows]
        for number in (np.flatnonzero(here) + rows.start).tolist():
            row = texts(rows.batch.slice(number - rows.start, 1), self._schema)[0]
            shown = dict(zip(self._schema.names, row, strict=True)) | cells.get(number, {})
            yield {
                "row": numbers.of_file(number),
                "kept_row": None,
                "field": None,
                "reason": REASONS[fate.reasons[number]],
                "raw": _line([shown[name] for name in self._plan.schema.names]),
            }


@dataclass(frozen=True, slots=True)
class _Picked:
    """Rows of the file that are held, by their numbers."""

    numbers: Numbers
    table: pa.Table


def _in_places(batch: pa.RecordBatch, by: Numbers, picked: _Picked | None) -> pa.RecordBatch:
    """The old rows, with those of the file where they take a place."""
    taken = np.flatnonzero(by != NOWHERE)
    if picked is None or not len(taken):
        return batch
    new = picked.table.take(pa.array(np.searchsorted(picked.numbers, by[taken])))
    order = np.arange(batch.num_rows)
    order[taken] = batch.num_rows + np.arange(len(taken))
    both = pa.concat_tables([pa.Table.from_batches([batch]), new]).combine_chunks()
    return both.take(pa.array(order)).combine_chunks().to_batches()[0]


class _Numbers:
    """The numbers that rows have in the whole: old rows keep theirs, others go on from them.

    A row of the file that takes the place of an old one takes its number too.
    """

    def __init__(self, bad: Numbers, old_bad: Numbers, earlier: KeptVersion, fate: _Fate) -> None:
        self._bad, self._old_bad = bad, old_bad
        self._rows_in = earlier.rows_in
        replaced = np.flatnonzero(fate.replaces != NOWHERE)
        self._replaced = records_of(replaced, bad)

    def of_record(self, record: int) -> int:
        """Of a row that is the `record`-th of the file."""
        return self._rows_in + record - int(np.searchsorted(self._replaced, record, "right"))

    def of_file(self, number: int) -> int:
        """Of the row with this number among those of the file that fit."""
        return self.of_record(int(records_of(np.array([number]), self._bad)[0]))

    def of_old(self, number: int) -> int:
        """Of an old row that is kept."""
        return int(records_of(np.array([number]), self._old_bad)[0])


def _line(cells: Sequence[str | None]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue()[:LONGEST_RAW]
