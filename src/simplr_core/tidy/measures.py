"""Numbers with a unit or a currency beside them, and negative numbers in brackets.

A format of such numbers is how a number is written and the unit: `1,234.5 USD`, `1.5 mg/L`,
`1,5 %`. Every spelling of that unit is read, before the number or behind it, and no other: two
units never stand in one field. `(1,234.5)` is a format of numbers without a unit of which the
negative ones stand in brackets; those of currencies and percent may do so always.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.tidy.numerals import BY_ANY
from simplr_core.tidy.units import (
    PERCENT,
    is_currency,
    is_physical,
    may_be_a_word,
    spellings_of,
    unit_of,
)

LONGEST_UNIT = 40
LONGEST_CELL = 60
MOST_DIGITS = 15
"""Numbers with more digits cannot be kept exactly."""

_GAP = "[ \t\u00a0\u2009\u202f]*"
_PARTS = "[ \u00a0\u2009\u202f']"
NUMBERS: Mapping[str, tuple[str, str, str]] = {
    "1.5": (r"[0-9]+\.?[0-9]*|\.[0-9]+", "", "."),
    "1,234.5": (r"(?:[0-9]{1,3}(?:,[0-9]{3})*|[0-9]+)(?:\.[0-9]*)?", ",", "."),
    "1,5": (r"[0-9]+,?[0-9]*|,[0-9]+", "", ","),
    "1.234,5": (r"(?:[0-9]{1,3}(?:\.[0-9]{3})*|[0-9]+)(?:,[0-9]*)?", r"\.", ","),
    "1 234.5": (f"(?:[0-9]{{1,3}}(?:{_PARTS}[0-9]{{3}})*|[0-9]+)(?:\\.[0-9]*)?", _PARTS, "."),
    "1 234,5": (f"(?:[0-9]{{1,3}}(?:{_PARTS}[0-9]{{3}})*|[0-9]+)(?:,[0-9]*)?", _PARTS, ","),
}
"""How the numbers may be written: the pattern, what to take out, and the decimal mark. Where two
fit the same cells, the first is taken."""

_FORMAT = re.compile(
    r"(?P<open>\()?(?P<number>1 234[.,]5|1,234\.5|1\.234,5|1[.,]5)(?(open)\))(?: (?P<unit>\S.*))?"
)
_UNIT = re.compile(r"[^\d\s()+\-.,'](?:[^()\t\r\n]*[^\s()])?")
_CELL = re.compile(
    r"[-+\u2212(\s]*(?P<before>[^\d\s.,()+\-\u2212'][^\d()]*?)?[-+\u2212(\s]*"
    r"(?P<number>[.,]?\d(?:[\d.,' \u00a0\u2009\u202f]*\d)?[.,]?)\s*\)?\s*(?P<behind>[^\d\s()][^()]*?)?\s*\)?"
)
_MINUS = ("-", "\u2212", "()")
_SIGNS = ("", "+", *_MINUS)


@dataclass(frozen=True, slots=True)
class Measure:
    """How the numbers of a field are written, and in which unit; in none where it is empty."""

    number: str
    unit: str = ""

    @property
    def may_stand_in_brackets(self) -> bool:
        """Whether a number in brackets is below zero."""
        return not self.unit or self.unit == PERCENT or is_currency(self.unit)

    @property
    def may_follow(self) -> bool:
        """Whether the number may stand behind its unit."""
        return not is_physical(self.unit) and not self.unit[-1:].isdigit()


@lru_cache(maxsize=1024)
def measure_of(form: str) -> Measure | None:
    """The measure that a format says; None for one that has neither unit nor brackets."""
    found = _FORMAT.fullmatch(form)
    if found is None or bool(found["open"]) == bool(found["unit"]):
        return None
    unit = found["unit"] or ""
    if unit and (len(unit) > LONGEST_UNIT or not _UNIT.fullmatch(unit)):
        return None
    return Measure(found["number"], unit_of(unit) or unit)


def measure_in(form: str) -> Measure:
    """The measure that a format says. Raises ValueError where it says none."""
    measure = measure_of(form)
    if measure is None:
        raise ValueError(form)
    return measure


def is_measure(form: str) -> bool:
    """True if `form` is a format of numbers with a unit, or with brackets."""
    return measure_of(form) is not None


def unit_in(form: str) -> str:
    """The unit in which numbers of this format are; empty where it has none."""
    measure = measure_of(form.split(BY_ANY, 1)[0])  # all formats of a field have one
    return measure.unit if measure else ""


def formats_with(unit: str) -> tuple[str, ...]:
    """All formats of numbers with this unit; without one, of those in brackets."""
    return tuple(f"{number} {unit}" if unit else f"({number})" for number in NUMBERS)


def formats_in(texts: Sequence[str], share: float) -> tuple[str, ...]:
    """The formats with the one unit that so many of the cells have."""
    (unit, n), *_ = units_in(texts).most_common(1) or [("", 0)]
    return formats_with(unit) if n and n >= share * len(texts) else ()


def split_cell(text: str) -> tuple[str, str]:
    """The unit and the number, as they are written, of a cell that is both; else two empty texts."""
    found = _CELL.fullmatch(text) if len(text) <= LONGEST_CELL else None
    if found is None or bool(found["before"]) == bool(found["behind"]):
        return "", ""
    unit = unit_of((found["before"] or found["behind"]).strip())
    if not unit or (found["before"] and is_physical(unit)):
        return "", ""
    return unit, found["number"]


def units_in(texts: Sequence[str]) -> Counter[str]:
    """How many of the cells are a number with each unit."""
    counted: Counter[str] = Counter()
    as_words: Counter[str] = Counter()
    for text in texts:
        unit, number = split_cell(text)
        counted[unit] += bool(unit)
        as_words[unit] += may_be_a_word(unit) and number.isdigit() and len(number) <= 3
    return Counter({unit: n for unit, n in counted.items() if n and as_words[unit] < n})


def read_measures(texts: pa.Array, form: str) -> pa.Array:
    """The numbers in `texts` that are written as `form` says, as decimals; null for all else."""
    measure = measure_in(form)
    _, taken_out, mark = NUMBERS[measure.number]
    parts = pc.extract_regex(texts, pattern=_pattern(measure))
    sign = pc.binary_join_element_wise(parts.field("a"), parts.field("b"), parts.field("c"), "")
    number = parts.field("n")
    fits = pc.is_in(sign, pa.array(_SIGNS if measure.may_stand_in_brackets else _SIGNS[:-1]))
    if measure.unit:
        units = pc.binary_join_element_wise(
            *(_flag(parts.field(name)) for name in ("u", "v", "w")), ""
        )
        fits = pc.and_(fits, pc.equal(units, "x"))
    if taken_out:
        number = pc.replace_substring_regex(number, taken_out, "")
    if mark != ".":
        number = pc.replace_substring(number, mark, ".")
    fits = pc.and_(fits, pc.less_equal(pc.utf8_length(number), MOST_DIGITS + 1))
    nothing = pa.scalar(None, pa.string())
    number = pc.if_else(pc.and_(fits, parts.is_valid()), number, nothing).cast(pa.float64())
    return pc.if_else(pc.is_in(sign, pa.array(_MINUS)), pc.negate(number), number)


def have_another_unit(texts: pa.Array, form: str) -> pa.Array:
    """Which cells hold a number with another unit than that of the format, or with none."""
    names = "|".join(re.escape(text) for text in spellings_of(unit_in(form)))
    own = pc.match_substring_regex(texts, rf"(^|[^\pL])({names})($|[^\pL])")
    return pc.and_not(pc.match_substring_regex(texts, _ONE_NUMBER), own)


_ONE_NUMBER = r"^[^0-9]{0,20}[0-9][0-9.,' \x{a0}\x{2009}\x{202f}]*[^0-9]{0,20}$"


def _flag(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), "", "x")


@lru_cache(maxsize=1024)
def _pattern(measure: Measure) -> str:
    """Where sign, unit and number may stand in a cell. Which of them must is checked behind."""
    unit = "|".join(re.escape(text) for text in spellings_of(measure.unit)) if measure.unit else ""
    before = f"(?P<u>(?:{unit})?)" if unit and measure.may_follow else "(?P<u>)"
    behind, last = (
        (f"(?P<v>(?:{unit})?)", f"(?P<w>(?:{unit})?)") if unit else ("(?P<v>)", "(?P<w>)")
    )
    first = "(?P<a>[-+\u2212(]?)"
    return (
        f"^{first}{_GAP}{before}{_GAP}(?P<b>[-+\u2212(]?){_GAP}(?P<n>{NUMBERS[measure.number][0]})"
        f"{_GAP}{behind}{_GAP}(?P<c>\\)?){_GAP}{last}$"
    )
