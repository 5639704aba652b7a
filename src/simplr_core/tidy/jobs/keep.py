"""Jobs that keep a table: from the sealed original to sealed parts, quarantine and profiles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from simplr_core.tables.jobs.keeping import TableKeeper
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed
from simplr_core.tidy.jobs.following import Following

LARGEST_PROFILE = 16 << 20


def keep(arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort) -> dict[str, Any]:
    """Read the sealed original as planned, and seal what comes of it.

    `arguments`: `original` (key, context, header, sealed_size); `plan` (a `KeepPlan` in JSON);
    `parts`: a key and a context for each of its groups, in order; `quarantine` and `recipe`: the
    same; `profiles`: the same for each field of its schema, in order; `report`, where the file has
    one, and `table`: what `understand` sealed, and the number of the table in it. `files`:
    `original`, and with a `report` that.

    Channels: 1 to P the parts, P + 1 the quarantine (a JSON object a line), then the profiles,
    then the recipe that was followed, with what each step changed. The result has the `counts`, the facts of each sealed object by channel (`objects`), and what
    may lie in clear of each field (`fields`).
    """
    following = Following(arguments, files)
    plan = following.plan
    keeper = TableKeeper(plan.schema, plan.groups, arguments, port)
    source = open_sealed(arguments["original"], files["original"])
    beat = heartbeat_of(port, plan.understanding.counts.rows_in, "keeping")
    try:
        for rows in following.rows(source):  # type: ignore[arg-type]
            keeper.add(rows.batch)
            keeper.put_aside(rows.quarantine.to_pylist())
            keeper.note_made(rows.made_count)
            beat(keeper.row_count)
        return following.with_recipe(keeper.finish(), arguments, port)
    except BaseException:
        keeper.abandon()
        raise


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
