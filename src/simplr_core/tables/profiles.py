"""The profile of a field: what a person wants to know of its values before using them.

It is measured while the table is written, in bounded memory. `counts` may lie in clear; `values`
is made of cell values and is sealed. Where a bound is reached a figure becomes an estimate, and
says so.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.tables import kinds, spelling
from simplr_core.tables.distinct import Distinct, mixed
from simplr_core.tables.extremes import Extremes
from simplr_core.tables.schema import Field, FieldType

MOST_KEPT = 131_072
"""So many values are kept for quantiles."""
BINS = 12
TOP_VALUES = 20
MOST_COUNTED = 20_000
PER_BATCH = 512
MOST_EXACT_NUMBER = 2.0**53
"""Between larger ones, a number with 64 bits cannot tell all integers apart."""
ONE_OF = 8
"""Where nearly all values differ, so many share one that is counted for what is frequent: an estimate."""
SAMPLE_SIZE = 600
SAMPLE_PER_BATCH = 60
MOST_SPELLED = 2_000
"""Up to so many different texts are compared in how they are spelled."""
LONGEST_SHOWN = 200
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

_NUMERIC = (FieldType.INTEGER, FieldType.DECIMAL)
_IN_ORDER = (*_NUMERIC, FieldType.DATE, FieldType.TIME, FieldType.DATETIME)


class Profiler:
    """Measures one field; `add` takes its values batch by batch, in the type of the field."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._rows = 0
        self._missing = 0
        self._distinct = Distinct()
        self._top: Counter[Any] = Counter()
        self._top_exact = True
        self._differs = False
        """Whether more than half of a batch's many values were different ones."""
        self._kept: list[npt.NDArray[np.float64]] = [np.zeros(0)]
        self._kept_count = 0
        self._stride = 1
        self._offset = 0
        self._sum = 0.0
        self._low: Any = None
        self._high: Any = None
        self._shortest, self._longest, self._length_sum = sys.maxsize, 0, 0
        self._extremes = Extremes()
        self._sample: list[str] = []

    def add(self, values: pa.Array) -> None:
        """Measure the next values."""
        self._rows += len(values)
        self._missing += values.null_count
        present = values.drop_null() if values.null_count else values
        if not len(present):
            return
        if self._differs:
            # To count every value would take longer than all else that is measured.
            self._distinct.add(present, mostly=True)
            some, counts = _counted(present.take(self._one_of(len(present))))
            again = counts > 1  # what was met once may well be alone
            self._count_top(some.filter(pa.array(again)), counts[again] * ONE_OF)
            distinct, counts = present, np.ones(len(present), np.int64)
        else:
            distinct, counts = _counted(present)
            self._distinct.add(distinct)
            self._count_top(distinct, counts)
            self._differs = not self._top_exact and len(distinct) * 2 > len(present)
        if self._field.type in _IN_ORDER:
            self._measure_order(present)
        elif self._field.type is not FieldType.BOOLEAN:
            self._measure_text(distinct, counts)

    def _one_of(self, count: int) -> npt.NDArray[np.int64]:
        """One position of each `ONE_OF`, any of them: rows may repeat in a rhythm."""
        starts = np.arange(0, count, ONE_OF)
        # The same ones each time the file is read: the same file has the same profile.
        which = mixed((starts + self._rows).astype(np.uint64)) % np.uint64(ONE_OF)
        within: npt.NDArray[np.int64] = np.minimum(starts + which.astype(np.int64), count - 1)
        return within

    def _count_top(self, distinct: pa.Array, counts: npt.NDArray[np.int64]) -> None:
        if len(distinct) > PER_BATCH * 8:
            order = np.argsort(counts, kind="stable")[::-1][:PER_BATCH]
            distinct, counts = distinct.take(order), counts[order]
            self._top_exact = False
        for value, n in zip(distinct.to_pylist(), counts, strict=True):
            self._top[value] += int(n)
        if len(self._top) > MOST_COUNTED:
            self._top = Counter(dict(self._top.most_common(MOST_COUNTED // 2)))
            self._top_exact = False

    def _measure_order(self, present: pa.Array) -> None:
        low, high = pc.min_max(present).values()
        low, high = low.as_py(), high.as_py()
        self._low = low if self._low is None else min(self._low, low)
        self._high = high if self._high is None else max(self._high, high)
        if self._field.type in _NUMERIC:
            self._sum += float(pc.sum(present.cast(pa.float64(), safe=False)).as_py())
        numbers = _as_numbers(present)
        self._extremes.add(numbers)
        self._keep(numbers)

    def _keep(self, numbers: npt.NDArray[np.float64]) -> None:
        """Keep every n-th value, n doubling as the table grows: an even sample of all rows."""
        more = numbers[self._offset :: self._stride].copy()
        self._kept.append(more)
        self._kept_count += len(more)
        self._offset = (self._offset - len(numbers)) % self._stride
        while self._kept_count > MOST_KEPT:
            seen, every_other = self._kept_count, self.sample[::2]
            self._kept, self._kept_count = [every_other], len(every_other)
            self._offset += self._stride if seen % 2 else 0
            self._stride *= 2

    def _measure_text(self, distinct: pa.Array, counts: npt.NDArray[np.int64]) -> None:
        lengths = np.asarray(text_lengths(distinct), np.int64)
        self._shortest = min(self._shortest, int(lengths.min()))
        self._longest = max(self._longest, int(lengths.max()))
        self._length_sum += int(lengths @ counts)
        room = SAMPLE_SIZE - len(self._sample)
        if room > 0:
            step = max(1, len(distinct) // SAMPLE_PER_BATCH)
            taken = distinct.take(np.arange(0, len(distinct), step)[:room])
            self._sample += pc.utf8_slice_codeunits(taken, 0, LONGEST_SHOWN).to_pylist()

    @property
    def sample(self) -> npt.NDArray[np.float64]:
        """An even sample of the values of a field in order, as numbers; all where they are few."""
        if len(self._kept) > 1:
            self._kept = [np.concatenate(self._kept)]
        return self._kept[0]

    @property
    def sample_is_all(self) -> bool:
        return self._stride == 1

    @property
    def tally(self) -> Mapping[Any, int] | None:
        """How often each value occurs; None where there were too many to count them all."""
        return self._top if self._top_exact else None

    @property
    def distinct_hashes(self) -> npt.NDArray[np.uint64]:
        """The smallest hashes of the different values, rising; of all of them where they are few."""
        return self._distinct.hashes

    def counts(self) -> dict[str, Any]:
        """What may lie in clear: how many rows, missing and distinct values."""
        distinct, exact = self._distinct.count()
        return {
            "rows": self._rows,
            "missing": self._missing,
            "distinct": distinct,
            "distinct_is_exact": exact,
            "inconsistent": self._inconsistent(),
        }

    def _inconsistent(self) -> int | None:
        """How many texts are spelled or built unlike most of their field; of codes an estimate."""
        if self._field.type not in (FieldType.TEXT, FieldType.CATEGORY):
            return None
        spelled = self._top if self._top_exact and len(self._top) <= MOST_SPELLED else {}
        departing = spelling.departing_share(self._sample) * (self._rows - self._missing)
        return max(spelling.variant_count(spelled), round(departing))

    def _kind(self) -> dict[str, str] | None:
        ends = [
            float(_as_numbers(pa.array([end], self._field.arrow_type()))[0])
            for end in (self._low, self._high)
            if end is not None
        ]
        known = kinds.Known(
            sample=self._sample,
            low=ends[0] if ends else None,
            high=ends[1] if ends else None,
            present=self._rows - self._missing,
            distinct=self._distinct.count()[0],
        )
        found = kinds.kind_of(self._field, known)
        return None if found is None else found.to_json()

    def values(self) -> dict[str, Any]:
        """What is made of cell values, ready for JSON: to be sealed."""
        found: dict[str, Any] = {"name": self._field.name, "type": self._field.type.value}
        present = self._rows - self._missing
        if not present:
            return found
        found["kind"] = self._kind()
        found["top"] = [
            {"value": _plain(value), "count": n} for value, n in self._top.most_common(TOP_VALUES)
        ]
        found["top_is_exact"] = self._top_exact
        if self._field.type in _IN_ORDER:
            found |= self._order_values(present)
        elif self._field.type is FieldType.BOOLEAN:
            found["bars"] = found["top"]
        else:
            found["bars"] = found["top"][:BINS]
            found["length"] = {
                "min": self._shortest,
                "max": self._longest,
                "mean": self._length_sum / present,
            }
            found["patterns"] = [
                {"pattern": form.form, "share": form.share}
                for form in spelling.forms_of(self._sample)
                if self._field.type is FieldType.TEXT
            ]
        return found

    def _order_values(self, present: int) -> dict[str, Any]:
        kept = np.sort(self.sample)
        cuts = np.quantile(kept, QUANTILES, method="inverted_cdf")
        low, high = (
            _as_numbers(pa.array([v], self._field.arrow_type()))[0] for v in (self._low, self._high)
        )
        edges, counts = _bins(kept, low, high)
        scaled = counts * (present / len(kept))
        found: dict[str, Any] = {
            "min": _plain(self._low),
            "max": _plain(self._high),
            "quantiles": {str(q): self._restored(v) for q, v in zip(QUANTILES, cuts, strict=True)},
            "histogram": {
                "edges": [self._restored(edge, exact=False) for edge in edges],
                "counts": [round(float(n)) for n in scaled],
            },
            "quantiles_are_exact": self._stride == 1 and self._are_exact(low, high),
        }
        found["outliers"] = self._outliers(kept)
        if self._field.type in _NUMERIC:
            found["mean"] = self._sum / present if np.isfinite(self._sum) else None
        return found

    def _are_exact(self, low: float, high: float) -> bool:
        """Whether numbers between these are what the values are."""
        whole = self._field.type is FieldType.INTEGER
        return not whole or bool(max(-low, high) <= MOST_EXACT_NUMBER)

    def _outliers(self, kept: npt.NDArray[np.float64]) -> dict[str, Any] | None:
        lower, upper = np.quantile(kept, (0.25, 0.75), method="inverted_cdf")
        found = self._extremes.outliers(float(lower), float(upper))
        if found is None:
            return None
        return {
            "low_fence": self._fence(found.low_fence),
            "high_fence": self._fence(found.high_fence),
            "below": found.below,
            "above": found.above,
            "is_exact": found.is_exact,
        }

    def _fence(self, number: float) -> Any:
        """A fence as a value of the field; None where its type has no such value."""
        try:
            return self._restored(number, exact=False)
        except (pa.ArrowException, OverflowError, ValueError):
            return None

    def _restored(self, number: float, *, exact: bool = True) -> Any:
        """A number of `_as_numbers` as a value of the field, ready for JSON."""
        kind = self._field.type
        if kind is FieldType.DECIMAL or (kind is FieldType.INTEGER and not exact):
            return float(number)
        if kind is FieldType.INTEGER:  # beyond 53 bits it may have gone past an end
            return min(max(int(number), self._low), self._high)
        storage = pa.int32() if kind is FieldType.DATE else pa.int64()
        whole = pa.array([int(number)], pa.int64()).cast(storage)
        return _plain(whole.cast(self._field.arrow_type())[0].as_py())


def _counted(values: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The different values and how often each occurs."""
    counted = values.value_counts()
    return counted.field("values"), np.asarray(counted.field("counts"))


def _bins(
    numbers: npt.NDArray[np.float64], low: float, high: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Even bins from `low` to `high`; one bin where the range is too small or large for more."""
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.linspace(low, high, BINS + 1)
        even = bool(np.all(np.isfinite(edges)) and np.all(np.diff(edges) > 0))
    if not even:
        return np.array([low, high]), np.array([len(numbers)])
    places = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, BINS - 1)
    return edges, np.bincount(places, minlength=BINS)


def text_lengths(texts: pa.Array) -> pa.Array:
    """How many characters each text has."""
    data = texts.buffers()[2]
    ascii_only = data is None or data.to_pybytes().isascii()
    return pc.binary_length(texts) if ascii_only else pc.utf8_length(texts)


def _as_numbers(values: pa.Array) -> npt.NDArray[np.float64]:
    kind = values.type
    if pa.types.is_date(kind):
        values = values.cast(pa.int32())
    elif pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        values = values.cast(pa.int64())
    # An integer of more than 53 bits becomes the number next to it.
    return np.asarray(values.cast(pa.float64(), safe=False))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text[:LONGEST_SHOWN]
