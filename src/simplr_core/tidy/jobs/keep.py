"""Jobs that keep a table: from the sealed original to sealed parts, quarantine and profiles."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any, BinaryIO

from simplr_core.errors import Conflict
from simplr_core.tables.jobs.keeping import TableKeeper
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed
from simplr_core.tidy.encodings import Undecodable
from simplr_core.tidy.plans import KeepPlan
from simplr_core.tidy.reading import CarefulNeeded
from simplr_core.tidy.tables import TypedRows, read_table

LARGEST_PROFILE = 16 << 20


class OriginalChanged(Conflict):
    """The file does not read as it was understood. Understand it again."""

    code = "original-changed"


def keep(arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort) -> dict[str, Any]:
    """Read the sealed original as planned, and seal what comes of it.

    `arguments`: `original` (key, context, header, sealed_size); `plan` (a `KeepPlan` in JSON);
    `parts`: a key and a context for each of its groups, in order; `quarantine`: the same;
    `profiles`: the same for each field of its schema, in order. `files`: `original`.

    Channels: 1 to P the parts, P + 1 the quarantine (a JSON object a line), then the profiles.
    The result has the `counts`, the facts of each sealed object by channel (`objects`), and what
    may lie in clear of each field (`fields`).
    """
    plan = KeepPlan.from_json(arguments["plan"])
    keeper = TableKeeper(plan.schema, plan.groups, arguments, port)
    source = open_sealed(arguments["original"], files["original"])
    beat = heartbeat_of(port, plan.understanding.counts.rows_in, "keeping")
    try:
        for rows in read_whole(source, plan):  # type: ignore[arg-type]
            keeper.add(rows.batch)
            keeper.put_aside(rows.quarantine.to_pylist())
            beat(keeper.row_count)
        return keeper.finish()
    except BaseException:
        keeper.abandon()
        raise


def read_whole(source: BinaryIO, plan: KeepPlan) -> Iterator[TypedRows]:
    """All rows of a file, as it was understood. Raises OriginalChanged where it reads otherwise."""
    count = 0
    try:
        for rows in read_table(source, plan.understanding):
            count += rows.batch.num_rows + rows.bad_row_count
            yield rows
    except (Undecodable, CarefulNeeded) as error:
        raise OriginalChanged from error
    if count != plan.understanding.counts.rows_in:
        raise OriginalChanged("The file has other rows than when it was understood.")


def open_profiles(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """The values of profiles that the caller may see.

    `arguments`: `profiles`: key, context, header and sealed_size by name of field. `files`: an
    open file for each of these names.
    """
    found = {}
    for name, facts in arguments["profiles"].items():
        found[name] = json.loads(open_sealed(facts, files[name]).read(LARGEST_PROFILE))
    return {"profiles": found}


def read_quarantine(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Some of what was put aside, in the order of the file.

    `arguments`: `quarantine` (key, context, header, sealed_size); `offset`, `limit`; and `hide`,
    names of fields whose cells are not to be shown. Where a field is hidden, the texts of whole
    rows are hidden too: they may hold it. `files`: `quarantine`. `has_more` says that more follow.
    """
    offset, limit = int(arguments.get("offset", 0)), int(arguments.get("limit", 50))
    hidden = set(arguments.get("hide", ()))
    with closing(open_sealed(arguments["quarantine"], files["quarantine"])) as reader:
        lines: Iterator[bytes] = io.BufferedReader(reader, 1 << 18)
        rows = [json.loads(line) for line in islice(lines, offset, offset + limit + 1)]
    for row in rows:
        if hidden and (row["field"] is None or row["field"] in hidden):
            row["raw"] = None
    return {"rows": rows[:limit], "has_more": len(rows) > limit}
