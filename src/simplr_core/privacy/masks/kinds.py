"""The masks there are, and how they are written in JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from simplr_core.errors import Invalid

PERIODS = ("year", "quarter", "month", "week", "day")


class MaskInvalid(Invalid):
    """That is no mask. The manual's page on masks lists them with their settings."""

    code = "mask-invalid"


@dataclass(frozen=True, slots=True)
class Keep:
    """Show the value as it is."""

    kind: ClassVar[str] = "keep"


@dataclass(frozen=True, slots=True)
class Hide:
    """Leave the field out altogether."""

    kind: ClassVar[str] = "hide"


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """Show a random name instead, the same for the same value throughout a project."""

    kind: ClassVar[str] = "pseudonym"


@dataclass(frozen=True, slots=True)
class Redact:
    """Show only that there is a value."""

    text: str = "***"
    kind: ClassVar[str] = "redact"

    def __post_init__(self) -> None:
        if not 1 <= len(self.text) <= 100 or not self.text.isprintable():
            raise MaskInvalid("The text shown instead has between 1 and 100 printable characters.")


@dataclass(frozen=True, slots=True)
class TruncateDate:
    """Show the first day of the year, quarter, month or week (Monday), or the day without time."""

    to: str
    kind: ClassVar[str] = "truncate-date"

    def __post_init__(self) -> None:
        if self.to not in PERIODS:
            raise MaskInvalid(f"A date is truncated to one of {', '.join(PERIODS)}.")


@dataclass(frozen=True, slots=True)
class GeneraliseNumber:
    """Show the lower end of the interval of this width that the number lies in."""

    step: int | float
    kind: ClassVar[str] = "generalise-number"

    def __post_init__(self) -> None:
        if not _is_number(self.step) or not 1e-9 <= self.step <= 1e15:
            raise MaskInvalid("The step is a number above nought, at most 1e15.")


@dataclass(frozen=True, slots=True)
class TopCode:
    """Show every greater number as this one, as in "90 or older"."""

    at: int | float
    kind: ClassVar[str] = "top-code"

    def __post_init__(self) -> None:
        if not _is_number(self.at) or abs(self.at) > 1e15:
            raise MaskInvalid("The greatest number shown lies between -1e15 and 1e15.")


Mask = Keep | Hide | Pseudonym | Redact | TruncateDate | GeneraliseNumber | TopCode

_READERS: Mapping[str, tuple[Callable[..., Mask], frozenset[str]]] = {
    "keep": (Keep, frozenset()),
    "hide": (Hide, frozenset()),
    "pseudonym": (Pseudonym, frozenset()),
    "redact": (Redact, frozenset({"text"})),
    "truncate-date": (TruncateDate, frozenset({"to"})),
    "generalise-number": (GeneraliseNumber, frozenset({"step"})),
    "top-code": (TopCode, frozenset({"at"})),
}
KINDS = tuple(_READERS)


def mask_from_json(plain: object) -> Mask:
    """The mask that `{"kind": …, …}` means. Raises MaskInvalid for anything not exactly one."""
    kind = plain.get("kind") if isinstance(plain, Mapping) else None
    if not isinstance(plain, Mapping) or not isinstance(kind, str) or kind not in _READERS:
        raise MaskInvalid(f"A mask has a kind, one of {', '.join(KINDS)}.")
    make, settings = _READERS[kind]
    given = {name: value for name, value in plain.items() if name != "kind"}
    optional = {"text"}
    if not settings - optional <= set(given) <= settings:
        wanted = ", ".join(sorted(settings)) or "no setting"
        raise MaskInvalid(f"The mask {kind} takes {wanted}.")
    if "text" in given and not isinstance(given["text"], str):
        raise MaskInvalid("The text shown instead is a text.")
    return make(**given)


def mask_to_json(mask: Mask) -> dict[str, Any]:
    """What `mask_from_json` reads back to an equal mask."""
    settings = {name: getattr(mask, name) for name in sorted(_READERS[mask.kind][1])}
    return {"kind": mask.kind, **settings}


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)
