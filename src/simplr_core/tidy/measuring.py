"""Deciding on a column of numbers with a unit: which unit, and what its points and commas mean."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simplr_core.tables.schema import FieldType
from simplr_core.tidy.measures import NUMBERS, measure_in, measure_of, split_cell, unit_in
from simplr_core.tidy.tallies import Choice, Tally
from simplr_core.tidy.units import PERCENT, is_currency

_LAST = 100
"""Behind all formats without unit or brackets."""
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,]\d{3})+")


def rank(choice: Choice) -> int:
    """Where a format stands among those that as many cells fit: the lowest is taken."""
    return _LAST + list(NUMBERS).index(measure_in(choice[1]).number)


def settled(tally: Tally, best: Choice, able: Mapping[Choice, int]) -> tuple[Choice | None, str]:
    """The format that is taken for a column of measures, and a word on why; None for text."""
    measure = measure_in(best[1])
    numbers = _numbers_in(tally)
    if not measure.unit and all(text.startswith("(") for text in tally.sample):
        return None, "All of the numbers stand in brackets: they may number something."
    if measure.number in ("1 234,5", "1.234,5") and _all_may_be_thousands(numbers, ","):
        return None, "Every comma stands before three digits: it may part thousands."
    if measure.number == "1.5":
        thousands = _with(best, "1.234,5")
        if able.get(thousands) == able[best] and _are_thousands(numbers, measure.unit):
            return thousands, "Points stand before three digits only: they part thousands."
    if measure.number == "1,234.5" and _all_may_be_thousands(numbers, ","):
        return best, "Commas stand before three digits only: they part thousands."
    return best, ""


def is_unsure(tally: Tally, form: str) -> bool:
    """Whether a mark in the numbers could be read as another: every one stands before three digits."""
    mark = {"1,234.5": ",", "1.234,5": ".", "1.5": "."}.get(measure_in(form).number, "")
    return bool(mark) and _all_may_be_thousands(_numbers_in(tally), mark)


def said_of(form: str) -> str:
    """How a sentence about the numbers ends: with their unit, and what is done with it."""
    measure = measure_of(form)
    if measure is None:
        return "."
    if not measure.unit:
        return ". Those in brackets are below zero."
    if measure.unit == PERCENT:
        return " with a per cent sign. They are kept as they are written: 12.5 % is 12.5."
    return f" in {measure.unit}. The unit is said of the field."


def why_text(tally: Tally) -> str:
    """Why a column of numbers with units stays text; empty for any other column."""
    measured = [(n, form) for (_, form), n in tally.fits.items() if unit_in(form)]
    if measured:
        n, form = max(measured)
        return (
            f"{n} of {tally.value_count} values are numbers in {unit_in(form)}, too few to take "
            "the others for mistakes: it stays text."
        )
    if len(tally.units) > 1:
        return (
            f"Its numbers have {len(tally.units)} units, none of them nearly always: it stays "
            "text, since a field has one unit."
        )
    return ""


def _numbers_in(tally: Tally) -> list[str]:
    """The numbers of the sample as they are written, without their unit, sign and brackets."""
    return [split_cell(text)[1] or text.strip("()+-\u2212 ") for text in tally.sample]


def _all_may_be_thousands(numbers: list[str], mark: str) -> bool:
    marked = [number for number in numbers if mark in number]
    return bool(marked) and all(_THOUSANDS.fullmatch(number) for number in marked)


def _are_thousands(numbers: list[str], unit: str) -> bool:
    """Whether points part thousands: no currency has three decimals, and no measure beside wholes."""
    pointed = sum("." in number for number in numbers)
    return pointed > 0 and (is_currency(unit) or 1 < pointed < len(numbers))


def _with(choice: Choice, number: str) -> Choice:
    unit = unit_in(choice[1])
    return FieldType.DECIMAL, f"{number} {unit}" if unit else f"({number})"
