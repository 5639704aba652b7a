"""The job that tries a recipe on the first rows of a file, and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import open_sealed
from simplr_core.tidy.jobs.understand import read_report
from simplr_core.tidy.plans import KeepPlan, recipe_document, values_in
from simplr_core.tidy.recipe.steps import Kind, Recipe
from simplr_core.tidy.trying import Trial, try_plan


def try_recipe(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Rows before and after a plan, and how many cells or rows each of its steps changes.

    `arguments`: `original` and `report` (key, context, header, sealed_size), `table`, `plan` (a
    `KeepPlan` in JSON); `hide`: fields whose values are not to be shown, by their names in the plan.
    `files`: `original`, `report`.
    """
    hidden = set(arguments["hide"])
    seen = KeepPlan.from_json(arguments["plan"])
    report = read_report(arguments["report"], files["report"], int(arguments.get("table", 0)))
    plan = seen.with_values(values_in(report))
    source = open_sealed(arguments["original"], files["original"])
    trial = try_plan(source, plan)  # type: ignore[arg-type]  # a raw reader is all that is needed
    return {**_recipe(seen, plan, trial, hidden), **trial.to_json(plan, hidden)}


def _recipe(seen: KeepPlan, plan: KeepPlan, trial: Trial, hidden: set[str]) -> dict[str, Any]:
    """The recipe as its sender may see it, with what each step changes in the rows tried."""
    steps = []
    pairs = zip(seen.recipe.steps, plan.recipe.steps, strict=True)
    for number, (as_sent, whole) in enumerate(pairs):
        step = whole if hidden.isdisjoint(whole.fields) else as_sent
        changes = trial.changes.get(number)
        if step.kind is Kind.TYPE:
            changes = trial.unreadable.get(step.fields[0], 0)
        if not hidden.isdisjoint(step.fields):
            changes = None
        steps.append(replace(step, changes=changes))
    return recipe_document(Recipe(tuple(steps)))
