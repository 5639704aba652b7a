"""Adding a file to a data set: checked before anything is written, then done in a child.

A file becomes the next version by one of these modes: `replace` (its rows alone) or `append` (its
rows after those of the newest version).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simplr.datasets import queries as datasets
from simplr.intake.models import Upload
from simplr.resources import queries as resources
from simplr.resources.models import Mode, Version
from simplr_core.errors import Invalid
from simplr_core.tidy.fitting import Fitted, fit
from simplr_core.tidy.jobs import KeepPlan, plan_tables


class NothingToAddTo(Invalid):
    """Rows are added to a data set that is there. Say which one, or keep this as a new one."""

    code = "nothing-to-add-to"


def fitted(plan: KeepPlan, earlier: Version, *, widen: bool) -> Fitted:
    """How a file is read to be added to a version. Raises FieldsDiffer."""
    return fit(plan, datasets.schema_of(datasets.fields_of(earlier)), widen=widen)


def check_mode(upload: Upload, choices: Mapping[str, Any], *, as_: str) -> None:
    """Say at once what stands against the mode that was chosen.

    Raises NothingToAddTo, FieldsDiffer, or Invalid.
    """
    if choices.get("mode", Mode.REPLACE) == Mode.REPLACE:
        return
    if upload.resource_id is None:
        raise NothingToAddTo(field="mode")
    if as_ != "table":
        raise Invalid("Only tables have rows to add. Keep a file by replacing it.", field="mode")
    newest = resources.version_of(upload.resource_id)
    for _, plan in plan_tables(upload.understanding, choices):
        fitted(plan, newest, widen=bool(choices.get("widen")))
