"""Masks and corrections as people write them on the command line, turned into what the API takes.

`date=month`, `age=topcode:60`, `child_id=pseudonym`; `opened:type=date`. The installation decides
whether a mask suits its field; here only what could not be meant is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simplr_client.errors import Invalid

if TYPE_CHECKING:
    from simplr_client.transport import Json

_PERIODS = ("year", "quarter", "month", "week", "day")
_PLAIN = ("keep", "hide", "pseudonym", "redact")
HELP = (
    "keep, hide, pseudonym, redact[:TEXT], year, quarter, month, week, day, "
    "step:NUMBER (generalise), topcode:NUMBER"
)
_CORRECTIONS = {
    "type": "type",
    "personal": "personal",
    "format": "format",
    "name": "new_name",
    "missing": "missing_codes",
}


def parse_mask(text: str) -> tuple[str, Json]:
    """The field and the mask that `FIELD=MASK` means. Raises Invalid with what may be written."""
    name, equals, said = text.partition("=")
    name, said = name.strip(), said.strip()
    if not equals or not name or not said:
        raise Invalid(f"“{text}” is not FIELD=MASK.", code="mask-unclear")
    kind, colon, argument = said.partition(":")
    if kind in _PERIODS and not colon:
        return name, {"kind": "truncate-date", "to": kind}
    if kind == "redact":
        return name, {"kind": "redact", **({"text": argument} if colon else {})}
    if kind in _PLAIN and not colon:
        return name, {"kind": kind}
    if kind in ("step", "topcode") and colon:
        number = _number(text, argument)
        if kind == "topcode":
            return name, {"kind": "top-code", "at": number}
        if number <= 0:
            raise Invalid(f"“{text}”: the step must be above nought.", code="mask-unclear")
        return name, {"kind": "generalise-number", "step": number}
    raise Invalid(f"“{said}” is not a mask. Say one of: {HELP}.", code="mask-unclear")


def release_fields(fields: Sequence[str], masks: Sequence[str]) -> list[Json]:
    """The fields of a release, each with its mask; a field without one is kept as it is.

    Raises Invalid for a mask on a field that is not listed (it would not be shown at all), for two
    masks on one field, and for a field listed twice.
    """
    said: dict[str, Json] = {}
    for text in masks:
        name, mask = parse_mask(text)
        if name not in fields:
            raise Invalid(
                f"{name} has a mask but is not among --fields, so it would not be shown. "
                "List it too, or leave the mask out.",
                code="mask-without-field",
            )
        if name in said:
            raise Invalid(f"{name} has two masks.", code="mask-twice")
        said[name] = mask
    for name in fields:
        if fields.count(name) > 1:
            raise Invalid(f"{name} is listed twice.", code="field-twice")
    return [{"name": name, "mask": said.get(name, {"kind": "keep"})} for name in fields]


def parse_corrections(texts: Sequence[str]) -> list[Json]:
    """Overrides, one for each field, from `FIELD:KEY=VALUE` texts.

    KEY is type, personal, format, name (a new name) or missing (codes with commas between).
    """
    found: dict[str, Json] = {}
    for text in texts:
        left, equals, value = text.partition("=")
        name, colon, key = left.rpartition(":")
        if not equals or not colon or not name or key not in _CORRECTIONS:
            raise Invalid(
                f"“{text}” is not FIELD:KEY=VALUE with KEY one of {', '.join(_CORRECTIONS)}.",
                code="correction-unclear",
            )
        member = _CORRECTIONS[key]
        field = found.setdefault(name, {"name": name})
        if member in field:
            raise Invalid(f"{name}:{key} is given twice.", code="correction-twice")
        field[member] = value.split(",") if member == "missing_codes" else value
    return list(found.values())


def _number(text: str, argument: str) -> int | float:
    try:
        number = float(argument)
    except ValueError:
        raise Invalid(f"“{text}”: {argument} is not a number.", code="mask-unclear") from None
    if number != number or number in (float("inf"), float("-inf")):
        raise Invalid(f"“{text}”: {argument} is not a number.", code="mask-unclear")
    return int(number) if number.is_integer() else number
