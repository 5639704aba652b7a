"""Jobs that make the next version of a data set out of the last one and a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simplr_core.tables.conforming import conformed
from simplr_core.tables.jobs.keeping import TableKeeper
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed
from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.schema import Schema
from simplr_core.tidy.jobs.following import Following
from simplr_core.tidy.tables import TypedRows


def append(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Write the rows of the earlier version, then those of the file, as one table.

    `arguments`: `earlier` (see `KeptVersion`); `original` (key, context, header, sealed_size)
    and `plan` (a `KeepPlan` in JSON) of the file; `schema` and `groups` of the result; `parts`,
    `quarantine` and `profiles` as for `TableKeeper`; `recipe`, `report` and `table` as for `keep`. `files`: `original`, and what `earlier` names.

    What was put aside comes along. Rows of the file are numbered on from those of the earlier
    version, so that a number means one row of the whole. The result is that of `TableKeeper`;
    `file`, the counts of the file alone; and `changes`: how many rows were added.
    """
    earlier = KeptVersion(arguments["earlier"], files)
    following = Following(arguments, files)
    plan = following.plan
    schema = Schema.from_json(arguments["schema"])
    keeper = TableKeeper(schema, arguments["groups"], arguments, port)
    beat = heartbeat_of(port, earlier.rows_in + plan.understanding.counts.rows_in, "keeping")
    try:
        for batch in earlier.batches():
            keeper.add(conformed(batch, schema))
            beat(keeper.row_count)
        keeper.put_aside(earlier.aside())
        keeper.note_made(earlier.rows_made)
        before = keeper.counts()
        source = open_sealed(arguments["original"], files["original"])
        for rows in following.rows(source):  # type: ignore[arg-type]
            keeper.add(conformed(rows.batch, schema))
            keeper.put_aside(_numbered_on(rows, earlier))
            keeper.note_made(rows.made_count)
            beat(keeper.row_count)
        added = keeper.kept_count - earlier.row_count
        result = keeper.finish()
        return {
            **following.with_recipe(result, arguments, port),
            "file": _less(result["counts"], before),
            "changes": {"added": added},
        }
    except BaseException:
        keeper.abandon()
        raise


def _less(counts: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    return {name: count - before.get(name, 0) for name, count in counts.items()}


def _numbered_on(rows: TypedRows, earlier: KeptVersion) -> Iterator[dict[str, Any]]:
    for entry in rows.quarantine.to_pylist():
        kept = entry["kept_row"]
        yield {
            **entry,
            "row": entry["row"] + earlier.rows_in,
            "kept_row": None if kept is None else kept + earlier.row_count,
        }
