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
from simplr_core.tidy.plans import KeepPlan, shown_recipe, tables_of

MOST_WITH_ROWS = 12
_OF_RECIPES = ("careful", "steps", "proposed")
"""What of an understanding is for the reader of the file, or shown as its recipe."""


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
    found = _with_rows(upload, table or 0, personal=personal, actor=actor)
    return _shown(found)


def _with_rows(upload: Upload, table: int, *, personal: bool, actor: Actor) -> dict[str, Any]:
    """The understanding of one table, with what the actor may see of its values."""
    tables = tables_of(upload.understanding)
    known = dict(tables[table] if tables else upload.understanding)
    shown = _values_of(upload, table, personal=personal, actor=actor)
    if tables:
        known["proposed"] = shown_recipe(known, shown["steps"] if shown else {})["steps"]
    if shown is None:
        return known
    return {
        **known,
        "sample": {"fields": shown["fields"], "rows": shown["rows"], "hidden": shown["hidden"]},
        "examples": shown["examples"],
    }


def recipe_of(
    upload: Upload, *, personal: bool, actor: Actor, table: int | None = None
) -> dict[str, Any]:
    """The recipe that the understanding proposes for a table: its steps and its text.

    Values of marked fields only for those who see personal ones. Raises NotReady or NotFound.
    """
    if upload.state not in {UploadState.UNDERSTOOD, UploadState.KEEPING, UploadState.KEPT}:
        raise NotReady(state=upload.state)
    tables = tables_of(upload.understanding)
    if not 0 <= (table or 0) < len(tables):
        raise NotFound("There is no such table in this file.")
    shown = _values_of(upload, table or 0, personal=personal, actor=actor)
    known = tables[table or 0]
    found = shown_recipe(known, shown["steps"] if shown else {})
    return {**found, "misfits": known.get("misfits", [])}


def trial_of(
    upload: Upload,
    *,
    plan: KeepPlan,
    personal: bool,
    actor: Actor,
    table: int = 0,
) -> dict[str, Any]:
    """What a plan does to the first rows of a table: before, after, and how much each step changes.

    The child leaves out what may not be seen. Raises NotFound without the right to see its rows.
    """
    if upload.report_id is None or upload.object_id is None or not concerns(upload, actor):
        raise NotFound
    before = tables_of(upload.understanding)[table]["fields"]
    hidden = [
        found.field.name
        for was, found in zip(before, plan.understanding.fields, strict=True)
        if not personal and (was["personal"] != "none" or found.field.personal != "none")
    ]
    objects = {
        "original": vault.open_object(upload.object_id),
        "report": vault.open_object(upload.report_id),
    }
    descriptors = vault.open_descriptors(objects)
    try:
        with children.start(
            job="simplr_core.tidy.jobs:try_recipe",
            arguments={
                **{name: item.for_child() for name, item in objects.items()},
                "plan": plan.to_json(),
                "table": table,
                "hide": hidden,
            },
            files=descriptors,
        ) as child:
            tried = dict(child.finish())
    finally:
        for descriptor in descriptors.values():
            os.close(descriptor)
    misfits = [misfit.to_json() for misfit in plan.misfits]
    return {**tried, "misfits": misfits, "hidden_fields": hidden}


def _values_of(
    upload: Upload, table: int, *, personal: bool, actor: Actor
) -> Mapping[str, Any] | None:
    """What the actor may see of the values in a table's report; None where there is none for him.

    The child that unseals it leaves out what may not be seen.
    """
    if upload.report_id is None or not concerns(upload, actor):
        return None
    report = vault.open_object(upload.report_id)
    descriptor = report.open()
    try:
        with children.start(
            job="simplr_core.tidy.jobs:open_report",
            arguments={
                "report": report.for_child(),
                "table": table,
                "show_personal": personal,
            },
            files={"report": descriptor},
        ) as child:
            shown: Mapping[str, Any] = child.finish()
    finally:
        os.close(descriptor)
    return shown


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
            shown = _with_rows(upload, number, personal=personal, actor=actor)
        else:
            shown = dict(tables_of(upload.understanding)[number])
        found.append(shown)
    return found


def _shown(understood: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in understood.items() if key not in _OF_RECIPES}
