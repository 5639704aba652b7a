"""What was understood of a file, with the rows that show it, for those who may see them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from simplr.base import children
from simplr.base.actors import Actor
from simplr.intake.models import Upload, UploadState
from simplr.intake.queries import concerns
from simplr.intake.services import NotReady
from simplr.vault import services as vault
from simplr_core.errors import NotFound
from simplr_core.tidy.jobs import tables_of

MOST_WITH_ROWS = 12


def understanding_of(
    upload: Upload, *, personal: bool, actor: Actor, table: int | None = None
) -> dict[str, Any]:
    """The understanding, with sample rows; marked fields only for those who see personal ones.

    Of several tables, all without their rows, or the one of the number `table` with them.

    Who may only put files into a project sees the rows of his own. The child that unseals the sample leaves out what may not be seen. Raises NotReady while the
    file is not understood, NotFound where it has no such table.
    """
    if upload.state not in {UploadState.UNDERSTOOD, UploadState.KEEPING, UploadState.KEPT}:
        raise NotReady(state=upload.state)
    tables = tables_of(upload.understanding)
    if table is None and len(tables) > 1:
        return {**upload.understanding, "tables": [_shown(each) for each in tables]}
    if not 0 <= (table or 0) < max(1, len(tables)):
        raise NotFound("There is no such table in this file.")
    known = _shown(tables[table or 0] if tables else upload.understanding)
    if upload.report_id is None or not concerns(upload, actor):
        return known
    report = vault.open_object(upload.report_id)
    descriptor = report.open()
    try:
        with children.start(
            job="simplr_core.tidy.jobs:open_report",
            arguments={
                "report": report.for_child(),
                "table": table or 0,
                "show_personal": personal,
            },
            files={"report": descriptor},
        ) as child:
            shown = child.finish()
    finally:
        os.close(descriptor)
    return {
        **known,
        "sample": {"fields": shown["fields"], "rows": shown["rows"], "hidden": shown["hidden"]},
        "examples": shown["examples"],
    }


def tables_understood(upload: Upload) -> list[Mapping[str, Any]]:
    """What was understood of each table, without any value; nothing of a file."""
    return tables_of(upload.understanding)


def tables_of_upload(upload: Upload, *, personal: bool, actor: Actor) -> list[dict[str, Any]]:
    """The understanding of each table with its first rows, or the one of a file. For the page.

    Of many tables, the first rows of the first ones only: each of them takes a child.
    """
    count = max(1, len(tables_of(upload.understanding)))
    found = []
    for number in range(count):
        if number < MOST_WITH_ROWS:
            shown = understanding_of(upload, personal=personal, actor=actor, table=number)
        else:
            shown = _shown(tables_of(upload.understanding)[number])
        found.append(shown)
    return found


def _shown(understood: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in understood.items() if key != "careful"}
