"""Distinct values: counted exactly in any batches, and estimated where they are very many."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables import distinct
from simplr_core.tables.distinct import Distinct, hashes_of


@given(st.lists(st.lists(st.integers(-50, 50), max_size=40), max_size=8), st.booleans())
def test_few_are_counted_exactly_however_they_come(batches: list[list[int]], mostly: bool) -> None:
    found = Distinct()
    for batch in batches:
        found.add(pa.array(batch, pa.int64()), mostly=mostly)

    assert found.count() == (len({value for batch in batches for value in batch}), True)


@pytest.mark.parametrize("mostly", [False, True])
def test_many_that_come_again_are_still_counted_exactly(mostly: bool) -> None:
    found, rng = Distinct(), np.random.default_rng(1)
    seen = set()
    for _ in range(40):
        values = rng.integers(0, 100_000, 20_000)
        found.add(pa.array(values), mostly=mostly)
        seen |= set(values.tolist())

    assert found.count() == (len(seen), True)


@pytest.mark.parametrize("mostly", [False, True])
def test_very_many_are_estimated(mostly: bool) -> None:
    found = Distinct()
    for start in range(0, 1_000_000, 20_000):
        found.add(pa.array(np.arange(start, start + 20_000)), mostly=mostly)
        found.add(pa.array(np.arange(0, 20_000)), mostly=mostly)

    count, is_exact = found.count()

    assert not is_exact
    assert abs(count - 1_000_000) < 20_000
    assert len(found.hashes) == distinct.KEPT_HASHES


@given(st.lists(st.text(max_size=6), unique=True, max_size=100))
def test_distinct_texts_have_distinct_hashes_wherever_they_lie(texts: list[str]) -> None:
    whole = hashes_of(pa.array(texts, pa.string()))

    assert len(set(whole.tolist())) == len(texts)
    sliced = hashes_of(pa.array(["x", *texts], pa.string()).slice(1))
    assert np.array_equal(whole, sliced)
