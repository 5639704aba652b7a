"""What is usual: medians, spreads and high quantiles of days, on a logarithmic scale.

Robust throughout: a day of ten times the usual moves none of these by much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from simplr_core.anomaly.accesses import PartKind
from simplr_core.anomaly.days import AMOUNTS, Vector

FLOORS: dict[PartKind, float] = {
    PartKind.VOLUME: 3e6,
    PartKind.READS: 8.0,
    PartKind.PACE: 6.0,
    PartKind.NEW: 5.0,
    PartKind.REFUSED: 4.0,
}
"""Added before logarithms are taken: below these, nothing is much more than anything else."""
_TO_SIGMA = 1.4826
_Z95 = 1.645


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual of one amount, in logarithms."""

    middle: float
    spread: float
    high: float
    """What 19 of 20 days do not exceed."""

    def level(self, kind: PartKind) -> float:
        """`high` as people count."""
        return max(0.0, exp(self.high) - FLOORS[kind])


def scaled(kind: PartKind, value: float) -> float:
    """A value on the scale on which days are compared."""
    return log(value + FLOORS[kind])


def quantile(ordered: Sequence[float], share: float) -> float:
    """A quantile of values in order, between the two nearest of them."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def of_days(days: Sequence[Vector]) -> dict[PartKind, Usual]:
    """The usual of each amount over days, of which there is at least one."""
    found = {}
    for number, kind in enumerate(AMOUNTS):
        values = sorted(scaled(kind, day[number]) for day in days)
        middle = quantile(values, 0.5)
        off = sorted(abs(value - middle) for value in values)
        spread = _TO_SIGMA * quantile(off, 0.5)
        found[kind] = Usual(middle, spread, quantile(values, 0.95))
    return found


def shrunk(own: Usual, days: int, others: Usual, *, weight: float) -> Usual:
    """The usual of somebody of whom there are few days, drawn towards that of others."""
    share = weight / (days + weight)
    spread = ((1 - share) * own.spread**2 + share * others.spread**2) ** 0.5
    middle = (1 - share) * own.middle + share * others.middle
    # Of few days the highest says little; what their spread makes likely says more.
    likely = max(own.high, own.middle + (_Z95 + 3.0 / days) * spread)
    guessed = 8.0 / (days + 8.0)
    high = (1 - share) * ((1 - guessed) * own.high + guessed * likely) + share * others.high
    return Usual(middle, spread, high)
