"""The plan to keep a table: what was understood, as a person corrected it. Pure and in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Personal, Schema
from simplr_core.tidy.overrides import with_overrides
from simplr_core.tidy.recipe.document import read_recipe, write_recipe
from simplr_core.tidy.recipe.fitting import fit, renamed
from simplr_core.tidy.recipe.proposing import recipe_of
from simplr_core.tidy.recipe.steps import (
    BY_A_PERSON,
    PROPOSED,
    STAGE,
    Kind,
    Misfit,
    Recipe,
    RecipeInvalid,
    Step,
)
from simplr_core.tidy.recipe.unpivot import Unpivot
from simplr_core.tidy.understanding import Understanding


class KeyUnknown(Invalid):
    """A key is one or several fields that both the data set and the file have."""

    code = "key-unknown"


@dataclass(frozen=True, slots=True)
class KeepPlan:
    """How a file will be read and kept. The schema and the groups say which keys it needs."""

    understanding: Understanding
    misfits: tuple[Misfit, ...] = ()

    @property
    def recipe(self) -> Recipe:
        """All of it as one recipe."""
        return recipe_of(self.understanding)

    @property
    def schema(self) -> Schema:
        """The fields that are kept. Raises UnpivotInvalid."""
        unpivot = self.unpivot
        return unpivot.schema if unpivot else self.read_schema

    @property
    def read_schema(self) -> Schema:
        """The fields of the file that are read: those that are kept, before some become two."""
        return self.understanding.schema_left

    @property
    def unpivot(self) -> Unpivot | None:
        """What makes long of wide, where a step does. Raises UnpivotInvalid."""
        return Unpivot.of(self.understanding.steps, self.read_schema)

    def checked(self) -> KeepPlan:
        """The plan itself. Raises UnpivotInvalid where its fields do not become one."""
        Unpivot.of(self.understanding.steps, self.read_schema)
        return self

    def with_values(self, values: Mapping[str, Mapping[str, Any]]) -> KeepPlan:
        """The plan with the values of its proposals, by their numbers. Raises RecipeInvalid."""
        steps = tuple(_with_values(step, values) for step in self.understanding.steps)
        return replace(self, understanding=replace(self.understanding, steps=steps))

    @property
    def groups(self) -> list[list[str]]:
        """The fields of each part: those that are not personal, then each personal one alone."""
        shared = [field.name for field in self.schema if field.personal is not Personal.PERSONAL]
        alone = [field.name for field in self.schema if field.personal is Personal.PERSONAL]
        return [shared, *([name] for name in alone)]

    def with_marks(self, marks: Mapping[str, str]) -> KeepPlan:
        """The plan with the personal marks that fields of these names had before.

        A mark is never lowered here: what the file itself shows to be personal stays so.
        """
        order = list(Personal)
        if unpivot := self.unpivot:
            marks = {**marks, **unpivot.marks(marks)}
        fields = tuple(
            replace(
                found,
                field=replace(
                    found.field,
                    personal=max(
                        found.field.personal,
                        Personal(marks.get(found.field.name, Personal.NONE)),
                        key=order.index,
                    ),
                ),
            )
            for found in self.understanding.fields
        )
        return KeepPlan(replace(self.understanding, fields=fields))

    def to_json(self) -> dict[str, Any]:
        return self.understanding.to_json()

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> KeepPlan:
        return cls(Understanding.from_json(plain))


@dataclass(frozen=True, slots=True)
class StepChanges:
    """What a person changed of the steps of an understanding, by their numbers, and what he added."""

    switched: Mapping[int, bool] = field(default_factory=dict)
    spelled: Mapping[int, str] = field(default_factory=dict)
    """The spelling that the others are to become."""
    added: Sequence[Mapping[str, str]] = ()
    """Replacements: field (as it is called in the end), value and by."""


def changed_choice(
    understanding: Mapping[str, Any], fields: Sequence[Mapping[str, Any]], steps: StepChanges
) -> dict[str, Any]:
    """The choice of a person who corrects fields and steps: a recipe where steps were changed.

    Raises what `plan_keep` raises for the fields.
    """
    plan = plan_keep(understanding, {"fields": list(fields)})
    changed = [_changed(step, n, steps) for n, step in enumerate(plan.understanding.steps)]
    if changed == list(plan.understanding.steps) and not steps.added:
        return {"fields": list(fields)}
    added = [Step(Kind.REPLACE, dict(one), evidence=BY_A_PERSON) for one in steps.added]
    together = sorted([*changed, *added], key=lambda step: STAGE[step.kind])
    whole = replace(plan.understanding, steps=tuple(together))
    return {"recipe": write_recipe(recipe_of(whole))}


def _changed(step: Step, number: int, changes: StepChanges) -> Step:
    step = replace(step, on=changes.switched.get(number, step.on))
    to = changes.spelled.get(number)
    if to is None or step.kind is not Kind.SPELL:
        return step
    return replace(step, arguments={**step.arguments, "to": to})


def values_in(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The values of the steps proposed for a table, by their numbers, out of its sealed report."""
    return {number: step["values"] for number, step in report.get("steps", {}).items()}


def shown_recipe(
    understanding: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The recipe that a table's understanding (JSON) proposes, as JSON and as text.

    `values` are those of its steps that may be seen, by their numbers; the others stay hidden.
    """
    found = Understanding.from_json(understanding)
    steps = tuple(
        step.with_values(values[str(step.arguments[PROPOSED])])
        if step.is_hidden and str(step.arguments[PROPOSED]) in values
        else step
        for step in found.steps
    )
    return recipe_document(recipe_of(replace(found, steps=steps)))


def recipe_document(recipe: Recipe) -> dict[str, Any]:
    """A recipe for those who read it: its steps, its text, and the fields whose values are hidden."""
    return {
        **recipe.to_json(),
        "text": write_recipe(recipe),
        "hidden": sorted({name for s in recipe.steps if s.is_hidden for name in s.fields}),
    }


def _with_values(step: Step, values: Mapping[str, Mapping[str, Any]]) -> Step:
    if not step.is_hidden:
        return step
    found = values.get(str(step.arguments[PROPOSED]))
    if found is None:
        raise RecipeInvalid("A step refers to a proposal that is not there.")
    return step.with_values(found)


class TableUnknown(Invalid):
    """Tables are named by their number in the understanding, from 0, each at most once."""

    code = "table-unknown"


class TableUnsaid(Invalid):
    """This file holds several tables. Say for each that you keep what is to be changed in it."""

    code = "table-unsaid"


def tables_of(understanding: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was understood of each table of a file, in order; nothing of what is kept as a file."""
    if understanding.get("kind") == "tables":
        return list(understanding["tables"])
    return [understanding] if understanding.get("kind") == "table" else []


def counts_in(understanding: Mapping[str, Any]) -> dict[str, int]:
    """Rows in, kept and put aside of all tables together; nothing where there is no table."""
    counts = [table["counts"] for table in tables_of(understanding)]
    return {name: sum(each.get(name, 0) for each in counts) for each in counts for name in each}


def chosen_tables(
    understanding: Mapping[str, Any], choices: Mapping[str, Any]
) -> list[tuple[int, Mapping[str, Any]]]:
    """The numbers of the tables to keep, each with what is to be changed in it.

    Without `tables` in `choices`, all of them as they were understood. Raises TableUnknown or
    TableUnsaid.
    """
    count = len(tables_of(understanding))
    asked = choices.get("tables")
    if asked is None:
        if count > 1 and choices.get("fields"):
            raise TableUnsaid
        return [(number, choices if count == 1 else {}) for number in range(count)]
    numbers = [choice.get("table") for choice in asked]
    if not numbers or len(set(numbers)) != len(numbers) or not set(numbers) <= set(range(count)):
        raise TableUnknown
    return sorted(zip(numbers, asked, strict=True), key=lambda pair: pair[0])


def plan_tables(
    understanding: Mapping[str, Any], choices: Mapping[str, Any]
) -> list[tuple[int, KeepPlan]]:
    """A plan for each table that is kept, by its number. Raises what `plan_keep` raises."""
    tables = tables_of(understanding)
    return [
        (number, plan_keep(tables[number], choice))
        for number, choice in chosen_tables(understanding, choices)
    ]


def plan_keep(understanding: Mapping[str, Any], choices: Mapping[str, Any]) -> KeepPlan:
    """The plan that follows `understanding` (JSON) and the person's `choices`.

    `choices` has `fields`: the name of each corrected field, and its new_name, type, personal,
    format, missing_codes, title or meaning; or a `recipe` (text), which says all of it, and with
    `skip_unfit` whether steps that do not fit are left out. Raises OverrideInvalid,
    SchemaInvalid, UnderstandingInvalid, RecipeInvalid, RecipeUnfit, UnpivotInvalid, or the reason why a format
    cannot be.
    """
    found = Understanding.from_json(understanding)
    text, fields = choices.get("recipe"), choices.get("fields") or ()
    if text is None:
        changed = with_overrides(found, fields)
        names = zip(found.schema.names, changed.schema.names, strict=True)
        return KeepPlan(replace(changed, steps=renamed(changed.steps, dict(names)))).checked()
    if fields:
        raise RecipeInvalid("Say it in the recipe or by fields, not by both.")
    fitted = fit(read_recipe(text), found, skip_unfit=bool(choices.get("skip_unfit")))
    return KeepPlan(fitted.understanding, fitted.misfits)
