"""Masks applied to a column: one value in, at most one value out, never more than went in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute

from simplr_core.errors import Invalid
from simplr_core.privacy.masks.kinds import (
    GeneraliseNumber,
    Hide,
    Keep,
    Mask,
    Pseudonym,
    Redact,
    TopCode,
    TruncateDate,
)
from simplr_core.tables.schema import Field, FieldType

pc: Any = pyarrow.compute  # its stubs refuse what the library accepts
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
_DAYS = (FieldType.DATE, FieldType.DATETIME)


class MaskUnsuitable(Invalid):
    """This mask is not for fields of this type."""

    code = "mask-unsuitable"


class Pseudonyms(Protocol):
    """Looks pseudonyms up; refuses a value that has none."""

    def of(self, texts: pa.StringArray) -> pa.StringArray: ...


def suitable_masks(field: Field) -> tuple[type[Mask], ...]:
    """The kinds of mask that a field of this type can have."""
    if field.type in _NUMBERS:
        return (Keep, Hide, Pseudonym, GeneraliseNumber, TopCode, Redact)
    if field.type in _DAYS:
        return (Keep, Hide, Pseudonym, TruncateDate, Redact)
    return (Keep, Hide, Pseudonym, Redact)


def output_field(mask: Mask, field: Field) -> Field | None:
    """The field as the reader sees it: its name, type and marks. None when it is hidden.

    Raises MaskUnsuitable. A masked field tells nothing of how its values were written in the file.
    """
    if type(mask) not in suitable_masks(field):
        raise MaskUnsuitable(f"{field.name} is {field.type.value}: {mask.kind} is not for it.")
    if isinstance(mask, Keep):
        return field
    kind = output_type(mask, field)
    return None if kind is None else replace(field, type=kind, format="", missing_codes=())


def output_type(mask: Mask, field: Field) -> FieldType | None:
    """The type of what is shown; None for nothing."""
    match mask:
        case Hide():
            return None
        case Pseudonym() | Redact():
            return FieldType.TEXT
        case TruncateDate():
            return FieldType.DATE
        case GeneraliseNumber(step):
            return _number_type(field, step)
        case TopCode(at):
            return _number_type(field, at)
    return field.type


def _number_type(field: Field, setting: int | float) -> FieldType:
    whole = field.type is FieldType.INTEGER and float(setting).is_integer()
    return FieldType.INTEGER if whole else FieldType.DECIMAL


def apply(mask: Mask, array: Any, field: Field, pseudonyms: Pseudonyms | None = None) -> Any:
    """The column as the reader sees it. A missing value stays missing.

    Raises MaskUnsuitable, also for Hide: what is hidden is not read in the first place.
    """
    shown = output_field(mask, field)
    if shown is None:
        raise MaskUnsuitable(f"{field.name} is hidden: it has no values to show.")
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    match mask:
        case Pseudonym():
            if pseudonyms is None:
                raise MaskUnsuitable(f"{field.name} has no map of pseudonyms.")
            return pseudonyms.of(as_text(array))
        case Redact(text):
            return pc.if_else(pc.is_valid(array), pa.scalar(text), pa.scalar(None, pa.string()))
        case TruncateDate(to):
            return _truncate(array, to)
        case GeneraliseNumber(step):
            return _generalise(array.cast(shown.arrow_type(), safe=False), step)
        case TopCode(at):
            numbers = array.cast(shown.arrow_type(), safe=False)
            limit = pa.scalar(int(at) if shown.type is FieldType.INTEGER else float(at))
            return pc.if_else(pc.greater(numbers, limit), limit, numbers).cast(numbers.type)
    return array


def as_text(array: Any) -> Any:
    """The text by which a value of any type is known in a map of pseudonyms."""
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        array = array.cast(pa.timestamp("us"))
    return array.cast(pa.string())


def _truncate(array: Any, to: str) -> Any:
    if pa.types.is_timestamp(array.type):
        # Wall-clock times stay where they are; instants are cut in UTC, as they are kept.
        array = array.cast(pa.timestamp("us")).cast(pa.date32(), safe=False)
    if to == "day":
        return array
    found = pc.min_max(array)
    bounds = found["min"].as_py(), found["max"].as_py()
    if len(array) < _MANY or bounds[0] is None or not _FIRST <= bounds[0] <= bounds[1] <= _LAST:
        return _floor(array, to)
    return _beginnings(to).take(pc.subtract(array.cast(pa.int32()), _days(_FIRST)))


_MANY = 10_000
_FIRST, _LAST = date(1900, 1, 1), date(2100, 12, 31)


def _floor(array: Any, to: str) -> Any:
    return pc.floor_temporal(array, unit=to, week_starts_monday=True).cast(pa.date32())


@lru_cache(maxsize=8)
def _beginnings(to: str) -> Any:
    """What each day of two centuries is truncated to: to look it up is a tenth of working it out."""
    days = np.arange(_days(_FIRST), _days(_LAST) + 1, dtype=np.int32)
    return _floor(pa.array(days).cast(pa.date32()), to)


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _generalise(array: Any, step: int | float) -> Any:
    """floor(value / step) * step, such that doing it again changes nothing."""
    missing = np.asarray(array.is_null())
    if pa.types.is_integer(array.type):
        numbers = np.asarray(array.fill_null(0))
        width = int(step)
        least = np.iinfo(np.int64).min
        # Below this the lower end of the interval has no integer: show the least there is.
        safe = np.maximum(numbers, least + width)
        lower = np.where(numbers < least + width, least, (safe // width) * width)
        return pa.array(lower, pa.int64(), mask=missing)
    decimals = np.asarray(array.fill_null(0.0), dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.floor(decimals / step)
        # Division rounds: take the greatest multiple that is not above the number.
        steps = np.where(_multiples(steps + 1, step) <= decimals, steps + 1, steps)
        steps = np.where(_multiples(steps, step) > decimals, steps - 1, steps)
        multiples = _multiples(steps, step)
    unclear = missing | ~np.isfinite(multiples)
    return pa.array(np.where(unclear, 0.0, multiples), pa.float64(), mask=unclear)


def _multiples(steps: Any, step: int | float) -> Any:
    """steps * step, and 0.3, not 0.30000000000000004, for three steps of 0.1."""
    products = steps * step
    exponent = Decimal(repr(step)).as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    if not 0 < places <= 12:
        return products
    return np.where(np.abs(products) < 1e12, np.round(products, places), products)
