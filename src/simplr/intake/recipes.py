"""The recipes that an upload is kept by: who may say what in them, and how they wait, sealed.

A recipe may hold values of cells. Between the moment when somebody sends it and the work that
follows it, it lies sealed in the upload's row; the version that it makes keeps it as an object.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simplr.base.actors import Actor
from simplr.datasets import queries as datasets
from simplr.intake import queries
from simplr.intake.models import Upload
from simplr.resources.models import Version
from simplr.vault import services as vault
from simplr_core.errors import Refused
from simplr_core.tables.schema import Personal
from simplr_core.tidy.plans import KeepPlan, tables_of

_CONTEXT = b"upload-recipes"
_WORDS = ("recipe", "skip_unfit")


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What made the last version of the resource that an upload is to be the next version of."""

    recipe: vault.OpenObject
    path: list[str]
    marks: dict[str, str]
    kinds: dict[str, str]

    def for_child(self) -> dict[str, Any]:
        """What the child needs, beside the recipe's descriptor, to follow it again."""
        return {
            "recipe": self.recipe.for_child(),
            "path": self.path,
            "marks": self.marks,
            "kinds": self.kinds,
        }


def earlier_of(upload: Upload) -> Earlier | None:
    """The recipe that an upload follows by itself; None where it renews nothing that has one."""
    if upload.resource_id is None:
        return None
    standing = Version.objects.filter(resource_id=upload.resource_id, node__deleted_at=None)
    last = standing.order_by("-number").first()
    if last is None or last.recipe_id is None:
        return None
    fields = datasets.fields_of(last)
    return Earlier(
        recipe=vault.open_object(last.recipe_id),
        path=list(last.table_path),
        marks={field.name: field.personal for field in fields},
        kinds={field.name: field.personal_kind for field in fields},
    )


def apart(upload: Upload, choices: dict[str, Any]) -> tuple[dict[str, Any], bytes | None]:
    """The choices without their recipes, and these, sealed; None where there is none."""
    said = {"": choices, **{str(one["table"]): one for one in choices.get("tables") or ()}}
    held = {n: {w: one[w] for w in _WORDS if w in one} for n, one in said.items()}
    held = {number: one for number, one in held.items() if "recipe" in one}
    if not held:
        return choices, None
    plain = json.dumps(held, ensure_ascii=False).encode()
    sealed = vault.seal_value(plain, project_id=upload.project_id, context=_place(upload))
    left = _without(choices)
    if "tables" in left:
        left["tables"] = [_without(one) for one in left["tables"]]
    return left, sealed


def choices_of(upload: Upload) -> dict[str, Any]:
    """What was chosen for an upload, with its recipes."""
    choices: dict[str, Any] = dict(upload.overrides)
    if upload.recipes is None:
        return choices
    plain = vault.open_value(
        bytes(upload.recipes), project_id=upload.project_id, context=_place(upload)
    )
    held = json.loads(plain)
    if "tables" in choices:
        tables = [{**one, **held.get(str(one["table"]), {})} for one in choices["tables"]]
        choices["tables"] = tables
    return {**choices, **held.get("", {})}


def misfits_in(plans: Sequence[tuple[int, KeepPlan]]) -> list[dict[str, Any]]:
    """What of the recipes did not fit the file. Names of fields, and no values."""
    return [{"table": n, **misfit.to_json()} for n, plan in plans for misfit in plan.misfits]


def _without(choice: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in choice.items() if name not in _WORDS}


def _place(upload: Upload) -> bytes:
    return _CONTEXT + upload.id.bytes


def check_values(upload: Upload, plans: Sequence[tuple[int, KeepPlan]], *, actor: Actor) -> None:
    """Who is not shown the personal fields of a file does not come by them through its recipe.

    He takes no mark off, and names no value of such a field: how often it occurs would be told.
    Raises Refused.
    """
    if queries.sees_all_of(upload, actor):
        return
    tables = tables_of(upload.understanding)
    for number, plan in plans:
        before = [Personal(field["personal"]) for field in tables[number]["fields"]]
        now = [found.field.personal for found in plan.understanding.fields]
        lowered = zip(before, now, strict=True)
        if any(mark is Personal.PERSONAL is not left for mark, left in lowered):
            raise Refused("Only somebody who sees a personal field can say that it is none.")
        hidden = {
            found.field.name
            for mark, found in zip(before, plan.understanding.fields, strict=True)
            if mark is not Personal.NONE
        }
        for step in plan.understanding.steps:
            if step.holds_values and not step.is_hidden and hidden & set(step.fields):
                raise Refused("Only somebody who sees a field can name its values in a recipe.")
