"""Jobs before a file is kept: understanding it, and showing what was understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from simplr_core.errors import Corrupt
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed, seal_to_channel
from simplr_core.tidy.opening import open_file

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
    (`wanted_as`: auto, table or file), and `report`: the key and context under which everything
    made of cell values is sealed onto channel 1. `files`: `original`.

    The result holds the `understanding`: of the one table in it, of a file, or of several
    `tables`; and as `report` the facts of the sealed report, or None for a file.
    """
    source = open_sealed(arguments["original"], files["original"])
    found = open_file(
        source,  # type: ignore[arg-type]  # a raw reader is all that is needed
        name=str(arguments.get("name", "")),
        size=source.size,
        keep_as=arguments.get("wanted_as", "auto"),
        heartbeat=heartbeat_of(port, None, "understanding"),
    )
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


def open_report(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """What the caller may see of the sample and the examples that `understand` sealed.

    `arguments`: `report` (key, context, header, sealed_size); `table`, its number where the file
    holds several; `show_personal`; and `hide`, names of fields whose values are not to be shown. Without `show_personal` every field that
    was marked, directly or indirectly, is hidden as well, and so are the rows above the table.
    `files`: `report`.
    """
    reader = open_sealed(arguments["report"], files["report"])
    try:
        report = json.loads(reader.read(LARGEST_REPORT))
        report = report["tables"][int(arguments.get("table", 0))] if "tables" in report else report
    except (ValueError, IndexError) as error:
        raise ReportUnreadable from error
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
    }
