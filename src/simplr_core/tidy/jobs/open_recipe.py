"""The job that shows the recipe of a version to those who may see it, value by value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from simplr_core.errors import Corrupt
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import open_sealed
from simplr_core.tidy.plans import recipe_document
from simplr_core.tidy.recipe.steps import Recipe, RecipeInvalid, Step

LARGEST_RECIPE = 64 << 20


class RecipeUnreadable(Corrupt):
    """The stored recipe of a version cannot be read. Restore it from a backup."""

    code = "recipe-unreadable"


def open_recipe(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """The recipe that `keep` sealed: its steps and its text.

    `arguments`: `recipe` (key, context, header, sealed_size); `show`, the names of the fields
    whose values may be seen: those of every other are left out. `files`: `recipe`.
    """
    shown = set(arguments["show"])
    recipe = read_recipe_object(arguments["recipe"], files["recipe"])
    steps = (_for_reader(step, n, shown) for n, step in enumerate(recipe.steps))
    return recipe_document(Recipe(tuple(steps)))


def read_recipe_object(facts: Mapping[str, Any], descriptor: int) -> Recipe:
    """The recipe that `keep` sealed, with all its values. Raises RecipeUnreadable."""
    try:
        return Recipe.from_json(json.loads(open_sealed(facts, descriptor).read(LARGEST_RECIPE)))
    except (ValueError, RecipeInvalid) as error:
        raise RecipeUnreadable from error


def _for_reader(step: Step, number: int, shown: set[str]) -> Step:
    if step.holds_values and not shown.issuperset(step.fields):
        return step.without_values(number)
    return step
