"""Outliers are counted over the whole column, whatever its size and order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.extremes import FAR, MOST_KEPT, Extremes


def measured(numbers: np.ndarray, batch: int) -> Extremes:
    extremes = Extremes()
    for start in range(0, len(numbers), batch):
        extremes.add(numbers[start : start + batch])
    return extremes


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=300), st.integers(1, 50))
def test_they_are_those_that_lie_beyond_three_distances(values: list[float], batch: int) -> None:
    numbers = np.array(values)
    low, high = np.quantile(numbers, (0.25, 0.75), method="inverted_cdf")

    found = measured(numbers, batch).outliers(float(low), float(high))

    if low == high:
        assert found is None
        return
    assert found is not None
    assert found.is_exact
    assert found.below == (numbers < low - FAR * (high - low)).sum()
    assert found.above == (numbers > high + FAR * (high - low)).sum()


@pytest.mark.parametrize("planted", [7, MOST_KEPT + 50])
def test_a_few_among_half_a_million_are_all_found(planted: int) -> None:
    numbers = np.random.default_rng(7).uniform(90, 110, 500_000)
    numbers[:: len(numbers) // planted][:planted] = 9_000.0
    low, high = np.quantile(numbers, (0.25, 0.75))

    found = measured(numbers, 65_536).outliers(float(low), float(high))

    assert found is not None
    assert (found.above, found.is_exact) == (
        (planted, True) if planted == 7 else (MOST_KEPT, False)
    )


def test_memory_is_bounded() -> None:
    extremes = measured(np.arange(2_000_000, dtype=np.float64), 65_536)

    assert len(extremes._low) == len(extremes._high) == MOST_KEPT
