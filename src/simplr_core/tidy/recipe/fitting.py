"""Whether a recipe fits a file, and the file's understanding as the recipe has it.

What the fields of an understanding say already (names, types, codes, marks) stays where it is: a
recipe changes them there, so there is one truth and not two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tidy.headers import field_names, snake_case
from simplr_core.tidy.media import PARQUET
from simplr_core.tidy.overrides import with_overrides
from simplr_core.tidy.read_as import SAYABLE, ReadAsInvalid
from simplr_core.tidy.recipe.proposing import is_delimited, read_as_of, reading_of
from simplr_core.tidy.recipe.steps import (
    BY_A_PERSON,
    OWN,
    PROPOSED,
    Kind,
    Misfit,
    Recipe,
    RecipeInvalid,
    Step,
    place_of,
)
from simplr_core.tidy.recipe.unpivot import Unpivot, UnpivotInvalid
from simplr_core.tidy.understanding import Understanding

NEW_FIELD = "new-field"
NOT_OF_PARQUET = frozenset(
    {Kind.DROP_ROWS, Kind.DISTINCT, Kind.REPLACE, Kind.SPELL, Kind.MISSING, Kind.TRIM}
)


_USUAL = {"quote": '"', "escape": "", "preamble_rows": 0}
"""What a step that reads does not mention is so."""


class RecipeUnfit(Invalid):
    """The recipe does not fit this file. Change the step that is named, or ask to leave out what does not fit."""

    code = "recipe-unfit"


@dataclass(frozen=True, slots=True)
class Fitted:
    """An understanding as a recipe has it, and what did not fit."""

    understanding: Understanding
    misfits: tuple[Misfit, ...] = ()


def fit(recipe: Recipe, understanding: Understanding, *, skip_unfit: bool = False) -> Fitted:
    """The understanding with every step of `recipe` followed.

    Steps that do not fit are refused, or with `skip_unfit` switched off and named. A field that no
    step types is taken as it was understood. Raises RecipeUnfit, RecipeInvalid, or the reason why
    a type, format or name cannot be.
    """
    understanding = as_headed(understanding)
    fitting = _Fitting(recipe, understanding)
    steps = [fitting.follow(step, n) for n, step in enumerate(recipe.steps, start=1)]
    fitting.name_new_fields()
    own = tuple(step for step in steps if step.kind in OWN)
    own = fitting.with_unpivot(own)
    fatal = [misfit for misfit in fitting.misfits if misfit.is_fatal]
    if fatal and not skip_unfit:
        raise RecipeUnfit(
            fatal[0].text,
            step=fatal[0].step,
            line=fatal[0].line or None,
            misfits=[misfit.to_json() for misfit in fatal],
        )
    known = renamed(understanding.steps, fitting.new_names)
    return Fitted(
        replace(fitting.understanding(), steps=_explained(own, known)), tuple(fitting.misfits)
    )


@dataclass
class _Fitting:
    """The changes that the steps make to the fields, gathered step by step."""

    recipe: Recipe
    whole: Understanding
    misfits: list[Misfit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._original = {found.field.name: found.field.name for found in self.whole.fields}
        """What each field is called by now, to what it was called first."""
        self._changes: dict[str, dict[str, Any]] = {name: {} for name in self._original}
        typed = {step.fields[0] for step in self.recipe.steps if step.kind is Kind.TYPE}
        self._typed = typed
        self._dropped: set[str] = set()

    def follow(self, step: Step, number: int) -> Step:
        """The step as it can be followed: off where it does not fit."""
        try:
            self._check_fields(step, number)
            self._check_proposal(step, number)
            self._do(step, number)
        except _DoesNotFit as found:
            self.misfits.append(found.misfit)
            return replace(step, on=False) if found.misfit.is_fatal else step
        return step

    def _check_fields(self, step: Step, number: int) -> None:
        for name in step.fields:
            if name not in self._original and step.on:
                text = f"{place_of(step, number)}: the file has no field {name}."
                raise _DoesNotFit(Misfit("no-such-field", text, name, number, step.line))
        if self.whole.media_type == PARQUET and step.kind in NOT_OF_PARQUET and step.on:
            text = f"{place_of(step, number)}: a Parquet file says its values itself."
            raise _DoesNotFit(Misfit("not-of-this-kind", text, "", number, step.line))

    def _check_proposal(self, step: Step, number: int) -> None:
        """Values that the sender does not see stay with the field and the kind they were found for."""
        if not step.is_hidden:
            return
        at = int(step.arguments[PROPOSED])
        known = self.whole.steps[at] if at < len(self.whole.steps) else None
        same = known is not None and known.is_hidden and known.kind is step.kind
        if known is None or not same or known.fields != (self._original[step.fields[0]],):
            raise RecipeInvalid(
                f"{place_of(step, number)}: there is no such proposal for this field.",
                line=step.line,
                step=number,
            )

    def _do(self, step: Step, number: int) -> None:
        if step.kind is Kind.READ:
            self._compare_reading(step, number)
        elif step.kind is Kind.RENAME and step.on:
            self._rename(step, number)
        elif step.kind is Kind.TYPE and step.fields[0] in self._original:
            self._type(step)
        elif step.kind is Kind.MISSING and step.on and not step.is_hidden:
            change = self._changes[self._original[step.fields[0]]]
            change.setdefault("missing_codes", [])
            change["missing_codes"] += [
                code for code in step.arguments["codes"] if code not in change["missing_codes"]
            ]
        elif step.kind is Kind.MARK and step.fields[0] in self._original:
            mark = step.arguments["personal"] if step.on else "none"
            self._changes[self._original[step.fields[0]]]["personal"] = mark
        elif step.kind is Kind.DROP_FIELDS and step.on:
            self._dropped |= set(step.fields)
            if self._dropped >= set(self._original):
                text = f"{place_of(step, number)}: no field would be left."
                raise _DoesNotFit(Misfit("no-field-left", text, "", number, step.line))

    def _compare_reading(self, step: Step, number: int) -> None:
        """What a person said of the reading must be so already; other differences are only said."""
        if not step.on:
            return
        place, wanted = place_of(step, number), dict(step.arguments)
        said = wanted.pop("said", ())
        try:
            wanted |= read_as_of(Recipe((step,))).to_json()
        except ReadAsInvalid as error:
            text = f"{place}: {error.message}"
            raise RecipeInvalid(text, line=step.line, step=number) from None
        now = {**(_USUAL if is_delimited(self.whole) else {}), **reading_of(self.whole)}
        differs = sorted(n for n, value in wanted.items() if now.get(n, value) != value)
        if unread := [name for name in differs if name in said]:
            text = (
                f"{place}: this file is not read by the {', '.join(unread)} of the recipe yet. "
                "Have it read as the recipe says, and keep it then."
            )
            raise _DoesNotFit(Misfit("not-read-as-said", text, "", number, step.line))
        if differs:
            text = (
                f"{place}: this file is read by its own {', '.join(differs)}, "
                "which differs from that of the recipe."
            )
            if sayable := [name for name in differs if name in SAYABLE]:
                text += f" To have it read so, write said: [{', '.join(sayable)}] in this step."
            raise _DoesNotFit(Misfit("read-otherwise", text, "", number, step.line, is_fatal=False))

    def _rename(self, step: Step, number: int) -> None:
        name, to = step.fields[0], snake_case(str(step.arguments["to"]))
        if not to or (to != name and to in self._original):
            text = f"{place_of(step, number)}: {to or 'this'} is no free name for a field."
            raise _DoesNotFit(Misfit("name-taken", text, name, number, step.line))
        self._original = {
            (to if known == name else known): first for known, first in self._original.items()
        }
        self._changes[self._original[to]]["new_name"] = to

    def _type(self, step: Step) -> None:
        change = self._changes[self._original[step.fields[0]]]
        change["type"] = step.arguments["type"] if step.on else "text"
        change["format"] = step.arguments.get("format", "") if step.on else ""
        change.setdefault("missing_codes", [])

    @property
    def new_names(self) -> dict[str, str]:
        """What the fields were called, to what they are called now."""
        return {first: now for now, first in self._original.items()}

    def name_new_fields(self) -> None:
        """Say which fields of the file no step of the recipe knows."""
        if not self._typed:
            return
        for name in self._original:
            if name not in self._typed:
                text = f"The field {name} is in no step that types it: it is taken as understood."
                self.misfits.append(Misfit(NEW_FIELD, text, name, is_fatal=False))

    def with_unpivot(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """The steps; one that unpivots is off where the fields, as they are then, do not become one."""
        try:
            whole = replace(self.understanding(), steps=tuple(steps))
            Unpivot.of(whole.steps, whole.schema_left)
        except UnpivotInvalid as error:
            number, step = next(
                (n, step)
                for n, step in enumerate(self.recipe.steps, start=1)
                if step.kind is Kind.UNPIVOT and step.on
            )
            text = f"{place_of(step, number)}: {error.message}"
            self.misfits.append(Misfit("not-unpivoted", text, "", number, step.line))
            return tuple(replace(s, on=s.on and s.kind is not Kind.UNPIVOT) for s in steps)
        return tuple(steps)

    def understanding(self) -> Understanding:
        """The understanding as the steps changed it."""
        overrides = [{"name": name, **change} for name, change in self._changes.items() if change]
        return with_overrides(self.whole, [_plain(self.whole, one) for one in overrides])


class _DoesNotFit(Exception):
    def __init__(self, misfit: Misfit) -> None:
        super().__init__()
        self.misfit = misfit


def _plain(understanding: Understanding, override: dict[str, Any]) -> dict[str, Any]:
    """The override; of a file that says its types itself, without what says the same."""
    if understanding.media_type != PARQUET or "type" not in override:
        return override
    found = next(f for f in understanding.fields if f.field.name == override["name"])
    if override["type"] != found.field.type:
        return override
    return {k: v for k, v in override.items() if k not in ("type", "format", "missing_codes")}


def as_headed(understanding: Understanding) -> Understanding:
    """The understanding with the names that the headings of the file make."""
    fields = [found.field for found in understanding.fields]
    usual = field_names([field.source_name for field in fields], len(fields))
    names = dict(zip(understanding.schema.names, usual, strict=True))
    return replace(
        understanding,
        fields=tuple(
            replace(found, field=replace(found.field, name=names[found.field.name]))
            for found in understanding.fields
        ),
        steps=renamed(understanding.steps, names),
    )


def renamed(steps: Sequence[Step], names: Mapping[str, str]) -> tuple[Step, ...]:
    """The steps where fields got new names, by their old ones."""
    return tuple(_by_new_names(step, names) for step in steps)


def _by_new_names(step: Step, names: Mapping[str, str]) -> Step:
    arguments = dict(step.arguments)
    if "field" in arguments:
        arguments["field"] = names.get(arguments["field"], arguments["field"])
    if "fields" in arguments:
        arguments["fields"] = [names.get(name, name) for name in arguments["fields"]]
    return replace(step, arguments=arguments)


def _explained(steps: Sequence[Step], known: Sequence[Step]) -> tuple[Step, ...]:
    """The steps; those that are among `known` are there for the same reason."""
    reasons = {identity(step): step for step in known}

    def explained(step: Step) -> Step:
        same = reasons.get(identity(step))
        if same is None:
            return replace(step, evidence=step.evidence or BY_A_PERSON)
        return replace(
            step, evidence=same.evidence, confidence=same.confidence, changes=same.changes
        )

    return tuple(explained(step) for step in steps)


def identity(step: Step) -> tuple[object, ...]:
    """What two steps share that do the same."""
    return (step.kind, *sorted((name, repr(value)) for name, value in step.arguments.items()))
