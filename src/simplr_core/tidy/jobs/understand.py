"""Jobs before a file is kept: understanding it, and showing what was understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simplr_core.errors import Corrupt
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed, seal_to_channel
from simplr_core.tidy.again import Earlier, followed_again
from simplr_core.tidy.jobs.open_recipe import read_recipe_object
from simplr_core.tidy.opening import open_file
from simplr_core.tidy.read_as import ReadAs
from simplr_core.tidy.recipe.proposing import read_as_of

REPORT_CHANNEL = 1
LARGEST_REPORT = 64 << 20


class ReportUnreadable(Corrupt):
    """The stored sample of an upload cannot be read. Understand the upload again."""

    code = "report-unreadable"


def understand(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Read the sealed original once and say what it is.

    `arguments`: `original` (key, context, header, sealed_size), its `name`, how to keep it
    (`wanted_as`: auto, table or file), what a person says of its reading, if anybody did (`read_as`,
    see `ReadAs`), and `report`: the key and context under which everything made of cell values is
    sealed onto channel 1. For the next version of a data set also `earlier`: the sealed `recipe` of
    the last (key, context, header, sealed_size), which says its reading where nobody does, the
    `path` of its table and the `marks` and `kinds` of its fields (see `Earlier`). `files`: `original`, and `recipe` with an `earlier` one.

    The result holds the `understanding`: of the one table in it, of a file, or of several
    `tables`; and as `report` the facts of the sealed report, or None for a file.
    """
    source = open_sealed(arguments["original"], files["original"])
    earlier = _earlier(arguments["earlier"], files["recipe"]) if "earlier" in arguments else None
    said = ReadAs.from_json(arguments.get("read_as", {}))
    if earlier is not None and "read_as" not in arguments:
        said = read_as_of(earlier.recipe)
    found = open_file(
        source,  # type: ignore[arg-type]  # a raw reader is all that is needed
        name=str(arguments.get("name", "")),
        size=source.size,
        keep_as=arguments.get("wanted_as", "auto"),
        said=said,
        heartbeat=heartbeat_of(port, None, "understanding"),
    )
    if earlier is not None:
        tables = followed_again(found.tables, earlier, source)  # type: ignore[arg-type]
        found = replace(found, tables=tables)
    result: dict[str, Any] = {"understanding": found.to_json(), "report": None}
    if found.tables:
        content = json.dumps(found.values_to_json(), ensure_ascii=False).encode()
        result["report"] = seal_to_channel(
            port,
            REPORT_CHANNEL,
            content,
            key=arguments["report"]["key"],
            context=arguments["report"]["context"],
        )
    return result


def _earlier(given: Mapping[str, Any], descriptor: int) -> Earlier:
    recipe = read_recipe_object(given["recipe"], descriptor)
    return Earlier(recipe, tuple(given["path"]), dict(given["marks"]), dict(given["kinds"]))


def open_report(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """What the caller may see of the sample and the examples that `understand` sealed.

    `arguments`: `report` (key, context, header, sealed_size); `table`, its number where the file
    holds several; `show_personal`; and `hide`, names of fields whose values are not to be shown. Without `show_personal` every field that
    was marked, directly or indirectly, is hidden as well, and so are the rows above the table.
    `files`: `report`.
    """
    report = read_report(arguments["report"], files["report"], int(arguments.get("table", 0)))
    show_personal = arguments.get("show_personal") is True
    hidden = set(arguments.get("hide", ()))
    if not show_personal:
        hidden |= set(report["personal"])
    names, rows = report["sample"]["fields"], report["sample"]["rows"]
    shown = [n for n, name in enumerate(names) if name not in hidden]
    return {
        "fields": [names[n] for n in shown],
        "hidden": [name for name in names if name in hidden],
        "rows": [[row[n] for n in shown] for row in rows],
        "examples": {name: v for name, v in report["examples"].items() if name not in hidden},
        "preamble": report["preamble"] if not hidden else [],
        "steps": {
            number: step["values"]
            for number, step in report.get("steps", {}).items()
            if step["field"] not in hidden
        },
    }


def read_report(facts: Mapping[str, Any], descriptor: int, table: int) -> dict[str, Any]:
    """What `understand` sealed of one table. Raises ReportUnreadable."""
    reader = open_sealed(facts, descriptor)
    try:
        report = json.loads(reader.read(LARGEST_REPORT))
        found: dict[str, Any] = report["tables"][table] if "tables" in report else report
    except (ValueError, IndexError) as error:
        raise ReportUnreadable from error
    return found
