"""The quality score: the mean of the shares that could be measured, from 0 to 100.

| part | share |
|---|---|
| completeness | cells that hold something, of the cells of kept rows |
| validity | cells that could be read in their type, of the cells of all rows that came in |
| uniqueness | different values of the key, of the rows that have one |
| consistency | cells written as most of their field, of the texts that are there |

A part of nothing (no key was named, no field is text) is not measured and does not count. The score
is cut, not rounded: 100 means that not one cell is amiss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Dimension(StrEnum):
    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"


DIMENSIONS = tuple(Dimension)


@dataclass(frozen=True, slots=True)
class FieldCounts:
    """What was counted of one field. None is what was not counted when the version was kept."""

    name: str
    missing: int | None
    """Kept rows without a value, those whose cell is in quarantine among them."""
    quarantined: int | None = None
    distinct: int | None = None
    inconsistent: int | None = None
    is_text: bool = False
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class TableCounts:
    """Rows that came in, and those that were kept."""

    rows_in: int
    kept: int


@dataclass(frozen=True, slots=True)
class Cost:
    """A field that costs a part something: how many cells are amiss, of how many."""

    field: str
    amiss: int
    of: int


@dataclass(frozen=True, slots=True)
class Part:
    """One dimension: good of all, and the fields that cost it, the dearest first.

    Without `of` it was not measured, and `why` says why not.
    """

    dimension: Dimension
    amiss: int = 0
    of: int = 0
    costs: tuple[Cost, ...] = ()
    why: str = ""

    @property
    def is_measured(self) -> bool:
        return self.of > 0

    @property
    def points(self) -> float | None:
        """From 0 to 100, cut to one place; None where it was not measured."""
        return _cut(self.share) if self.is_measured else None

    @property
    def share(self) -> Fraction:
        return 1 - Fraction(self.amiss, self.of)


@dataclass(frozen=True, slots=True)
class Score:
    """The score and its parts. `points` is None where nothing could be measured."""

    points: float | None
    parts: tuple[Part, ...]


def score(table: TableCounts, fields: Sequence[FieldCounts]) -> Score:
    """The quality of a table by the counts of the fields that are to count."""
    parts = (
        _completeness(table, fields),
        _validity(table, fields),
        _uniqueness(table, fields),
        _consistency(table, fields),
        Part(Dimension.TIMELINESS, why="Nobody has said how old the data may be."),
    )
    measured = [part.share for part in parts if part.is_measured]
    points = _cut(sum(measured, Fraction(0)) / len(measured)) if measured else None
    return Score(points, parts)


def _cut(share: Fraction) -> float:
    return int(share * 1000) / 10


def _completeness(table: TableCounts, fields: Sequence[FieldCounts]) -> Part:
    counted = [field for field in fields if field.missing is not None]
    costs = _costs(
        counted, lambda field: max(0, (field.missing or 0) - (field.quarantined or 0)), table.kept
    )
    return _part(Dimension.COMPLETENESS, costs, "No cell was kept.")


def _validity(table: TableCounts, fields: Sequence[FieldCounts]) -> Part:
    counted = [field for field in fields if field.quarantined is not None]
    lost = table.rows_in - table.kept
    costs = _costs(counted, lambda field: (field.quarantined or 0) + lost, table.rows_in)
    return _part(Dimension.VALIDITY, costs, "It was kept before invalid cells were counted.")


def _uniqueness(table: TableCounts, fields: Sequence[FieldCounts]) -> Part:
    keys = [field for field in fields if field.is_key]
    if len(keys) != 1:
        why = (
            "A key of several fields is not measured."
            if keys
            else "No field is said to be the key."
        )
        return Part(Dimension.UNIQUENESS, why=why)
    (key,) = keys
    if key.missing is None or key.distinct is None:
        return Part(Dimension.UNIQUENESS, why="The key was not counted.")
    present = table.kept - key.missing
    costs = _costs(keys, lambda field: max(0, present - (key.distinct or 0)), present)
    return _part(Dimension.UNIQUENESS, costs, "No row has a key.")


def _consistency(table: TableCounts, fields: Sequence[FieldCounts]) -> Part:
    costs = [
        Cost(field.name, min(field.inconsistent, present), present)
        for field in fields
        if field.is_text
        and field.inconsistent is not None
        and field.missing is not None
        and (present := table.kept - field.missing) > 0
    ]
    return _part(Dimension.CONSISTENCY, costs, "No field of texts was compared in its spelling.")


def _costs(
    fields: Sequence[FieldCounts], amiss: Callable[[FieldCounts], int], of: int
) -> list[Cost]:
    return [Cost(field.name, min(amiss(field), of), of) for field in fields if of > 0]


def _part(dimension: Dimension, costs: Sequence[Cost], why: str) -> Part:
    if not costs:
        return Part(dimension, why=why)
    return Part(
        dimension,
        amiss=sum(cost.amiss for cost in costs),
        of=sum(cost.of for cost in costs),
        costs=tuple(_dearest(costs)),
    )


def _dearest(costs: Sequence[Cost]) -> Iterator[Cost]:
    yield from sorted(
        (cost for cost in costs if cost.amiss), key=lambda cost: (-cost.amiss, cost.field)
    )
