"""Jobs that let rows out: streams in a format, rows for a page, counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simplr_core.errors import Invalid
from simplr_core.privacy.plans import Plan, read_plan
from simplr_core.privacy.pseudonyms import PseudonymMap, PseudonymsBroken
from simplr_core.tables.formats import FORMATS, FormatUnknown, texts, write_stream
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import (
    ArgumentMissing,
    heartbeat_of,
    open_sealed,
    sealed_part,
)
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import PartsReader
from simplr_core.tables.stretches import Stretch

MOST_ROWS_OF_A_PAGE = 1_000


class TooManyToSort(Invalid):
    """Sorting all of this takes too much memory. Ask for fewer rows with a limit."""

    code = "too-many-to-sort"


MOST_SORTED_ROWS = 2_000_000


def deliver(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Write the rows of a plan to channel 1, in the format asked for.

    `arguments`: `schema` of the version (JSON); `parts`: [{fields, key, context, header,
    sealed_size, file}], where a part that `plan.columns` does not need may have no key; `plan`
    (see `read_plan`); `format`; `exact`; `pseudonyms`: {field: {key, context, header,
    sealed_size, file}}; `first` and `last`: only these bytes of what would be written. `files`:
    the parts and maps, by the names in `file`. The result says `rows` that were written, and of
    all of it the `size`.

    Raises what the plan raises, PseudonymsOutdated, and Corrupt for a changed part.
    """
    first, last = int(arguments.get("first") or 0), arguments.get("last")
    sink = Stretch(port.sink(1), first, None if last is None else int(last))
    plan, rows = _written(arguments, files, port, sink)
    sink.close()
    found = {"rows": rows, "fields": list(plan.show.names)}
    return found if last is not None else {**found, "size": sink.written}


def measure(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """How many bytes `deliver` would write with these arguments: {size}. No byte leaves."""
    sink = Stretch(None)
    _written(arguments, files, port, sink)
    return {"size": sink.written}


def _written(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort, sink: Stretch
) -> tuple[Plan, int]:
    plan = read_plan(arguments["plan"], Schema.from_json(arguments["schema"]))
    kind = arguments.get("format", "csv")
    if kind not in FORMATS:
        raise FormatUnknown(f"{str(kind)[:20]!r} is no format: {', '.join(FORMATS)} are.")
    with _reader(arguments, files, plan, plan.columns) as reader:
        batches = _delivered(plan, reader, _maps(arguments, files, plan), port)
        rows = write_stream(
            sink.until_through(batches),
            plan.show,
            kind,
            sink,
            exact=bool(arguments.get("exact", False)),
        )
    return plan, rows


def sample(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """The first rows of a plan as texts, for a page, as JSON on channel 1: {fields, rows}.

    `arguments` as for `deliver`; with `count` the result says how many rows pass (`row_count`).
    At most 1,000 rows. `total` is the number of rows of the version.
    """
    plan = read_plan(arguments["plan"], Schema.from_json(arguments["schema"]))
    limit = min(plan.limit if plan.limit is not None else 50, MOST_ROWS_OF_A_PAGE)
    rows: list[list[str | None]] = []
    with _reader(arguments, files, plan, plan.columns) as reader:
        total = reader.row_count
        for batch in _delivered(plan, reader, _maps(arguments, files, plan), port, limit=limit):
            rows += texts(batch, plan.show)
    fields = [
        {
            "name": field.name,
            "title": field.title,
            "type": field.type.value,
            "mask": plan.masks[field.name].kind,
        }
        for field in plan.show
    ]
    sink = port.sink(1)
    sink.write(json.dumps({"fields": fields, "rows": rows}, ensure_ascii=False).encode())
    sink.close()
    result: dict[str, Any] = {"shown": len(rows), "total": total}
    if arguments.get("count"):
        result["row_count"] = count(arguments, files, port)["row_count"]
    return result


def count(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """How many rows of the version pass the plan's conditions: {row_count, total}."""
    plan = read_plan(arguments["plan"], Schema.from_json(arguments["schema"]))
    columns = plan.counting_columns
    with _reader(arguments, files, plan, columns) as reader:
        total = reader.row_count
        if not columns:
            return {"row_count": total, "total": total}
        pseudonyms = _maps(arguments, files, plan)
        beat, passing, done = heartbeat_of(port, total, "counting"), 0, 0
        for batch in reader:
            passing += plan.rows_of(batch, pseudonyms).num_rows
            done += batch.num_rows
            beat(done)
    return {"row_count": passing, "total": total}


def _reader(
    arguments: Mapping[str, Any], files: Mapping[str, int], plan: Plan, columns: tuple[str, ...]
) -> PartsReader:
    """A reader over the parts that hold these columns; the other parts are not opened."""
    parts = [part for part in arguments["parts"] if set(part["fields"]) & set(columns)]
    if not parts:  # only rows are counted: any part that can be opened holds their numbers
        parts = [part for part in arguments["parts"] if part.get("key") is not None][:1]
    # Where every row passes, whole row groups before the offset need not be read.
    plain = plan.condition is None and plan.where is None and not plan.sort
    return PartsReader(
        [sealed_part(part, files) for part in parts],
        columns,
        offset=plan.offset if plain else 0,
        limit=plan.limit if plain else None,
        by_dictionary=True,
    )


def _maps(
    arguments: Mapping[str, Any], files: Mapping[str, int], plan: Plan
) -> dict[str, PseudonymMap]:
    given = arguments.get("pseudonyms") or {}
    found = {}
    for name in plan.pseudonymised:
        if name not in given:
            raise ArgumentMissing(argument=f"pseudonyms of {name}")
        found[name] = read_map(given[name], files[given[name]["file"]])
    return found


def read_map(facts: Mapping[str, Any], descriptor: int) -> PseudonymMap:
    """The map of pseudonyms in a sealed object. Raises PseudonymsBroken and SealBroken."""
    reader = open_sealed(facts, descriptor)
    try:
        return PseudonymMap.from_table(pq.ParquetFile(pa.PythonFile(reader, mode="r")).read())
    except pa.ArrowException as error:
        raise PseudonymsBroken from error


def _delivered(
    plan: Plan,
    reader: PartsReader,
    pseudonyms: Mapping[str, PseudonymMap],
    port: ChildPort,
    *,
    limit: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """The rows as shown, after order, offset and limit, with only the fields asked for."""
    plain = plan.condition is None and plan.where is None and not plan.sort
    skip = 0 if plain else plan.offset
    left = plan.limit if limit is None else limit
    passing = _passing(plan, reader, pseudonyms, port)
    if plan.sort:
        most = None if left is None else skip + left
        passing = iter(_sorted(passing, plan, most).to_batches())
    for batch in passing:
        shown = batch.slice(skip) if skip < batch.num_rows else batch.slice(0, 0)
        skip = max(0, skip - batch.num_rows)
        if left is not None:
            shown = shown.slice(0, left)
            left -= shown.num_rows
        if shown.num_rows:
            yield shown.select(list(plan.show.names))
        if left == 0:
            return


def _passing(
    plan: Plan, reader: PartsReader, pseudonyms: Mapping[str, PseudonymMap], port: ChildPort
) -> Iterator[pa.RecordBatch]:
    beat, done = heartbeat_of(port, reader.row_count, "rows"), 0
    for batch in reader:
        yield plan.rows_of(batch, pseudonyms)
        done += batch.num_rows
        beat(done)


def _sorted(batches: Iterator[pa.RecordBatch], plan: Plan, most: int | None) -> pa.Table:
    """All rows in order, or the first `most` of them, which need little memory."""
    order: Any = [(key.name, "descending" if key.descending else "ascending") for key in plan.sort]
    held = Schema(tuple(f for f in plan.visible if f.name in plan.columns)).arrow().empty_table()
    waiting: list[pa.RecordBatch] = []

    def merged() -> pa.Table:
        table = pa.concat_tables([held, pa.Table.from_batches(waiting, held.schema)])
        table = table.sort_by(order)
        return table if most is None else table.slice(0, most)

    for batch in batches:
        waiting.append(batch)
        pending = sum(each.num_rows for each in waiting)
        if most is not None and pending >= max(most, 65_536):
            held, waiting = merged().combine_chunks(), []
        elif held.num_rows + pending > MOST_SORTED_ROWS:
            raise TooManyToSort
    return merged()
