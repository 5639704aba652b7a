"""Counting, over all values of a column, which types they could be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.tables.profiles import text_lengths
from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.cells import (
    BOOLEAN_FORMATS,
    bytes_between,
    content_of,
    mostly_same,
    own_content,
    plain_decimals,
    read_cells,
    shortest,
    trim,
)
from simplr_core.tidy.measures import formats_in, formats_with, units_in
from simplr_core.tidy.numerals import DECIMAL_FORMATS, INTEGER_FORMATS

Weights = npt.NDArray[np.int64]
Choice = tuple[FieldType, str]

MISSING_WORDS = (
    *("NA", "N/A", "n/a", "na", "#N/A", "N.A.", "n.a.", "<NA>", "NaN", "nan", "NAN", "#NULL!"),
    *("NULL", "null", "Null", "\\N", "None", "none", "NONE", "nil", "missing", "Missing"),
    *("unknown", "Unknown", "UNKNOWN", "-", "--", "---", ".", "..", "?", "*", "#VALUE!", "#REF!"),
)
"""Words that may stand for a value that is not there. Whether they do is decided by column."""

_LONGEST_WORD = max(map(len, MISSING_WORDS))
_LONGEST_OF_MARKS = max(len(word) for word in MISSING_WORDS if not re.search("[^+-9]", word))

MISSING_NUMBERS = ("-999", "-9999", "-99999", "-999.0", "-9999.0", "-99999.0")
"""Numbers that may stand for no value, where nothing else in the column is below zero."""


@cache
def _words() -> Any:
    # Made when first used: pyarrow looks for pandas when it makes an array, and that takes time.
    return pa.array(MISSING_WORDS, pa.string())


_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y"),
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%b %d %Y", "%d %b %y", "%Y-%b-%d"),
)
_TIMES = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M%p")
_ZONES = ("", "%z", " %z")
MOMENTS: tuple[Choice, ...] = (
    *((FieldType.DATE, day) for day in _DAYS),
    *((FieldType.TIME, time) for time in _TIMES),
    *(
        (FieldType.DATETIME, f"{day}{mark}{time}{zone}")
        for day, mark, time, zone in product(_DAYS, " T", _TIMES, _ZONES)
        if not (zone and "%p" in time) and not (mark == "T" and "%p" in time)
    ),
)
NUMBERS: tuple[Choice, ...] = (
    *((FieldType.INTEGER, form) for form in INTEGER_FORMATS),
    *((FieldType.DECIMAL, form) for form in DECIMAL_FORMATS),
)
WITH_A_POINT = frozenset(
    (FieldType.DECIMAL, form) for form, (_, _, mark) in DECIMAL_FORMATS.items() if mark == "."
)
BOOLEANS: tuple[Choice, ...] = tuple((FieldType.BOOLEAN, form) for form in BOOLEAN_FORMATS)

FOREIGN_BLANK = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
"""Blanks other than that of the keyboard."""

ENOUGH_VALUES = 1_000
SCREEN = 60
LIKELY_SHARE = 0.6
MOST_DISTINCT = 1_000
SAMPLE_SIZE = 600
SAMPLE_PER_BATCH = 60


@dataclass(slots=True)
class Tally:
    """What was counted in one column. `add` takes text as read; `finish` when all has been added.

    Which types are worth counting is decided from the first thousand values; from then on every
    value is counted for each of those types, so a decision rests on all rows.
    """

    row_count: int = 0
    blank_count: int = 0
    padded_count: int = 0
    inner_blank_count: int = 0
    not_composed_count: int = 0
    value_count: int = 0
    integer_count: int = 0
    leading_zero_count: int = 0
    negative_count: int = 0
    long_number_count: int = 0
    longest: int = 0
    words: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    fits: dict[Choice, int] = field(default_factory=dict)
    distinct: Counter[str] | None = field(default_factory=Counter)
    sample: list[str] = field(default_factory=list)
    units: Counter[str] = field(default_factory=Counter)
    """The units beside the first different numbers, where most of them have one."""
    _alive: list[Choice] | None = None
    _pending: list[tuple[pa.Array, Weights]] = field(default_factory=list)
    _pending_count: int = 0

    def add(self, texts: pa.Array) -> None:
        """Count the cells of one batch."""
        if not len(texts):
            return
        self.row_count += len(texts)
        raw, weights = self._weighed(texts)
        values = trim(raw)
        if values is not raw:
            self.padded_count += _count(pc.not_equal(values, raw), weights)
        fewest = shortest(values)
        if not fewest:
            blank = np.asarray(pc.equal(values, ""))
            self.blank_count += int(weights[blank].sum())
            values, weights = values.filter(pa.array(~blank)), weights[~blank]
            fewest = shortest(values)
        if not _too_long_for_words(values, fewest):
            word = np.asarray(pc.is_in(values, _words()))
            if word.any():
                found = values.filter(pa.array(word)).to_pylist()
                for text, n in zip(found, weights[word], strict=True):
                    self.words[text] += int(n)
                values, weights = values.filter(pa.array(~word)), weights[~word]
        if len(values):
            self._add_values(values, weights)

    def _weighed(self, texts: pa.Array) -> tuple[pa.Array, Weights]:
        """The different cells and how often each occurs; all, where too few are the same to pay."""
        if self.distinct is None and not mostly_same(texts):
            return texts, np.ones(len(texts), np.int64)
        encoded = texts.dictionary_encode()
        indices, different = np.asarray(encoded.indices), encoded.dictionary
        return different, np.bincount(indices, minlength=len(different)).astype(np.int64)

    def _add_values(self, rest: pa.Array, weights: Weights) -> None:
        self.value_count += int(weights.sum())
        self.longest = max(self.longest, pc.max(text_lengths(rest)).as_py())
        self._count_distinct(rest, weights)
        if len(self.sample) < SAMPLE_SIZE:
            step = max(1, len(rest) // SAMPLE_PER_BATCH)
            self.sample += rest.take(np.arange(0, len(rest), step)).to_pylist()
        if self._alive is None:
            self._pending.append((rest, weights))
            self._pending_count += int(weights.sum())
            if self._pending_count >= ENOUGH_VALUES:
                self._choose()
        else:
            self._count_fits(rest, weights)

    def finish(self) -> None:
        """Say that all values have been added."""
        if self._alive is None:
            self._choose()

    def _count_distinct(self, rest: pa.Array, weights: Weights) -> None:
        if self.distinct is None:
            return
        if len(rest) > MOST_DISTINCT:
            self.distinct = None
            return
        for text, n in zip(rest.to_pylist(), weights, strict=True):
            self.distinct[text] += int(n)
        if len(self.distinct) > MOST_DISTINCT:
            self.distinct = None

    def _choose(self) -> None:
        values = pa.chunked_array([v for v, _ in self._pending], pa.string())
        sample = values.unique().slice(0, ENOUGH_VALUES)
        self._alive = _possible(sample) if len(sample) else []
        if not self._alive and len(sample):
            self.units = _units_of(sample)
        pending, self._pending = self._pending, []
        for rest, weights in pending:
            self._count_fits(rest, weights)

    def _count_fits(self, rest: pa.Array, weights: Weights) -> None:
        alive = self._alive or ()
        if not alive:
            self._count_marks_of_text(rest, weights)
        numeric = [choice for choice in alive if choice in NUMBERS]
        if numeric:
            self._count_numbers(rest, weights, numeric)
        for choice in alive:
            if choice not in NUMBERS:
                self.fits[choice] = self.fits.get(choice, 0) + _fitting(rest, weights, choice)

    def _count_marks_of_text(self, rest: pa.Array, weights: Weights) -> None:
        """Count texts with several blanks inside, and with letters that are not composed."""
        content = content_of(rest)
        if content.isascii() and b"  " not in content:
            return
        twice = np.asarray(pc.match_substring(rest, "  "))
        others = np.flatnonzero(~np.asarray(pc.string_is_ascii(rest)))
        if len(others):
            foreign = rest.take(pa.array(others))
            twice = twice.copy()
            twice[others] |= np.asarray(pc.match_substring_regex(foreign, FOREIGN_BLANK))
            composed = pc.utf8_normalize(foreign, form="NFC")
            differs = np.asarray(pc.not_equal(composed, foreign))
            self.not_composed_count += int(weights[others][differs].sum())
        self.inner_blank_count += int(weights[twice].sum())

    def _count_numbers(self, rest: pa.Array, weights: Weights, choices: Iterable[Choice]) -> None:
        points = content_of(rest).count(b".")
        plainly = plain_decimals(rest) if points >= len(rest) else None
        whole = np.zeros(len(rest), np.bool_)
        if not _each_has_a_point(rest, points, is_read=plainly is not None):
            whole = np.asarray(pc.match_substring_regex(rest, INTEGER_FORMATS[""][0]))
            if self.longest > 15:
                long = pc.match_substring_regex(rest, "^[+-]?[1-9][0-9]{15,}$")
                self.long_number_count += _count(long, weights)
        integers = int(weights[whole].sum())
        self.integer_count += integers
        if integers:
            zero = pc.match_substring_regex(rest, r"^[+-]?0[0-9]+$")
            self.leading_zero_count += _count(zero, weights)
        self._count_negative(rest, weights)
        others, other_weights = rest, weights
        if integers:
            others, other_weights = rest.filter(pa.array(~whole)), weights[~whole]
            plainly = plain_decimals(others)
        fitting = None if plainly is None else _count(plainly.is_valid(), other_weights)
        for choice in choices:
            if fitting is not None and choice in WITH_A_POINT:
                more = fitting
            else:
                more = _fitting(others, other_weights, choice) if len(others) else 0
            self.fits[choice] = self.fits.get(choice, 0) + integers + more

    def _count_negative(self, rest: pa.Array, weights: Weights) -> None:
        if b"-" not in content_of(rest):
            return
        negative = np.asarray(pc.starts_with(rest, "-"))
        if negative.any():
            self.negative_count += int(weights[negative].sum())
            code = np.asarray(pc.is_in(rest, pa.array(MISSING_NUMBERS, pa.string())))
            for text, n in zip(rest.filter(pa.array(code)).to_pylist(), weights[code], strict=True):
                self.numbers[text] += int(n)


def _count(mask: pa.Array, weights: Weights) -> int:
    return int(weights[np.asarray(mask)].sum())


def _fitting(values: pa.Array, weights: Weights, choice: Choice) -> int:
    read = read_cells(values, Field("x", type=choice[0], format=choice[1]))
    return int(weights[np.asarray(read.is_valid())].sum())


def _too_long_for_words(values: pa.Array, fewest: int) -> bool:
    """Whether none of the cells, of so many bytes at least, can be a word for no value: all are
    longer than any, or all are of figures and marks and longer than any that is."""
    if fewest > _LONGEST_WORD:
        return True
    return fewest > _LONGEST_OF_MARKS and all(bytes_between(values, "+", "9"))


def _each_has_a_point(texts: pa.Array, points: int, *, is_read: bool) -> bool:
    """Whether one of so many points stands in each cell. A number that was read has one at most."""
    if is_read and own_content(texts):
        return points == len(texts)
    return points >= len(texts) and pc.all(pc.match_substring(texts, ".")).as_py() is True


def _possible(sample: pa.Array) -> list[Choice]:
    """The types that most of `sample` could be: first by a few values, then by all of them."""
    few = _few_of(sample)
    texts = few.to_pylist()
    with_digit = sum(any(c.isdigit() for c in text) for text in texts)
    if with_digit < LIKELY_SHARE * len(texts):
        choices: Iterable[Choice] = BOOLEANS
    else:
        marks = {m for m in _MARKS if sum(m in t for t in texts) >= LIKELY_SHARE * len(texts)}
        choices = (*NUMBERS, *(c for c in MOMENTS if _marks_of(c[1]) <= marks))
        brackets = formats_with("") if pc.any(pc.starts_with(sample, "(")).as_py() else ()
        measures = (*formats_in(texts, LIKELY_SHARE), *brackets)
        choices += tuple((FieldType.DECIMAL, form) for form in measures)
    return [
        c for c in choices if _share(few, c) >= LIKELY_SHARE and _share(sample, c) >= LIKELY_SHARE
    ]


def _few_of(sample: pa.Array) -> pa.Array:
    return sample.take(np.unique(np.linspace(0, len(sample) - 1, SCREEN).astype(int)))


def _units_of(sample: pa.Array) -> Counter[str]:
    """The units in `sample`, if most of its cells are a number with one."""
    few = units_in(_few_of(sample).to_pylist())
    if few.total() < LIKELY_SHARE * min(len(sample), SCREEN):
        return Counter()
    return units_in(sample.to_pylist())


_MARKS = "-/.:, T"


@lru_cache(maxsize=1024)
def _marks_of(form: str) -> frozenset[str]:
    """The characters between the parts of a format: a value without them cannot be read by it."""
    return frozenset(re.sub("%.", "", form))


def _share(values: pa.Array, choice: Choice) -> float:
    return _fitting(values, np.ones(len(values), np.int64), choice) / len(values)
