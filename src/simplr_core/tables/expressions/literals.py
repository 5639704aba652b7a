"""Values as people write them, made into the kind they are compared with."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time

from simplr_core.tables.expressions.errors import ConditionNotAllowed, ConditionTypeMismatch
from simplr_core.tables.expressions.nodes import Kind, Literal

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?")
_HOUR = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_WRITTEN = {
    Kind.DATE: "a date such as '2024-05-31'",
    Kind.TIME: "a time such as '08:30'",
    Kind.DATETIME: "a date and time such as '2024-05-31 08:30'",
    Kind.INSTANT: "a date and time such as '2024-05-31 08:30'",
    Kind.NUMBER: "a number such as 12 or 0.5, without quotes",
    Kind.BOOLEAN: "true or false",
    Kind.TEXT: "text in quotes, such as '007'",
}
MOST_CHARACTERS = 1_000


def mismatch(kind: Kind, *, field: str = "") -> ConditionTypeMismatch:
    """The refusal that says how a value of this kind is written."""
    of = f"{field} is {kind.value}: " if field else ""
    return ConditionTypeMismatch(f"{of}write {_WRITTEN[kind]}.", field=field)


def number(text: str) -> Literal:
    """A number without quotes."""
    if _WHOLE.fullmatch(text):
        whole = int(text) if len(text) <= 20 else 2**64
        if not -(2**63) <= whole < 2**63:
            raise ConditionNotAllowed("A whole number lies between -2^63 and 2^63 - 1.")
        return Literal(whole, Kind.NUMBER)
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise ConditionNotAllowed("That is no number.")
    return Literal(float(text), Kind.NUMBER)


def text(written: str) -> Literal:
    """Text in quotes."""
    if len(written) > MOST_CHARACTERS:
        raise ConditionNotAllowed(f"A text has at most {MOST_CHARACTERS} characters.")
    return Literal(written, Kind.TEXT)


def from_text(written: str, kind: Kind, *, field: str = "") -> Literal:
    """Text in quotes, read as a value of that kind. Raises ConditionTypeMismatch."""
    try:
        match kind:
            case Kind.TEXT:
                return text(written)
            case Kind.DATE if _DATE.fullmatch(written):
                return Literal(date.fromisoformat(written), kind)
            case Kind.TIME if _HOUR.fullmatch(written):
                return Literal(time.fromisoformat(written), kind)
            case Kind.DATETIME if _MOMENT.fullmatch(written):
                moment = datetime.fromisoformat(written)
                if moment.tzinfo is None:
                    return Literal(moment, kind)
            case Kind.INSTANT if _MOMENT.fullmatch(written):
                moment = datetime.fromisoformat(written)
                if moment.tzinfo is None:
                    moment = moment.replace(tzinfo=UTC)
                return Literal(moment.astimezone(UTC), kind)
    except (ValueError, OverflowError):
        pass  # not such a value: the sentence below says how one is written
    raise mismatch(kind, field=field)


def from_form(written: str, kind: Kind, *, field: str = "") -> Literal:
    """What was typed into a form, where quotes are not needed."""
    match kind:
        case Kind.NUMBER:
            if not _NUMBER.fullmatch(written.strip()):
                raise mismatch(kind, field=field)
            return number(written.strip())
        case Kind.BOOLEAN:
            if written.strip().lower() not in ("true", "false"):
                raise mismatch(kind, field=field)
            return Literal(written.strip().lower() == "true", kind)
    return from_text(written if kind is Kind.TEXT else written.strip(), kind, field=field)


def canonical(literal: Literal) -> str:
    """How the value is written in a condition."""
    value = literal.value
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return f"TIMESTAMP '{value.replace(tzinfo=None).isoformat(sep=' ')}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case time():
            return f"TIME '{value.isoformat()}'"
    return repr(value)
