"""How far the values of a field have moved between two versions, as an effect size.

An effect size says how large a difference is, whatever the number of rows; a test of significance
would call any difference of a large table significant. The limits between "the same", "a little"
and "a lot" are conventions of the sources named, not laws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


class Verdict(StrEnum):
    """How much something has moved, in the order of how much."""

    SAME = "same"
    LITTLE = "little"
    LOT = "lot"


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect size and what it comes to."""

    name: str
    value: float
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "value": round(self.value, 6), "verdict": self.verdict.value}


def standardised_mean_difference(before: Numbers, after: Numbers) -> Measure:
    """The difference of the means in standard deviations (Cohen's d with the mean of both variances).

    Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition (1988), chapter 2:
    0.2 is small, 0.8 is large. Where nothing varies, any difference is a lot.
    """
    spread = float(np.sqrt((before.var() + after.var()) / 2))
    moved = float(after.mean() - before.mean())
    if spread == 0:
        value = 0.0 if moved == 0 else float(np.copysign(_MOST, moved))
    else:
        value = float(np.clip(moved / spread, -_MOST, _MOST))
    return Measure("standardised-mean-difference", value, _verdict(abs(value), 0.2, 0.8))


_MOST = 1e6
"""A finite number stands for a difference without any spread."""


def kolmogorov_smirnov(before: Numbers, after: Numbers) -> Measure:
    """The largest gap between the two shares of values up to any point, from 0 to 1.

    Kolmogorov (1933); for two samples Smirnov, Annals of Mathematical Statistics 19 (1948). It
    sees changes of shape and spread that leave the mean where it was. A gap below a tenth of all
    values is called the same here, from three tenths on a lot.
    """
    first, second = np.sort(before), np.sort(after)
    points = np.concatenate([first, second])
    gaps = np.searchsorted(first, points, side="right") / len(first) - np.searchsorted(
        second, points, side="right"
    ) / len(second)
    value = float(np.abs(gaps).max())
    return Measure("kolmogorov-smirnov", value, _verdict(value, 0.1, 0.3))


def population_stability(before: Mapping[Any, int], after: Mapping[Any, int]) -> Measure:
    """The population stability index: how surprising the new shares are, given the old ones.

    Siddiqi, Credit Risk Scorecards (2006): below 0.1 stable, from 0.25 a shift; it is the
    divergence of Jeffreys (1946). Half a row is added to each value, so that one that is new or
    gone counts much but not without end.
    """
    values = [*before, *(value for value in after if value not in before)]
    p = np.array([before.get(value, 0) for value in values], np.float64) + 0.5
    q = np.array([after.get(value, 0) for value in values], np.float64) + 0.5
    p, q = p / p.sum(), q / q.sum()
    value = float(((q - p) * np.log(q / p)).sum())
    return Measure("population-stability", value, _verdict(value, 0.1, 0.25))


def total_variation(before: Mapping[Any, int], after: Mapping[Any, int]) -> Measure:
    """The share of rows that would have to change their value to get from one to the other.

    Half the sum of all differences between shares, from 0 to 1 (Levin, Peres and Wilmer, Markov
    Chains and Mixing Times, chapter 4). Below 0.1 is called the same here, from 0.3 on a lot.
    """
    rows, more = sum(before.values()), sum(after.values())
    values = {*before, *after}
    gaps = [abs(before.get(v, 0) / rows - after.get(v, 0) / more) for v in values]
    value = sum(gaps) / 2
    return Measure("total-variation", value, _verdict(value, 0.1, 0.3))


def missing_shift(before: float, after: float) -> Measure:
    """How much more of the cells are missing, as a share of all: 0.05 is a little, 0.2 a lot."""
    value = after - before
    return Measure("missing-difference", value, _verdict(abs(value), 0.05, 0.2))


def worst(measures: list[Measure]) -> Verdict:
    """The strongest of several verdicts."""
    order = list(Verdict)
    return max((each.verdict for each in measures), key=order.index, default=Verdict.SAME)


def _verdict(value: float, little: float, lot: float) -> Verdict:
    if value < little:
        return Verdict.SAME
    return Verdict.LITTLE if value < lot else Verdict.LOT
