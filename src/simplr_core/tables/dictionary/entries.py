"""One entry of a dictionary: a field, and the limits of its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Self

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType, Personal

MOST_VALUES = 5_000
LONGEST_VALUE = 500
LONGEST_PATTERN = 1_000
LONGEST_UNIT = 60

_IN_ORDER = (
    FieldType.INTEGER,
    FieldType.DECIMAL,
    FieldType.DATE,
    FieldType.TIME,
    FieldType.DATETIME,
)
_TEXTS = (FieldType.TEXT, FieldType.CATEGORY)


class LimitsInvalid(Invalid):
    """Allowed values, lowest and highest are values of the field's type; a pattern is a regex."""

    code = "limits-invalid"


@dataclass(frozen=True, slots=True)
class AllowedValue:
    """A value that a field may have, as it is written in the data, and what it stands for."""

    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the values of a field may be. Made of cell values: shown to those who see them."""

    values: tuple[AllowedValue, ...] = ()
    minimum: str = ""
    maximum: str = ""
    pattern: str = ""

    def __bool__(self) -> bool:
        return self != Limits()

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON; `from_json` reads them back."""
        return {
            "values": [{"value": one.value, "label": one.label} for one in self.values],
            "minimum": self.minimum,
            "maximum": self.maximum,
            "pattern": self.pattern,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """The limits that `to_json` wrote. Raises LimitsInvalid."""
        try:
            return cls(
                values=tuple(
                    AllowedValue(str(one["value"]), str(one.get("label") or ""))
                    for one in plain.get("values") or ()
                ),
                minimum=str(plain.get("minimum") or ""),
                maximum=str(plain.get("maximum") or ""),
                pattern=str(plain.get("pattern") or ""),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise LimitsInvalid("Allowed values are a list of a value and a label.") from error


@dataclass(frozen=True, slots=True)
class Entry:
    """A field as its dictionary tells of it. `limits` is None where the reader may not see them."""

    name: str
    type: FieldType
    title: str = ""
    meaning: str = ""
    unit: str = ""
    personal: Personal = Personal.NONE
    is_key: bool = False
    missing_codes: tuple[str, ...] = ()
    limits: Limits | None = Limits()

    def to_json(self) -> dict[str, Any]:
        """The entry as the API shows it. What is hidden is null, what is not said is empty."""
        shown = self.limits
        return {
            "name": self.name,
            "title": self.title,
            "meaning": self.meaning,
            "type": self.type.value,
            "unit": self.unit,
            "personal": self.personal.value,
            "key": self.is_key,
            "missing_codes": None if shown is None else list(self.missing_codes),
            **(dict.fromkeys(Limits().to_json()) if shown is None else shown.to_json()),
        }


def entry_of(
    field: Field, *, unit: str = "", is_key: bool = False, limits: Limits | None = None
) -> Entry:
    """The entry of a field. Without `limits`, what is made of values is hidden."""
    return Entry(
        name=field.name,
        type=field.type,
        title=field.title,
        meaning=field.meaning,
        unit=unit,
        personal=field.personal,
        is_key=is_key,
        missing_codes=() if limits is None else field.missing_codes,
        limits=limits,
    )


def check_limits(limits: Limits, kind: FieldType) -> None:
    """Return quietly if a field of `kind` can have these limits. Raises LimitsInvalid."""
    _check_values(limits, kind)
    _check_range(limits, kind)
    _check_pattern(limits.pattern, kind)


def _check_values(limits: Limits, kind: FieldType) -> None:
    if len(limits.values) > MOST_VALUES:
        raise LimitsInvalid(f"A field has at most {MOST_VALUES:,} allowed values.", field="values")
    written = [one.value for one in limits.values]
    if len(set(written)) < len(written):
        raise LimitsInvalid("An allowed value stands there twice.", field="values")
    for one in limits.values:
        if not one.value or max(len(one.value), len(one.label)) > LONGEST_VALUE:
            raise LimitsInvalid(
                f"An allowed value and its label have up to {LONGEST_VALUE} characters.",
                field="values",
            )
        _value(one.value, kind, of="values")


def _check_range(limits: Limits, kind: FieldType) -> None:
    bounds = [
        _value(text, kind, of=which)
        for which, text in (("minimum", limits.minimum), ("maximum", limits.maximum))
        if text
    ]
    if bounds and kind not in _IN_ORDER:
        which = "minimum" if limits.minimum else "maximum"
        raise LimitsInvalid("Only numbers and times have a lowest and a highest.", field=which)
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        raise LimitsInvalid("The lowest is above the highest.", field="minimum")


def _check_pattern(pattern: str, kind: FieldType) -> None:
    if not pattern:
        return
    if kind not in _TEXTS:
        raise LimitsInvalid("Only texts have a pattern.", field="pattern")
    if len(pattern) > LONGEST_PATTERN:
        raise LimitsInvalid("A pattern has up to 1,000 characters.", field="pattern")
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise LimitsInvalid("The pattern is no regular expression.", field="pattern") from error


def _value(text: str, kind: FieldType, *, of: str) -> Any:
    """The value that a limit is written as: ISO for times, a point for decimals."""
    try:
        return _read(text, kind)
    except ValueError as error:
        raise LimitsInvalid(
            f"A limit is no {kind.value}. Write days as 2026-01-31 and numbers as 1234.5.", field=of
        ) from error


def _read(text: str, kind: FieldType) -> Any:
    match kind:
        case FieldType.INTEGER if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            raise ValueError
        case FieldType.INTEGER:
            return int(text)
        case FieldType.DECIMAL if not re.fullmatch(
            r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", text
        ):
            raise ValueError
        case FieldType.DECIMAL:
            return float(text)
        case FieldType.DATE:
            return date.fromisoformat(text)
        case FieldType.TIME:
            return time.fromisoformat(text).replace(tzinfo=None)
        case FieldType.DATETIME:
            return datetime.fromisoformat(text).replace(tzinfo=None)
        case FieldType.BOOLEAN if text not in ("true", "false"):
            raise ValueError
    return text
