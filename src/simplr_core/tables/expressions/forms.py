"""Conditions built in a form: a list of field, operator and value, all of which must hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simplr_core.tables.expressions import literals
from simplr_core.tables.expressions.conditions import Condition
from simplr_core.tables.expressions.errors import ConditionNotAllowed, ConditionUnknownField
from simplr_core.tables.expressions.nodes import (
    Between,
    Both,
    Column,
    Compare,
    IsIn,
    IsMissing,
    IsTrue,
    Kind,
    Not,
    Predicate,
    kind_of,
)
from simplr_core.tables.expressions.reading import MOST_PARTS, MOST_VALUES, like
from simplr_core.tables.schema import Schema

_COMPARISONS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_PATTERNS = {"contains": "%{}%", "starts-with": "{}%", "ends-with": "%{}"}
_BARE = {"missing", "not-missing", "is-true", "is-false"}
_LISTS = {"in", "not-in"}

OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("eq", "ne", *_PATTERNS, "in", "not-in", "missing", "not-missing"),
    Kind.BOOLEAN: ("is-true", "is-false", "missing", "not-missing"),
    **dict.fromkeys(
        (Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.DATETIME, Kind.INSTANT),
        (*_COMPARISONS, "between", "in", "not-in", "missing", "not-missing"),
    ),
}
"""What a form offers for a field of each kind."""


def build_condition(rows: Sequence[Mapping[str, Any]], schema: Schema) -> Condition:
    """The condition of a form: rows of `field`, `op` and `value` (a list for in and between).

    Raises ConditionNotAllowed and ConditionUnknownField, like a written one.
    """
    if not 1 <= len(rows) <= MOST_PARTS:
        raise ConditionNotAllowed(f"A condition has between 1 and {MOST_PARTS} lines.")
    parts = tuple(_line(row, schema) for row in rows)
    return Condition(parts[0] if len(parts) == 1 else Both(parts))


def _line(row: Mapping[str, Any], schema: Schema) -> Predicate:
    name, operator = str(row.get("field", "")), str(row.get("op", ""))
    if name not in schema:
        raise ConditionUnknownField(
            f"There is no field {name[:60]!r} that you can use here.", field=name[:60]
        )
    field = schema[name]
    kind = kind_of(field)
    column = Column(name, kind)
    if operator not in OPERATORS[kind]:
        raise ConditionNotAllowed(f"{operator[:20]!r} is not for {name}, a {kind.value}.")
    values = _values(row, operator)
    if operator in _PATTERNS:
        return like(column, _PATTERNS[operator].format(_escaped(values[0])), ignore_case=True)
    match operator:
        case "missing":
            return IsMissing(column)
        case "not-missing":
            return Not(IsMissing(column))
        case "is-true":
            return IsTrue(column)
        case "is-false":
            return Not(IsTrue(column))
    read = tuple(literals.from_form(value, kind, field=name) for value in values)
    match operator:
        case "between":
            if len(read) != 2:
                raise ConditionNotAllowed("Between takes two values.")
            return Between(column, read[0], read[1])
        case "in":
            return IsIn(column, read)
        case "not-in":
            return Not(IsIn(column, read))
    return Compare(_COMPARISONS[operator], column, read[0])


def _values(row: Mapping[str, Any], operator: str) -> list[str]:
    if operator in _BARE:
        return []
    value = row.get("value")
    several = isinstance(value, list | tuple) and (operator in _LISTS or operator == "between")
    values = [str(each) for each in value] if several and value is not None else [str(value or "")]
    if not 1 <= len(values) <= MOST_VALUES:
        raise ConditionNotAllowed(f"Give between 1 and {MOST_VALUES} values.")
    if any(not character.isprintable() for each in values for character in each):
        raise ConditionNotAllowed("A condition holds no control characters.")
    return values


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
