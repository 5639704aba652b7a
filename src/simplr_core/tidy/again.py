"""The recipe of the last version, followed again for the next file of the same kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from simplr_core.tables.schema import Personal
from simplr_core.tidy.confidence import Confidence
from simplr_core.tidy.plans import KeepPlan
from simplr_core.tidy.recipe.fitting import NEW_FIELD, Fitted, fit, identity
from simplr_core.tidy.recipe.steps import (
    OWN,
    STAGE,
    Kind,
    Misfit,
    Recipe,
    Step,
    without_values,
)
from simplr_core.tidy.recognition import Report
from simplr_core.tidy.trying import Trial, try_plan
from simplr_core.tidy.understanding import FieldUnderstanding, Understanding

UNREADABLE = "no-longer-read"
OTHER_TYPE = "other-type"
AGAIN = "The recipe of the last version has it."


@dataclass(frozen=True, slots=True)
class Earlier:
    """What made the last version: its recipe, its table in the file, and the marks of its fields.

    `kinds` names what was found about people in a field when it was kept, and then decided upon.
    """

    recipe: Recipe
    path: Sequence[str] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


def followed_again(reports: Sequence[Report], earlier: Earlier, source: BinaryIO) -> list[Report]:
    """The reports; that of the table of last time as its recipe has it.

    What does not fit the new file is left out and named: fields that are gone or new, and values
    that are not of their type any more.
    """
    same = [r for r in reports if tuple(r.understanding.path) == tuple(earlier.path)]
    if not same and len(reports) == 1:
        same = list(reports)
    return (
        [_again(r, earlier, source) if r is same[0] else r for r in reports] if same else [*reports]
    )


def _again(report: Report, earlier: Earlier, source: BinaryIO) -> Report:
    proposed = replace(report.understanding, steps=report.steps)
    recipe = Recipe(tuple(_anew(step) for step in earlier.recipe.steps))
    fitted, plan, trial = _tried(recipe, proposed, earlier, source)
    other = _of_another_type(trial)
    if other:
        recipe = Recipe(tuple(s for s in recipe.steps if not _types_one_of(s, other)))
        fitted, plan, trial = _tried(recipe, proposed, earlier, source)
    misfits = [m for m in fitted.misfits if not (m.code == NEW_FIELD and m.field in other)]
    misfits += [_no_more_of_its_type(name) for name in other]
    steps = tuple(
        replace(step, changes=trial.changes.get(number, step.changes))
        for number, step in enumerate(plan.recipe.steps)
        if step.kind in OWN
    )
    understood = _recounted(plan.understanding, trial)
    old_names = dict(zip(understood.schema.names, report.understanding.schema.names, strict=True))
    return replace(
        report,
        understanding=replace(
            understood,
            steps=without_values(steps),
            misfits=(*misfits, *_unreadable(trial)),
        ),
        steps=steps,
        examples={name: report.examples.get(old, []) for name, old in old_names.items()},
    )


def _tried(
    recipe: Recipe, proposed: Understanding, earlier: Earlier, source: BinaryIO
) -> tuple[Fitted, KeepPlan, Trial]:
    fitted = fit(recipe, proposed, skip_unfit=True)
    if unpivot := KeepPlan(fitted.understanding).unpivot:
        earlier = replace(earlier, marks={**earlier.marks, **unpivot.marks(earlier.marks)})
    understood = _marked(fitted.understanding, proposed, earlier)
    plan = KeepPlan(replace(understood, steps=_with_new(understood.steps, proposed.steps)))
    return fitted, plan, try_plan(source, plan)


def _of_another_type(trial: Trial) -> list[str]:
    """The fields of which most cells are no values of their type: it is another one by now."""
    return [name for name, count in trial.unreadable.items() if 2 * count > trial.kept_count]


def _types_one_of(step: Step, names: Sequence[str]) -> bool:
    return step.kind in (Kind.TYPE, Kind.MISSING) and step.fields[0] in names


def _no_more_of_its_type(name: str) -> Misfit:
    text = f"Most cells of {name} are no values of the type that it had: it is taken as understood."
    return Misfit(OTHER_TYPE, text, name)


def _anew(step: Step) -> Step:
    """The step, without what it did to the last file."""
    return replace(step, evidence=AGAIN, confidence=Confidence.CERTAIN, changes=None)


def _with_new(steps: Sequence[Step], proposed: Sequence[Step]) -> tuple[Step, ...]:
    """The steps of last time, and those that are proposed for the first time: off until wanted."""
    known = {identity(step) for step in steps}
    new = [
        replace(step, on=False)
        for step in proposed
        if step.kind in (Kind.SPELL, Kind.DROP_ROWS, Kind.DISTINCT, Kind.UNPIVOT)
        and identity(step) not in known
    ]
    return tuple(sorted([*steps, *new], key=lambda step: STAGE[step.kind]))


def _marked(followed: Understanding, found: Understanding, earlier: Earlier) -> Understanding:
    """The fields with the marks that those of the same name have by now, or that they show.

    A mark of last time is lower than what the file shows only where the same was found last time
    and somebody decided otherwise: what nobody has looked at is never laid open.
    """
    return replace(
        followed,
        fields=tuple(
            replace(now, field=replace(now.field, personal=_mark(now, shown, earlier)))
            for now, shown in zip(followed.fields, found.fields, strict=True)
        ),
    )


def _mark(now: FieldUnderstanding, shown: FieldUnderstanding, earlier: Earlier) -> Personal:
    name = now.field.name
    last = Personal(earlier.marks.get(name, now.field.personal))
    if shown.personal_kind and earlier.kinds.get(name) == shown.personal_kind:
        return last
    return max(last, shown.field.personal, key=list(Personal).index)


def _unreadable(trial: Trial) -> list[Misfit]:
    of = "rows" if trial.is_whole else f"first {trial.row_count:,} rows"
    return [
        Misfit(
            UNREADABLE,
            f"{count:,} cells of {name} in the {of} are no values of its type: "
            "they go to quarantine.",
            name,
            is_fatal=False,
        )
        for name, count in trial.unreadable.items()
    ]


def _recounted(understanding: Understanding, trial: Trial) -> Understanding:
    """What is known of cells that do not fit, where all rows were tried."""
    if not trial.is_whole or not trial.row_count:
        return understanding
    fields = tuple(
        replace(found, unreadable_count=trial.unreadable.get(found.field.name, 0))
        for found in understanding.fields
    )
    counts = replace(understanding.counts, quarantined_cells=sum(trial.unreadable.values()))
    return replace(understanding, fields=fields, counts=counts)
