"""The few things a condition can be made of. Whatever cannot be said with these is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from simplr_core.tables.schema import Field, FieldType


class Kind(StrEnum):
    """What values can be compared with each other."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "yes or no"
    DATE = "date"
    TIME = "time of day"
    DATETIME = "date and time"
    INSTANT = "date and time in UTC"


_KINDS = {
    FieldType.TEXT: Kind.TEXT,
    FieldType.CATEGORY: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.DECIMAL: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.DATE,
    FieldType.TIME: Kind.TIME,
    FieldType.DATETIME: Kind.DATETIME,
}


def kind_of(field: Field) -> Kind:
    """The kind of a field's values."""
    return Kind.INSTANT if field.is_aware else _KINDS[field.type]


Value = str | int | float | bool | date | datetime | time


@dataclass(frozen=True, slots=True)
class Column:
    """A field of the data set."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written, already of the kind it is compared with."""

    value: Value
    kind: Kind


@dataclass(frozen=True, slots=True)
class Call:
    """One of the few functions, of one operand."""

    function: str
    operand: Operand
    kind: Kind


Operand = Column | Literal | Call


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`, the operator being one of = <> < <= > >=."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class IsIn:
    """The operand is one of these values."""

    operand: Operand
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """low <= operand <= high."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class IsMissing:
    """The operand has no value."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class IsLike:
    """The text matches a pattern of % (any text) and _ (one character); \\ takes their meaning."""

    operand: Operand
    pattern: str
    ignore_case: bool


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A yes-or-no operand, standing for itself."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """Not that. Of a missing value nothing is known, so its negation is not known either."""

    inner: Predicate


@dataclass(frozen=True, slots=True)
class Both:
    """All of these."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    parts: tuple[Predicate, ...]


Predicate = Compare | IsIn | Between | IsMissing | IsLike | IsTrue | Not | Both | Either
