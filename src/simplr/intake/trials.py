"""Trying a recipe on a file that was understood, before anything of it is kept."""

from __future__ import annotations

from typing import Any

from simplr.base.actors import Actor
from simplr.intake import recipes, reports
from simplr.intake.models import Upload, UploadState
from simplr.intake.services import NotReady, check_fields
from simplr_core.errors import NotFound
from simplr_core.tidy.plans import plan_keep, tables_of


def try_recipe(
    *, upload: Upload, choice: dict[str, Any], actor: Actor, personal: bool, table: int = 0
) -> dict[str, Any]:
    """What a recipe, or corrections of fields, would do to a table. Nothing is kept or changed.

    Raises NotReady, NotFound, Invalid or Refused, as `keep` does.
    """
    if upload.state != UploadState.UNDERSTOOD:
        raise NotReady(state=upload.state)
    tables = tables_of(upload.understanding)
    if not 0 <= table < len(tables):
        raise NotFound("There is no such table in this file.")
    check_fields(table=tables[table], choice=choice)
    plan = plan_keep(tables[table], choice)
    recipes.check_values(upload, [(table, plan)], actor=actor)
    return reports.trial_of(upload, plan=plan, personal=personal, actor=actor, table=table)
