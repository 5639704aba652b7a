"""Fitting a file to a data set that is there: which field goes where, and as which type.

Fields are matched by name. A field that the file lacks is missing in its rows; what fits without
loss is read as the data set has it. All else is refused in plain words, unless the person chose to
widen: then new fields are taken in, and a field whose types differ becomes text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType, Personal, Schema
from simplr_core.tables.sealed import column_groups
from simplr_core.tidy.measures import unit_in
from simplr_core.tidy.media import PARQUET
from simplr_core.tidy.numerals import BY_ANY
from simplr_core.tidy.overrides import DEFAULT_FORMATS, with_overrides
from simplr_core.tidy.plans import KeepPlan
from simplr_core.tidy.understanding import Confidence, FieldUnderstanding

_AS_DECIMAL = {"": "", "1.0": "", "1,234": "1,234.5", "1.234": "1.234,5", "1 234": "1 234,5"}
"""How a number may be written that was recognised as a whole one of this format."""

_TEXTS = (FieldType.TEXT, FieldType.CATEGORY)
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
_MARKS = (Personal.NONE, Personal.INDIRECT, Personal.PERSONAL)
MOST_NAMED = 5

WORDS: Mapping[FieldType, str] = {
    FieldType.TEXT: "text",
    FieldType.INTEGER: "a whole number",
    FieldType.DECIMAL: "a number",
    FieldType.BOOLEAN: "yes or no",
    FieldType.DATE: "a date",
    FieldType.TIME: "a time of day",
    FieldType.DATETIME: "a date and time",
    FieldType.CATEGORY: "a category",
}


class FieldsDiffer(Invalid):
    """The file has other fields than the data set. Correct them, or choose to widen the data set."""

    code = "fields-differ"


class UnitsDiffer(Invalid):
    """A field of the file is in another unit than the data set. Convert the file, or put it as a data set of its own."""

    code = "units-differ"


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a file is read so that its rows can stand beside others, and the schema of all."""

    plan: KeepPlan
    schema: Schema

    @property
    def groups(self) -> list[list[str]]:
        """The fields of each part of the result."""
        return [list(names) for names in column_groups(self.schema)]


def fit(plan: KeepPlan, onto: Schema, *, widen: bool = False) -> Fitted:
    """How the file of `plan` is read to be added to a data set of the schema `onto`.

    Of two marks the stricter one holds: a file cannot lay a personal field open. Raises
    FieldsDiffer, which names every field that is new or of another type.
    """
    found = _found(plan)
    if not any(name in found for name in onto.names):
        raise FieldsDiffer("The file has none of the fields of the data set.")
    fields: list[Field] = []
    overrides: list[dict[str, Any]] = []
    problems: list[tuple[str, str]] = []
    mixed: list[str] = []
    for field in onto:
        each = found.get(field.name)
        if each is None:
            fields.append(field)
            continue
        kind = _joined(field, each, plan)
        if kind is None:
            problems.append((field.name, _differs(field, each.field)))
            kind = FieldType.TEXT
        if _units_differ(field, each.field, widen=widen):
            problems.append((field.name, f"“{field.name}” is in another unit"))
            mixed.append(field.name)
        fields.append(_merged(field, each.field, kind))
        overrides += [
            override
            for source in _sources(each, plan)
            for override in _reading(fields[-1], source, plan)
        ]
    for name, each in found.items():
        if name not in onto:
            problems.append((name, f"“{name}” is new"))
            fields.append(each.field)
    if mixed and widen:
        raise UnitsDiffer(fields=mixed)
    if problems and not widen:
        raise FieldsDiffer(_sentence(problems), fields=[name for name, _ in problems])
    understanding = with_overrides(plan.understanding, overrides)
    return Fitted(KeepPlan(understanding), Schema(tuple(fields)))


def _found(plan: KeepPlan) -> dict[str, FieldUnderstanding]:
    """What is known of each field that is kept, by its name."""
    read = {each.field: each for each in plan.understanding.fields}
    return {
        field.name: read.get(field) or FieldUnderstanding(field, Confidence.CERTAIN, "")
        for field in plan.schema
    }


def _sources(each: FieldUnderstanding, plan: KeepPlan) -> list[FieldUnderstanding]:
    """The fields of the file that become this one; none where it holds their names."""
    unpivot = plan.unpivot
    if unpivot is None or each.field.name not in (unpivot.name, unpivot.value):
        return [each]
    taken = unpivot.taken if each.field.name == unpivot.value else ()
    return [found for found in plan.understanding.fields if found.field.name in taken]


def _joined(field: Field, each: FieldUnderstanding, plan: KeepPlan) -> FieldType | None:
    """The type that holds both without loss; None where only text does."""
    kind = each.field.type
    if field.arrow_type() == each.field.arrow_type():
        return field.type
    if field.type in _TEXTS or _is_empty(each, plan):
        return field.type
    if {field.type, kind} == {FieldType.INTEGER, FieldType.DECIMAL}:
        return FieldType.DECIMAL
    return None


def _units_differ(field: Field, other: Field, *, widen: bool) -> bool:
    """Whether numbers of two units would stand in one field.

    Numbers without a unit are taken for those of the data set only where the person chose to widen.
    """
    if field.type not in _NUMBERS or other.type not in _NUMBERS:
        return False
    mine, its = unit_in(field.format), unit_in(other.format)
    return mine != its and not (widen and mine and not its)


def _is_empty(each: FieldUnderstanding, plan: KeepPlan) -> bool:
    counts = plan.understanding.counts
    return counts.kept > 0 and each.missing_count >= counts.kept and not each.unreadable_count


def _merged(field: Field, other: Field, kind: FieldType) -> Field:
    return replace(
        field,
        type=kind,
        format=field.format if kind is field.type else "",
        personal=max(field.personal, other.personal, key=_MARKS.index),
        missing_codes=tuple(dict.fromkeys((*field.missing_codes, *other.missing_codes))),
    )


def _reading(field: Field, each: FieldUnderstanding, plan: KeepPlan) -> list[dict[str, Any]]:
    """What to change of how the file is read, so that its cells come in the type of `field`.

    A Parquet file says its types itself: its values are widened when they are written.
    """
    other = each.field
    same = field.arrow_type() == other.arrow_type()
    if same or plan.understanding.media_type == PARQUET:
        return []
    form = DEFAULT_FORMATS.get(field.type, "")
    if field.type is FieldType.DECIMAL and other.type is FieldType.INTEGER:
        form = BY_ANY.join(_AS_DECIMAL[one] for one in other.format.split(BY_ANY))
    elif _is_empty(each, plan) and field.format:
        form = field.format
    return [{"name": other.name, "type": field.type.value, "format": form}]


def _differs(field: Field, other: Field) -> str:
    if field.type is other.type:
        return f"“{field.name}” has a time zone in one of them only"
    return f"“{field.name}” is {WORDS[other.type]} in the file, {WORDS[field.type]} in the data set"


def _sentence(problems: list[tuple[str, str]]) -> str:
    named = [text for _, text in problems[:MOST_NAMED]]
    if len(problems) > MOST_NAMED:
        named.append(f"and {len(problems) - MOST_NAMED} more")
    return (
        f"The file does not fit the data set: {'; '.join(named)}. Correct the types or the names, "
        "or choose to widen: then new fields are taken in, and what differs becomes text."
    )
