"""A condition applied to a batch: which rows it holds for, by the three-valued logic of SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
    Kind,
    Literal,
    Not,
    Operand,
    Predicate,
)

_OPERATORS = {
    "=": "equal",
    "<>": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}
_ARROW = {
    Kind.TEXT: pa.string(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.time64("us"),
    Kind.DATETIME: pa.timestamp("us"),
    Kind.INSTANT: pa.timestamp("us"),
}
_CALLS: dict[str, Callable[[Any], Any]] = {
    "year": pc.year,
    "quarter": pc.quarter,
    "month": pc.month,
    "day": pc.day,
    "hour": pc.hour,
    "lower": pc.utf8_lower,
    "upper": pc.utf8_upper,
    "length": pc.utf8_length,
}


def holds(predicate: Predicate, batch: pa.RecordBatch) -> Any:
    """True, False or null (not known, because a value is missing) for each row."""
    if (name := _dictionary_of(predicate, batch)) is not None:
        # What holds for a value holds for each row that has it: each is looked at once.
        coded: Any = batch.column(name)
        different = pa.RecordBatch.from_arrays([coded.dictionary], [name])
        return holds(predicate, different).take(coded.indices)
    match predicate:
        case Compare(operator, left, right):
            pair = [_values(left, batch), _values(right, batch)]
            if any(pa.types.is_floating(side.type) for side in pair):
                pair = [side.cast(pa.float64(), safe=False) for side in pair]
            return _rows(pc.call_function(_OPERATORS[operator], pair), batch)
        case Between(operand, low, high):
            lower = Compare("<=", low, operand)
            return pc.and_kleene(holds(lower, batch), holds(Compare("<=", operand, high), batch))
        case IsIn(operand, values):
            array, wanted = _values(operand, batch), [_plain(value) for value in values]
            kind = array.type
            if pa.types.is_integer(kind):
                kind = pa.float64() if any(isinstance(v, float) for v in wanted) else pa.int64()
            if pa.types.is_floating(kind):
                kind, wanted = pa.float64(), [float(value) for value in wanted]
            found = pc.is_in(array.cast(kind, safe=False), value_set=pa.array(wanted, kind))
            return pc.if_else(pc.is_null(array), pa.scalar(None, pa.bool_()), found)
        case IsMissing(operand):
            return pc.is_null(_values(operand, batch))
        case IsLike(operand, pattern, ignore_case):
            return pc.match_like(_values(operand, batch), pattern, ignore_case=ignore_case)
        case IsTrue(operand):
            return _values(operand, batch)
        case Not(inner):
            return pc.invert(holds(inner, batch))
        case Both(parts):
            return reduce(pc.and_kleene, (holds(part, batch) for part in parts))
        case Either(parts):
            return reduce(pc.or_kleene, (holds(part, batch) for part in parts))


def _dictionary_of(predicate: Predicate, batch: pa.RecordBatch) -> str | None:
    """The one field that a comparison looks at, where it is a dictionary; else None."""
    match predicate:
        case Compare(_, left, right):
            sides = [left, right]
        case Between(operand, low, high):
            sides = [operand, low, high]
        case IsIn(operand, _) | IsLike(operand, _, _):
            sides = [operand]
        case _:
            return None
    names = {name for side in sides for name in _columns_in(side)}
    if len(names) != 1:
        return None
    (name,) = names
    return name if pa.types.is_dictionary(batch.schema.field(name).type) else None


def _columns_in(operand: Operand) -> Iterator[str]:
    match operand:
        case Column(name, _):
            yield name
        case Call(_, inner, _):
            yield from _columns_in(inner)


def _rows(result: Any, batch: pa.RecordBatch) -> Any:
    return result if isinstance(result, pa.Array) else pa.repeat(result, batch.num_rows)


def _values(operand: Operand, batch: pa.RecordBatch) -> Any:
    match operand:
        case Column(name, kind):
            array: Any = batch.column(name)
            if pa.types.is_dictionary(array.type):
                array = array.dictionary_decode()
            if kind is Kind.INSTANT:
                # The same count of microseconds, read as UTC: no time zone database is needed.
                return array.cast(pa.timestamp("us"))
            if kind in _ARROW and array.type != _ARROW[kind]:
                return array.cast(_ARROW[kind])
            return array
        case Literal(_, kind):
            return pa.scalar(_plain(operand), _ARROW.get(kind))
        case Call(function, inner, _):
            return _CALLS[function](_values(inner, batch))


def _plain(literal: Literal) -> Any:
    if literal.kind is Kind.INSTANT:
        return literal.value.replace(tzinfo=None)  # type: ignore[union-attr,call-arg]
    return literal.value
