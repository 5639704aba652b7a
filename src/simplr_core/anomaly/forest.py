"""The second method: an isolation forest over the same amounts, network, hour and drip.

Liu, Ting and Zhou, "Isolation Forest" (2008): what random cuts set apart after few of them is
strange. It learns from days of the whole institution how unlike others an access is, where the
first method asks how rare each amount is of one subject. It is written out here, since it is short
and no library that has it is needed by an installation for anything else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from math import ceil, log, log2, log10
from random import Random

from simplr_core.anomaly.days import Vector

FEWEST = 300
"""From so many days on there is a forest; before, nothing is unusual by it."""
TREES, SAMPLE = 100, 256
LIMIT = 3.3
"""An alarm by this method: as strange as one day in 2,000. Beyond all that it knows it cannot tell
more from less, so a limit as rare as the first method's would miss most."""
_EULER = 0.5772156649

Tree = tuple[int, float, "Tree", "Tree"] | int
"""Which feature is cut, where, what lies below and above; or how many lie together at the end."""


def path_expected(count: int) -> float:
    """How many cuts set one of so many apart on average: a binary search that finds nothing."""
    if count <= 1:
        return 0.0
    if count == 2:
        return 1.0
    return 2.0 * (log(count - 1) + _EULER) - 2.0 * (count - 1) / count


class Forest:
    """How strange an access is against the strangest accesses of usual days."""

    def __init__(self, days: Sequence[Vector], *, seed: int = 52) -> None:
        random = Random(seed)  # noqa: S311 - chance of a method, no secret
        size = min(SAMPLE, len(days))
        deepest = ceil(log2(max(2, size)))
        self._size = size
        self._trees = [_grow(random.sample(days, size), deepest, random) for _ in range(TREES)]
        self._usual = sorted(self.strangeness(day) for day in days)

    def strangeness(self, access: Vector) -> float:
        """From 0 to 1; about 0.5 for what is like all others."""
        mean = sum(_path(tree, access) for tree in self._trees) / len(self._trees)
        return float(2.0 ** (-mean / max(1e-9, path_expected(self._size))))

    def surprise(self, access: Vector) -> float:
        """How few of the days that were learned from were as strange, as a power of ten."""
        count = len(self._usual)
        stranger = count - bisect_left(self._usual, self.strangeness(access))
        return -log10((stranger + 0.5) / (count + 1))


def grown(days: Collection[Vector]) -> Forest | None:
    """A forest, where there are days enough."""
    return Forest(list(days)) if len(days) >= FEWEST else None


def _grow(days: list[Vector], deepest: int, random: Random) -> Tree:
    if deepest == 0 or len(days) <= 1:
        return len(days)
    spans = [(min(values), max(values)) for values in zip(*days, strict=True)]
    features = [number for number, (low, high) in enumerate(spans) if high > low]
    if not features:
        return len(days)
    feature = random.choice(features)
    cut = random.uniform(*spans[feature])
    below = [day for day in days if day[feature] < cut]
    above = [day for day in days if day[feature] >= cut]
    return (feature, cut, _grow(below, deepest - 1, random), _grow(above, deepest - 1, random))


def _path(tree: Tree, access: Vector) -> float:
    cuts = 0
    while not isinstance(tree, int):
        feature, cut, below, above = tree
        tree = below if access[feature] < cut else above
        cuts += 1
    return cuts + path_expected(tree)
