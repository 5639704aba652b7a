"""The job that shows the recipe of a version to those who may see it, value by value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simplr_core.errors import Corrupt
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import open_sealed
from simplr_core.tidy.plans import recipe_document
from simplr_core.tidy.recipe.steps import Kind, Recipe, RecipeInvalid, Step

LARGEST_RECIPE = 64 << 20


class RecipeUnreadable(Corrupt):
    """The stored recipe of a version cannot be read. Restore it from a backup."""

    code = "recipe-unreadable"


def open_recipe(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """The recipe that `keep` sealed: its steps and its text, and how many steps are left out.

    `arguments`: `recipe` (key, context, header, sealed_size); `show`, the names of the fields that
    may be seen, or None for all. A step about another field is left out: its name, its type and
    what was counted in it are no business of who may not see it. `files`: `recipe`.
    """
    recipe = read_recipe_object(arguments["recipe"], files["recipe"])
    steps = list(recipe.steps)
    if arguments["show"] is not None:
        shown = _with_sources(set(arguments["show"]), recipe)
        steps = [left for step in steps if (left := _for_reader(step, shown)) is not None]
    found = recipe_document(Recipe(tuple(steps)))
    del found["hidden"]  # what is left has all its values
    return {**found, "hidden_step_count": len(recipe.steps) - len(steps)}


def read_recipe_object(facts: Mapping[str, Any], descriptor: int) -> Recipe:
    """The recipe that `keep` sealed, with all its values. Raises RecipeUnreadable."""
    try:
        return Recipe.from_json(json.loads(open_sealed(facts, descriptor).read(LARGEST_RECIPE)))
    except (ValueError, RecipeInvalid) as error:
        raise RecipeUnreadable from error


def _with_sources(shown: set[str], recipe: Recipe) -> set[str]:
    """The shown fields, with those that a shown one was made of, and without those of a hidden one.

    They are no fields any more, and a new one may have the name of one of them.
    """
    for step in recipe.steps:
        if step.on and step.kind is Kind.UNPIVOT:
            sources = set(step.fields)
            shown = shown | sources if step.arguments["value"] in shown else shown - sources
    return shown


def _for_reader(step: Step, shown: set[str]) -> Step | None:
    """The step, if it is about shown fields alone; of a list of fields, those that are shown."""
    if step.kind is Kind.RENAME:
        return step if step.arguments["to"] in shown else None
    if "field" in step.arguments:
        return step if step.arguments["field"] in shown else None
    if "fields" not in step.arguments:
        return step
    names = [name for name in step.fields if name in shown]
    if not names or (step.kind is Kind.UNPIVOT and len(names) < len(step.fields)):
        return None
    if len(names) == len(step.fields):
        return step
    return replace(step, arguments={**step.arguments, "fields": names}, evidence="", changes=None)
