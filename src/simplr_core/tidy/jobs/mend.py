"""The jobs that mend what was put aside: tried on all of it, or written as the next version.

Mended rows stand at their place: each row of a version has a number, from 1, and those that are
not put aside are the kept ones in their order. The rows in quarantine are read once to see what
becomes of them, and once more for each share of mended ones that may be held in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simplr_core.errors import Corrupt, Invalid
from simplr_core.tables.conforming import conformed
from simplr_core.tables.jobs.keeping import TableKeeper
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed, seal_to_channel
from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.schema import Schema
from simplr_core.tidy.jobs.aside import lines_of
from simplr_core.tidy.jobs.open_recipe import read_recipe_object
from simplr_core.tidy.mending import Change, changes_in, check_sight, seen_schema
from simplr_core.tidy.mending.edited import changes_of_file
from simplr_core.tidy.mending.reading import Fate, Mender, Read
from simplr_core.tidy.mending.recipes import recounted
from simplr_core.tidy.mending.weaving import Held, Places, in_order, woven
from simplr_core.tidy.numbering import records_of
from simplr_core.tidy.quarantine import Entry
from simplr_core.tidy.recipe.steps import Recipe

AT_ONCE = 20_000
"""So many entries are looked at together."""

MOST_BYTES = 192 << 20
"""So many bytes of mended entries are held at a time, to be put in their places."""

LARGEST_CHANGES = 8 << 20

Numbers = npt.NDArray[np.int64]


class NothingMended(Invalid):
    """None of it fits by this. Try it first, and see what stays."""

    code = "nothing-mended"


class CountsDiffer(Corrupt):
    """The quarantine does not hold the rows that were counted. Restore it from a backup."""

    code = "quarantine-counts-differ"


def try_mending(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """What a mending would do: for each change, how many entries fit, and some before and after.

    `arguments`: `schema` of the version (JSON); `quarantine` and `asked`: key, context, header,
    sealed_size; `earlier_recipe`: the same, or None. `asked` holds a list of changes (see
    `changes_in`), or, where `edited` says `csv` or `ndjson`, an export that was edited; `hide`
    names fields that whoever asks may not see. `files`: these names. Raises NoSuchEntry, or what is wrong with what was asked.
    """
    schema = Schema.from_json(arguments["schema"])
    mender = Mender(schema, _recipe(arguments, files), _changes(arguments, files, schema))
    beat = heartbeat_of(port, None, "mending")
    with lines_of(arguments["quarantine"], files["quarantine"]) as lines:
        for done, chunk in enumerate(_chunks(map(json.loads, lines))):
            mender.read(chunk)
            beat(done * AT_ONCE)
    mender.check_all_found()
    return {"changes": _told(mender, arguments)}


def mend(arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort) -> dict[str, Any]:
    """Write the earlier version with the entries that fit now in their places, as one table.

    `arguments`: `earlier` (see `KeptVersion`); `earlier_recipe`, `asked`, `edited` and `hide` as for
    `try_mending`; `schema` and `groups` of the result; `parts`, `quarantine` and `profiles` as for
    `TableKeeper`; and `recipe`, a key and a context, where there is an earlier one: it is sealed
    behind the profiles. `files`: what these name. The result is that of `TableKeeper`, with
    `changes`: how many rows and cells came back. Raises NothingMended, or what `try_mending` raises.
    """
    return _Mending(arguments, files, port).written()


def _recipe(arguments: Mapping[str, Any], files: Mapping[str, int]) -> Recipe | None:
    recipe = arguments.get("earlier_recipe")
    return read_recipe_object(recipe, files["earlier_recipe"]) if recipe else None


def _changes(
    arguments: Mapping[str, Any], files: Mapping[str, int], schema: Schema
) -> Sequence[Change]:
    edited, hidden = arguments.get("edited"), set(arguments.get("hide", ()))
    seen = seen_schema(schema, hidden)
    with closing(open_sealed(arguments["asked"], files["asked"])) as reader:
        if edited:
            changes = changes_of_file(reader, str(edited), seen)
        else:
            changes = changes_in(json.loads(reader.read(LARGEST_CHANGES)), seen)
    check_sight(changes, hidden)
    return changes


def _told(mender: Mender, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each change did; of a file, all of its changes together."""
    if not arguments.get("edited"):
        return [tally.to_json() for tally in mender.tallies]
    told = [tally.to_json() for tally in mender.tallies]
    counts = ("matched", "mended", "missing", "dropped", "left")
    together = {name: sum(one[name] for one in told) for name in counts}
    samples = [sample for one in told for sample in one["samples"]]
    return [{**together, "samples": samples[:5]}]


def _chunks(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while chunk := list(islice(entries, AT_ONCE)):
        yield chunk


class _Mending:
    """One run of `mend`: the fates first, then the rows with what is mended in its place."""

    def __init__(
        self, arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
    ) -> None:
        self._arguments, self._port = arguments, port
        self._earlier = KeptVersion(arguments["earlier"], files)
        self._schema = Schema.from_json(arguments["schema"])
        self._recipe = _recipe(arguments, files)
        self._changes = _changes(arguments, files, self._earlier.schema)
        self._done = 0
        self._heartbeat = heartbeat_of(port, self._earlier.rows_in, "keeping")

    def written(self) -> dict[str, Any]:
        """The whole work."""
        counted = self._new_mender()
        places, weights = self._places(counted)
        counted.check_all_found()
        changed = sum(tally.mended + tally.dropped for tally in counted.tallies)
        if not changed:
            raise NothingMended
        keeper = TableKeeper(self._schema, self._arguments["groups"], self._arguments, self._port)
        try:
            self._write_rows(keeper, places, weights)
            keeper.put_aside(self._left(places))
            result = keeper.finish()
            if result["counts"]["in"] != self._earlier.rows_in:
                raise CountsDiffer
            cells = sum(tally.mended for tally in counted.tallies) - len(places.mended)
            told = {"mended_rows": len(places.mended), "mended_cells": cells}
            return {**self._with_recipe(result, counted), "changes": told}
        except BaseException:
            keeper.abandon()
            raise

    def _new_mender(self) -> Mender:
        return Mender(self._earlier.schema, self._recipe, self._changes)

    def _reads(self, mender: Mender | None = None) -> Iterator[tuple[list[Entry], Read]]:
        mender = mender or self._new_mender()
        for chunk in _chunks(self._earlier.aside()):
            yield chunk, mender.read(chunk)
            self._beat(self._done)

    def _beat(self, done: int) -> None:
        self._done = done
        self._heartbeat(done)

    # ---- what becomes of the entries

    def _places(self, mender: Mender) -> tuple[Places, tuple[Numbers, Numbers]]:
        """Where whole rows lie; and of each mended entry its number and about how many bytes it takes."""
        aside, mended, cells, kept = _Growing(), _Growing(), _Growing(), _Growing()
        taken, row_sizes, cell_sizes = _Growing(), _Growing(), _Growing()
        for chunk, read in self._reads(mender):
            rows = np.array([entry["row"] for entry in chunk], np.int64)
            whole = np.array([entry["field"] is None for entry in chunk])
            sizes = np.array([len(entry["raw"] or "") + 64 for entry in chunk], np.int64)
            fits = read.fates == Fate.MENDED
            aside.add(rows[whole])
            mended.add(rows[whole & fits])
            row_sizes.add(sizes[whole & fits])
            at = np.array([e["kept_row"] for e in chunk if e["field"] is not None], np.int64)
            cells.add(rows[~whole])
            kept.add(at)
            taken.add(at[fits[~whole]])
            cell_sizes.add(sizes[~whole & fits])
        places = self._known(np.sort(aside.all()), np.sort(mended.all()), kept.all(), cells.all())
        numbers = [places.numbers_of(taken.all()), self._ordered(places, mended.all())]
        return places, (
            np.concatenate(numbers),
            np.concatenate([cell_sizes.all(), row_sizes.all()]),
        )

    def _known(self, aside: Numbers, mended: Numbers, kept: Numbers, cells: Numbers) -> Places:
        """The places, if numbers tell them: those of rows put aside, and those of kept rows with
        cells in quarantine, which are said of each of them."""
        total = self._earlier.rows_in
        known = len(aside) + self._earlier.row_count == total and bool((np.diff(aside) > 0).all())
        if known and len(aside):
            known = bool(aside[0] >= 1 and aside[-1] <= total)
        known = known and bool((records_of(kept, aside) == cells).all())
        left = np.setdiff1d(aside, mended, assume_unique=known)
        return Places(aside, left, mended, known)

    def _ordered(self, places: Places, numbers: Numbers) -> Numbers:
        """Where mended rows stand among the others: by their numbers, or behind them all."""
        return numbers if places.known else numbers + self._earlier.rows_in

    def _left(self, places: Places) -> Iterator[dict[str, Any]]:
        """What stays in quarantine, with the numbers that its rows have now."""
        for chunk, read in self._reads():
            kept = np.array([-1 if e["kept_row"] is None else e["kept_row"] for e in chunk])
            now = places.kept_now(kept)
            for at, entry in enumerate(chunk):
                if read.fates[at] == Fate.MENDED:
                    continue
                is_cell = entry["field"] is not None
                dropped = read.fates[at] == Fate.DROPPED or entry.get("dropped")
                yield {
                    **entry,
                    "kept_row": int(now[at]) if is_cell else None,
                    **({"dropped": True} if dropped else {}),
                }

    # ---- writing

    def _write_rows(
        self, keeper: TableKeeper, places: Places, weights: tuple[Numbers, Numbers]
    ) -> None:
        stretches = self._stretches(places, weights)
        end, held = next(stretches)
        start, before = 0, 0
        for batch in self._earlier.batches():
            rows = conformed(batch, self._schema)
            numbers = places.numbers_of(np.arange(start, start + batch.num_rows, dtype=np.int64))
            while batch.num_rows and end < numbers[-1]:
                at = int(np.searchsorted(numbers, end, "right"))
                keeper.add(woven(rows.slice(0, at), numbers[:at], held, before, end))
                rows, numbers, before = rows.slice(at), numbers[at:], end
                end, held = next(stretches)
            if len(numbers):
                last = int(numbers[-1])
                keeper.add(woven(rows, numbers, held, before, last))
                before = last
            start += batch.num_rows
            self._beat(keeper.row_count)
        nothing = pa.RecordBatch.from_pylist([], schema=self._schema.arrow())
        while True:
            keeper.add(woven(nothing, np.empty(0, np.int64), held, before, end))
            if end >= _EVERYTHING:
                return
            before = end
            end, held = next(stretches)

    def _stretches(
        self, places: Places, weights: tuple[Numbers, Numbers]
    ) -> Iterator[tuple[int, Held]]:
        """Stretches of rows by their last numbers, each with as much as may be held."""
        numbers, sizes = weights
        order = np.argsort(numbers, kind="stable")
        share = np.cumsum(sizes[order]) // MOST_BYTES
        before = 0
        for cut in np.flatnonzero(np.diff(share)).tolist():
            end = int(numbers[order[cut]])
            if end > before:
                yield end, self._held(places, before, end)
                before = end
        yield _EVERYTHING, self._held(places, before, _EVERYTHING)

    def _held(self, places: Places, before: int, end: int) -> Held:
        cells: dict[str, list[tuple[Numbers, pa.Array]]] = {}
        numbers, batches = [], [pa.RecordBatch.from_pylist([], schema=self._schema.arrow())]
        for chunk, read in self._reads():
            for name, (positions, values) in read.cells.items():
                kept = np.array([chunk[at]["kept_row"] for at in positions], np.int64)
                at = places.numbers_of(kept)
                mine = (at > before) & (at <= end)
                cells.setdefault(name, []).append((at[mine], values.filter(pa.array(mine))))
            positions, batch = read.rows
            rows = np.array([chunk[at]["row"] for at in positions], np.int64)
            at = self._ordered(places, rows)
            mine = (at > before) & (at <= end)
            numbers.append(at[mine])
            batches.append(batch.filter(pa.array(mine)))
        together = {name: in_order(parts) for name, parts in cells.items()}
        at = np.concatenate([np.empty(0, np.int64), *numbers])
        order = np.argsort(at, kind="stable")
        return Held(together, at[order], pa.Table.from_batches(batches).take(pa.array(order)))

    def _with_recipe(self, result: Mapping[str, Any], mender: Mender) -> dict[str, Any]:
        """The result, with the recipe sealed on the channel behind the profiles."""
        if mender.recipe is None:
            return dict(result)
        number = len(self._arguments["parts"]) + len(self._arguments["profiles"]) + 2
        left = {field["name"]: field["quarantined"] for field in result["fields"]}
        recipe = recounted(
            mender.recipe, mender.changes, [one.mended for one in mender.tallies], left
        )
        content = json.dumps(recipe.to_json(), ensure_ascii=False).encode()
        thing = self._arguments["recipe"]
        key, context = thing["key"], thing["context"]
        facts = seal_to_channel(self._port, number, content, key=key, context=context)
        return {**result, "objects": {**result["objects"], str(number): facts}}


_EVERYTHING = 1 << 62
"""Behind every row."""


class _Growing:
    """Numbers that come some at a time."""

    def __init__(self) -> None:
        self._parts: list[Numbers] = [np.empty(0, np.int64)]

    def add(self, numbers: Numbers) -> None:
        self._parts.append(numbers)

    def all(self) -> Numbers:
        return np.concatenate(self._parts)
