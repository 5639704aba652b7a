"""Jobs before a file is kept: understanding it, and showing what was understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from simplr_core.errors import Corrupt
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed, seal_to_channel
from simplr_core.tidy.recognition import recognise

REPORT_CHANNEL = 1
LARGEST_REPORT = 64 << 20


class ReportUnreadable(Corrupt):
    """The stored sample of an upload cannot be read. Understand the upload again."""

    code = "report-unreadable"


def understand(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Read the sealed original once and say what it is.

    `arguments`: key, context, header and sealed_size of the original, its `name`, how to keep it
    (`as`: auto, table or file), and the `report_key` and `report_context` under which everything
    made of cell values is sealed onto channel 1. `files`: `original`.

    The result is the understanding, with `report`: the facts of the sealed report, or None for
    a file.
    """
    source = open_sealed(arguments, files["original"])
    report = recognise(
        source,  # type: ignore[arg-type]  # a raw reader is all that is needed
        name=str(arguments.get("name", "")),
        size=source.size,
        keep_as=arguments.get("as", "auto"),
        heartbeat=heartbeat_of(port, None, "understanding"),
    )
    result = {**report.understanding.to_json(), "report": None}
    if report.understanding.kind == "table":
        content = json.dumps(report.values_to_json(), ensure_ascii=False).encode()
        result["report"] = seal_to_channel(
            port,
            REPORT_CHANNEL,
            content,
            key=arguments["report_key"],
            context=arguments["report_context"],
        )
    return result


def open_report(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """What the caller may see of the sample and the examples that `understand` sealed.

    `arguments`: key, context, header and sealed_size of the report; `show_personal`; and `hide`,
    names of fields whose values are not to be shown. Without `show_personal` every field that
    was marked, directly or indirectly, is hidden as well, and so are the rows above the table.
    `files`: `report`.
    """
    reader = open_sealed(arguments, files["report"])
    try:
        report = json.loads(reader.read(LARGEST_REPORT))
    except ValueError as error:
        raise ReportUnreadable from error
    show_personal = arguments.get("show_personal") is True
    hidden = set(arguments.get("hide", ()))
    if not show_personal:
        hidden |= set(report["personal"])
    shown = [n for n, name in enumerate(report["fields"]) if name not in hidden]
    return {
        "fields": [report["fields"][n] for n in shown],
        "hidden": [name for name in report["fields"] if name in hidden],
        "rows": [[row[n] for n in shown] for row in report["sample"]],
        "examples": {name: v for name, v in report["examples"].items() if name not in hidden},
        "preamble": report["preamble"] if not hidden else [],
    }
