"""The lowest and highest values of a whole column, and how many lie far from the others.

Fences are Tukey's outer ones: three times the distance between the quartiles below the lower and
above the upper one. A column of which more than half is one value has no distance to measure by,
and no outliers are told of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MOST_KEPT = 4_096
FAR = 3.0

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outliers:
    """How many values lie beyond the fences. Not exact means: at least so many."""

    low_fence: float
    high_fence: float
    below: int
    above: int
    is_exact: bool


class Extremes:
    """Keeps the `MOST_KEPT` lowest and highest of any number of values."""

    def __init__(self) -> None:
        self._low = np.zeros(0)
        self._high = np.zeros(0)
        self._low_bound, self._high_bound = np.inf, -np.inf

    def add(self, numbers: Numbers) -> None:
        """Look at the next values."""
        low = numbers[numbers < self._low_bound]
        if len(low):
            self._low = _lowest(np.concatenate([self._low, low]))
            if len(self._low) == MOST_KEPT:
                self._low_bound = float(self._low.max())
        high = numbers[numbers > self._high_bound]
        if len(high):
            self._high = -_lowest(-np.concatenate([self._high, high]))
            if len(self._high) == MOST_KEPT:
                self._high_bound = float(self._high.min())

    def outliers(self, lower_quartile: float, upper_quartile: float) -> Outliers | None:
        """How many values are far from the middle half. None where they cannot be told."""
        distance = upper_quartile - lower_quartile
        if not np.isfinite(distance) or distance <= 0:
            return None
        low_fence = lower_quartile - FAR * distance
        high_fence = upper_quartile + FAR * distance
        below = int((self._low < low_fence).sum())
        above = int((self._high > high_fence).sum())
        return Outliers(low_fence, high_fence, below, above, max(below, above) < MOST_KEPT)


def _lowest(numbers: Numbers) -> Numbers:
    if len(numbers) <= MOST_KEPT:
        return numbers
    return np.partition(numbers, MOST_KEPT - 1)[:MOST_KEPT]
