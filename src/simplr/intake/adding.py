"""Adding a file to a data set: checked before anything is written, then done in a child.

A file becomes the next version by one of these modes: `replace` (its rows alone), `append` (its
rows after those of the newest version) or `upsert` (its rows in the places of those with the same
key, new ones after them).
"""

from __future__ import annotations

from typing import Any

from simplr.access.permissions import sees_personal
from simplr.base.actors import Actor
from simplr.datasets import keys
from simplr.datasets import queries as datasets
from simplr.intake.models import Upload
from simplr.resources import queries as resources
from simplr.resources.models import Mode, Version
from simplr_core.errors import Invalid
from simplr_core.tables.schema import Personal
from simplr_core.tidy.fitting import Fitted, fit
from simplr_core.tidy.plans import KeepPlan, KeyUnknown, plan_tables


class NothingToAddTo(Invalid):
    """Rows are added to a data set that is there. Say which one, or keep this as a new one."""

    code = "nothing-to-add-to"


class KeyNeeded(Invalid):
    """No field alone tells the rows apart. Say which fields do: key, or --key on the command line."""

    code = "key-needed"


class UnpivotedByKey(Invalid):
    """Rows made by unpivoting do not take the places of others by a key. Add them, or replace all."""

    code = "unpivoted-by-key"


def fitted(plan: KeepPlan, earlier: Version, *, widen: bool) -> Fitted:
    """How a file is read to be added to a version. Raises FieldsDiffer."""
    return fit(plan, datasets.schema_of(datasets.fields_of(earlier)), widen=widen)


def check_mode(upload: Upload, choices: dict[str, Any], *, as_: str, actor: Actor) -> None:
    """Say at once what stands against the mode that was chosen; note the key where none was.

    Raises NothingToAddTo, FieldsDiffer, KeyNeeded, KeyUnknown, or Invalid.
    """
    mode = choices.get("mode", Mode.REPLACE)
    if choices.get("key") and mode != Mode.UPSERT:
        raise Invalid("A key is for the mode upsert.", field="key")
    if mode == Mode.REPLACE:
        return
    if upload.resource_id is None:
        raise NothingToAddTo(field="mode")
    if as_ != "table":
        raise Invalid("Only tables have rows to add. Keep a file by replacing it.", field="mode")
    newest = resources.version_of(upload.resource_id)
    for _, plan in plan_tables(upload.understanding, choices):
        if mode == Mode.UPSERT and (plan.unpivot or newest.rows_made):
            raise UnpivotedByKey(field="mode")
        fit_to_newest = fitted(plan, newest, widen=bool(choices.get("widen")))
        if mode == Mode.UPSERT:
            choices["key"] = _checked_key(fit_to_newest, newest, choices.get("key"), actor=actor)


def _checked_key(
    fit_to_newest: Fitted, newest: Version, asked: list[str] | None, *, actor: Actor
) -> list[str]:
    """The fields that tell rows apart: those asked for, else the one that is suggested.

    How many rows are replaced tells whether the data set has a key: so a field that the actor may
    not see is none to him, and is no other than one that is not there.
    """
    there = {field.name for field in datasets.fields_of(newest)}
    sees_all = sees_personal(actor, newest.resource_id)
    usable = [
        field.name
        for field in fit_to_newest.schema
        if field.name in there
        and field.name in fit_to_newest.plan.schema
        and (sees_all or field.personal is not Personal.PERSONAL)
    ]
    if not asked:
        suggested = keys.suggested_key([newest], names=usable)
        if not suggested:
            raise KeyNeeded
        return suggested
    if unknown := sorted(set(asked) - set(usable)):
        raise KeyUnknown(
            f"The data set and the file have no field {', '.join(unknown)} in common.",
            fields=unknown,
        )
    return list(dict.fromkeys(asked))
