"""A condition: its canonical text, the fields it looks at, and the rows it holds for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
import sqlglot
from sqlglot import exp

from simplr_core.tables.expressions import literals
from simplr_core.tables.expressions.evaluation import holds
from simplr_core.tables.expressions.nodes import (
    Between,
    Both,
    Call,
    Column,
    Compare,
    Either,
    IsIn,
    IsLike,
    IsMissing,
    IsTrue,
    Literal,
    Not,
    Operand,
    Predicate,
)
from simplr_core.tables.expressions.reading import read_condition
from simplr_core.tables.schema import Schema

_SIMPLE = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read and is allowed. Equal conditions have equal canonical texts."""

    predicate: Predicate

    @property
    def canonical(self) -> str:
        """The one way to write it; reading this text gives an equal condition."""
        return _written(self.predicate)

    @property
    def fields(self) -> frozenset[str]:
        """Every field it looks at."""
        return frozenset(_fields_of(self.predicate))

    def mask(self, batch: pa.RecordBatch) -> pa.BooleanArray:
        """True for the rows it holds for; a row of which that is not known is left out."""
        known: pa.BooleanArray = pc.fill_null(holds(self.predicate, batch), False)
        return known

    def __str__(self) -> str:
        return self.canonical


def parse_condition(text: str, schema: Schema) -> Condition:
    """Read a written condition over the fields of `schema`, which are all it may name.

    Raises ConditionNotAllowed (code condition-not-allowed) or ConditionUnknownField.
    """
    return Condition(read_condition(text, schema))


def all_of(*conditions: Condition) -> Condition:
    """The condition that holds where all of these hold."""
    if len(conditions) == 1:
        return conditions[0]
    return Condition(Both(tuple(condition.predicate for condition in conditions)))


def _fields_of(part: Predicate | Operand) -> set[str]:
    match part:
        case Column(name, _):
            return {name}
        case Literal():
            return set()
        case Call(_, operand, _) | IsMissing(operand) | IsTrue(operand) | IsIn(operand, _):
            return _fields_of(operand)
        case IsLike(operand, _, _):
            return _fields_of(operand)
        case Compare(_, left, right):
            return _fields_of(left) | _fields_of(right)
        case Between(operand, low, high):
            return _fields_of(operand) | _fields_of(low) | _fields_of(high)
        case Not(inner):
            return _fields_of(inner)
        case Both(parts) | Either(parts):
            return set().union(*(_fields_of(each) for each in parts))


def _written(part: Predicate) -> str:
    match part:
        case Compare(operator, left, right):
            return f"{_operand(left)} {operator} {_operand(right)}"
        case Between(operand, low, high):
            return f"{_operand(operand)} BETWEEN {_operand(low)} AND {_operand(high)}"
        case IsIn(operand, values):
            listed = ", ".join(literals.canonical(value) for value in values)
            return f"{_operand(operand)} IN ({listed})"
        case IsMissing(operand):
            return f"{_operand(operand)} IS NULL"
        case IsLike(operand, pattern, ignore_case):
            quoted = "'" + pattern.replace("'", "''") + "'"
            return f"{_operand(operand)} {'ILIKE' if ignore_case else 'LIKE'} {quoted}"
        case IsTrue(operand):
            return _operand(operand)
        case Not(inner):
            return f"NOT ({_written(inner)})"
        case Both(parts):
            return " AND ".join(_nested(each) for each in parts)
        case Either(parts):
            return " OR ".join(_nested(each) for each in parts)


def _nested(part: Predicate) -> str:
    return f"({_written(part)})" if isinstance(part, Both | Either) else _written(part)


def _operand(part: Operand) -> str:
    match part:
        case Column(name, _):
            return _quoted(name)
        case Literal():
            return literals.canonical(part)
        case Call(function, operand, _):
            return f"{function}({_operand(operand)})"


@lru_cache(maxsize=4096)
def _quoted(name: str) -> str:
    """The name as it is where that is read as a name everywhere, else in double quotes."""
    if _SIMPLE.fullmatch(name):
        try:
            tree = sqlglot.parse_one(
                f"{name} = 1 AND NOT {name} AND lower({name}) < {name}", into=exp.Condition
            )
        except sqlglot.errors.SqlglotError:
            return f'"{name}"'
        if sum(column.name == name for column in tree.find_all(exp.Column)) == 4:
            return name
    return f'"{name}"'
