"""Wide to long: several fields of one kind become two, the name of the field and its value.

A row of the file becomes a row for each of these fields; all other fields are repeated in each. No
cell is left out, missing ones included, so that rows made are always rows kept of the file times
the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from simplr_core.errors import Invalid
from simplr_core.tables.conforming import widened
from simplr_core.tables.schema import Field, FieldType, Personal, Schema
from simplr_core.tidy.measures import unit_in
from simplr_core.tidy.recipe.steps import Kind, Step

ROWS_AT_A_TIME = 200_000
FEWEST = 3
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
_LABEL = re.compile(r"[1-9]\d{0,8}")


class UnpivotInvalid(Invalid):
    """Fields that become one have one type and one unit, and the two new names are free."""

    code = "unpivot-invalid"


@dataclass(frozen=True, slots=True)
class Unpivot:
    """What a step that is on makes of a schema. Raises UnpivotInvalid where it cannot be."""

    before: Schema
    taken: tuple[str, ...]
    name: str
    value: str

    @classmethod
    def of(cls, steps: Sequence[Step], before: Schema) -> Unpivot | None:
        """The one that is on among `steps`, of the fields that are left; None without one."""
        wanted = [step for step in steps if step.kind is Kind.UNPIVOT and step.on]
        if not wanted:
            return None
        if len(wanted) > 1:
            raise UnpivotInvalid("A table is unpivoted once: switch one of the steps off.")
        said = wanted[0].arguments
        found = cls(before, tuple(said["fields"]), str(said["name"]), str(said["value"]))
        found.check()
        return found

    def check(self) -> None:
        """Return quietly if it can be. Raises UnpivotInvalid."""
        if unknown := [name for name in self.taken if name not in self.before]:
            raise UnpivotInvalid(f"There is no field {unknown[0]} to unpivot.", fields=unknown)
        if len(set(self.taken)) != len(self.taken) or len(self.taken) < 2:
            raise UnpivotInvalid("Unpivot takes at least two fields, each once.")
        left = {field.name for field in self.before} - set(self.taken)
        if self.name == self.value or {self.name, self.value} & left:
            raise UnpivotInvalid(f"{self.name} and {self.value} are no free names for two fields.")
        if self._type() is None:
            raise UnpivotInvalid("Fields that become one have one type. Give them one first.")
        if len({unit_in(field.format) for field in self._fields}) > 1:
            raise UnpivotInvalid("Fields in several units do not become one.")

    @property
    def _fields(self) -> list[Field]:
        return [self.before[name] for name in self.taken]

    def _type(self) -> FieldType | None:
        kinds = {field.type for field in self._fields}
        if len(kinds) == 1:
            same = len({field.arrow_type() for field in self._fields}) == 1
            return kinds.pop() if same else None
        if kinds <= {*_NUMBERS}:
            return FieldType.DECIMAL
        return FieldType.TEXT if kinds <= {FieldType.TEXT, FieldType.CATEGORY} else None

    @property
    def labels(self) -> list[str]:
        """What stands in the field of names: the headings, as they were found."""
        return [field.source_name or field.name for field in self._fields]

    @property
    def value_field(self) -> Field:
        """The field of values; its mark is the strongest of those it comes from."""
        kind = self._type() or FieldType.TEXT
        forms = {field.format for field in self._fields}
        formed = next((form for form in sorted(forms) if unit_in(form)), "")
        return Field(
            name=self.value,
            source_name=self._heading,
            type=kind,
            format=forms.pop() if len(forms) == 1 else formed,
            personal=max((f.personal for f in self._fields), key=list(Personal).index),
            missing_codes=tuple(dict.fromkeys(c for f in self._fields for c in f.missing_codes)),
        )

    @property
    def name_field(self) -> Field:
        """The field of names: whole numbers where all headings are such, years for example.

        It has the mark of the field of values, unless all headings are bare years, months, dates
        or numbers: who may not see a field is not told its heading.
        """
        whole = all(_LABEL.fullmatch(label) for label in self.labels)
        kind = FieldType.INTEGER if whole else FieldType.CATEGORY
        bare = all(_is_bare(label) for label in self.labels)
        mark = Personal.NONE if bare else self.value_field.personal
        return Field(name=self.name, source_name=self._heading, type=kind, personal=mark)

    def marks(self, marks: Mapping[str, str]) -> dict[str, str]:
        """Marks by name, with that of the field of values for each field that it comes from."""
        if self.value not in marks:
            return {}
        both = {
            name: (Personal(marks.get(name, Personal.NONE)), Personal(marks[self.value]))
            for name in self.taken
        }
        return {name: max(*two, key=list(Personal).index) for name, two in both.items()}

    @property
    def _heading(self) -> str:
        return f"{self.labels[0]} … {self.labels[-1]}"

    @property
    def schema(self) -> Schema:
        """The fields as they are then: the two stand where the first of the others stood."""
        fields: list[Field] = []
        for field in self.before:
            if field.name == self.taken[0]:
                fields += [self.name_field, self.value_field]
            elif field.name not in self.taken:
                fields.append(field)
        return Schema(tuple(fields))

    def nothing(self) -> pa.RecordBatch:
        """No row, with the fields as they are then."""
        return pa.RecordBatch.from_pylist([], schema=self.schema.arrow())

    def rows(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """The rows made of these, a bounded number at a time."""
        step = max(1, ROWS_AT_A_TIME // len(self.taken))
        for start in range(0, batch.num_rows, step):
            yield self._made(batch.slice(start, step))

    def _made(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        count, width = batch.num_rows, len(self.taken)
        repeated = pa.array(np.repeat(np.arange(count), width))
        turned = pa.array((np.arange(width)[None, :] * count + np.arange(count)[:, None]).ravel())
        value, name = self.value_field, self.name_field
        values = [widened(batch.column(field), value) for field in self.taken]
        labels = pa.array(self.labels, pa.string()).cast(name.arrow_type())
        made = {
            self.value: pa.concat_arrays(values).take(turned),
            self.name: labels.take(pa.array(np.tile(np.arange(width), count))),
        }
        columns = [
            made[field.name] if field.name in made else batch.column(field.name).take(repeated)
            for field in self.schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema.arrow())

    def aside(self, entries: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """What was put aside, by the numbers of the rows made: a cell that was repeated, each time."""
        width = len(self.taken)
        place = {name: number for number, name in enumerate(self.taken)}
        for entry in entries:
            first = None if entry["kept_row"] is None else entry["kept_row"] * width
            if first is None:
                yield dict(entry)
            elif entry["field"] in place:
                kept = first + place[entry["field"]]
                yield {**entry, "field": self.value, "kept_row": kept}
            else:
                yield from ({**entry, "kept_row": first + n} for n in range(width))


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec mär mai okt dez"
_MONTH = re.compile(rf"({'|'.join(_MONTHS.split())})\w*\.?[ _/-]*(\d{{2}}|\d{{4}})?", re.IGNORECASE)
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[./](\d{1,2}[./])?\d{4}")
_YEAR = re.compile(r"(?P<prefix>(?:.*?[^\W\d])?)[ _-]*(?P<number>(19|20)\d\d)")
_NUMBERED = re.compile(r"(?P<prefix>.*?[^\W\d])[ _-]*(?P<number>\d{1,3})")


@dataclass(frozen=True, slots=True)
class _Named:
    """What a heading says of its field: of what sort it is, and the word before, if there is one."""

    sort: str
    prefix: str = ""


def _named(heading: str) -> _Named | None:
    text = heading.strip()
    if _MONTH.fullmatch(text):
        return _Named("month")
    if _DATE.fullmatch(text):
        return _Named("date")
    for sort, pattern in (("year", _YEAR), ("number", _NUMBERED)):
        if found := pattern.fullmatch(text):
            return _Named(sort, found["prefix"].casefold())
    return None


def _is_bare(heading: str) -> bool:
    """Whether a heading is a number, a year, a month or a date, and says nothing else."""
    named = _named(heading)
    return bool(_LABEL.fullmatch(heading)) or (named is not None and not named.prefix)


def wide_fields(fields: Sequence[Field]) -> list[tuple[str, str, list[Field]]]:
    """Fields of numbers side by side whose headings go on alike: the sort, the prefix, the fields."""
    runs: list[tuple[_Named | None, list[Field]]] = []
    for field in fields:
        named = _named(field.source_name) if field.type in _NUMBERS else None
        same = runs and named is not None and runs[-1][0] == named
        if same and unit_in(runs[-1][1][-1].format) == unit_in(field.format):
            runs[-1][1].append(field)
        else:
            runs.append((named, [field]))
    return [
        (named.sort, named.prefix, run)
        for named, run in runs
        if named is not None and len(run) >= FEWEST + (named.sort == "number")
    ]
