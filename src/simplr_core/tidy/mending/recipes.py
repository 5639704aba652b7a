"""The recipe of a version with the rules of a mending in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simplr_core.tables.schema import Field, Schema
from simplr_core.tidy.mending.changes import BY_MENDING, Change, Does
from simplr_core.tidy.recipe.cleaning import TEXTS
from simplr_core.tidy.recipe.fitting import identity
from simplr_core.tidy.recipe.steps import STAGE, Kind, Recipe, Step


def mended_recipe(recipe: Recipe, changes: Sequence[Change], schema: Schema) -> Recipe:
    """The recipe by which the next file is read as what lay in quarantine is read now.

    `schema` is the one that the rules make. What a cell is replaced by comes first in its stage:
    entries hold the cells as they were before any other step.
    """
    steps = list(recipe.steps)
    known = {identity(step) for step in steps if step.on}
    new = [step for change in changes if (step := change.replacement) is not None]
    at = _first_of(steps, STAGE[Kind.REPLACE])
    steps[at:at] = [step for step in new if identity(step) not in known]
    for change in changes:
        if change.does is Does.MISSING:
            steps = _with_codes(steps, schema[change.group.field])
        elif change.does is Does.TYPE:
            steps = _with_type(steps, schema[change.group.field])
    return Recipe(tuple(steps))


def _first_of(steps: Sequence[Step], stage: int) -> int:
    return next((n for n, step in enumerate(steps) if STAGE[step.kind] >= stage), len(steps))


def _with_codes(steps: list[Step], field: Field) -> list[Step]:
    """The steps, where the codes of the field are those of the schema."""
    arguments = {"field": field.name, "codes": list(field.missing_codes)}
    return _with(steps, Kind.MISSING, field, arguments)


def _with_type(steps: list[Step], field: Field) -> list[Step]:
    form = {"format": field.format} if field.format else {}
    arguments = {"field": field.name, "type": field.type.value, **form}
    return _with(steps, Kind.TYPE, field, arguments)


def _with(
    steps: list[Step], kind: Kind, field: Field, arguments: Mapping[str, object]
) -> list[Step]:
    for number, step in enumerate(steps):
        if step.kind is kind and step.fields == (field.name,) and step.on:
            said = replace(step, arguments=arguments, evidence=BY_MENDING)
            return [*steps[:number], said, *steps[number + 1 :]]
    at = _first_of(steps, STAGE[kind] + 1)
    return [*steps[:at], Step(kind, arguments, evidence=BY_MENDING), *steps[at:]]


def for_cells_of(recipe: Recipe, field: Field) -> Recipe:
    """The steps that change the cells of one field, as if it were alone in the table."""
    found = []
    for step in recipe.steps:
        if not step.on or step.kind not in (Kind.TRIM, Kind.REPLACE, Kind.SPELL):
            continue
        if field.name in step.fields:
            named = {"fields": [field.name]} if "fields" in step.arguments else {}
            found.append(replace(step, arguments={**step.arguments, **named}))
        elif not step.fields and field.type in TEXTS:
            found.append(step)
    return Recipe(tuple(found))


def recounted(
    recipe: Recipe, changes: Sequence[Change], mended: Sequence[int], left: Mapping[str, int]
) -> Recipe:
    """The recipe with what the mending changed: `mended` entries of each change, and `left` cells
    of each field that are no values of its type."""
    replaced = {
        (change.group.field, change.values["value"]): count
        for change, count in zip(changes, mended, strict=True)
        if change.does is Does.REPLACE
    }
    steps = []
    for step in recipe.steps:
        changed = step.changes
        if step.kind is Kind.TYPE and step.on:
            changed = left.get(step.fields[0], changed)
        elif step.kind is Kind.REPLACE and changed is None:
            changed = replaced.get((step.fields[0], step.arguments["value"]))
        steps.append(replace(step, changes=changed))
    return Recipe(tuple(steps))
