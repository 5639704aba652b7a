"""Effect sizes: values worked out by hand or by the field's own library, and what they come to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.stats import drift
from simplr_core.stats.drift import Verdict

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60).map(np.array)
counts = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 50), min_size=1)


def test_the_standardised_mean_difference_is_in_standard_deviations() -> None:
    before, after = np.array([1.0, 3.0]), np.array([2.0, 4.0])

    found = drift.standardised_mean_difference(before, after)

    assert (found.value, found.verdict) == (1.0, Verdict.LOT)


def test_a_difference_without_any_spread_is_a_lot_and_finite() -> None:
    found = drift.standardised_mean_difference(np.array([1.0]), np.array([2.0]))

    assert found.verdict is Verdict.LOT
    assert np.isfinite(found.value)


def test_the_kolmogorov_smirnov_gap_by_hand() -> None:
    found = drift.kolmogorov_smirnov(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0, 6.0]))

    assert found.value == 0.5


def test_population_stability_by_hand() -> None:
    found = drift.population_stability({"a": 50, "b": 50}, {"a": 50, "b": 50})
    moved = drift.population_stability({"a": 899_999, "b": 100_000}, {"a": 500_000, "b": 500_000})

    assert found.value == 0
    assert moved.value == pytest.approx(0.4 * np.log(9), abs=1e-4)
    assert moved.verdict is Verdict.LOT


def test_total_variation_is_the_share_of_rows_that_moved() -> None:
    found = drift.total_variation({"a": 9, "b": 1}, {"a": 4, "b": 4, "c": 2})

    assert found.value == pytest.approx(0.5)


@given(numbers)
def test_nothing_has_moved_from_itself(values: np.ndarray) -> None:
    assert drift.kolmogorov_smirnov(values, values).value == 0
    assert drift.standardised_mean_difference(values, values).value == 0


@given(numbers, numbers)
def test_the_gap_is_a_share_and_the_same_both_ways(one: np.ndarray, other: np.ndarray) -> None:
    there, back = drift.kolmogorov_smirnov(one, other), drift.kolmogorov_smirnov(other, one)

    assert 0 <= there.value <= 1
    assert there.value == pytest.approx(back.value)


@given(counts, counts)
def test_shares_move_both_ways_alike_and_never_less_than_not(
    one: dict[str, int], other: dict[str, int]
) -> None:
    assert 0 <= drift.total_variation(one, other).value <= 1
    assert drift.population_stability(one, other).value >= -1e-12
    assert drift.total_variation(one, one).value == 0


def test_the_strongest_of_several_counts() -> None:
    same, lot = drift.missing_shift(0.1, 0.1), drift.missing_shift(0.1, 0.9)

    assert drift.worst([same, lot, same]) is Verdict.LOT
    assert drift.worst([]) is Verdict.SAME
