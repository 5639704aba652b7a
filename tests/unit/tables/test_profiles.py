"""Profiles: exact on small tables, honest estimates on large ones."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.profiles import BINS, Profiler, hashes_of
from simplr_core.tables.schema import Field, FieldType


def profile(values: list[Any], kind: FieldType, batches: int = 1) -> Profiler:
    field = Field("x", type=kind)
    profiler = Profiler(field)
    array = pa.array(values, field.arrow_type())
    step = max(1, math.ceil(len(array) / batches))
    for start in range(0, len(array), step):
        profiler.add(array.slice(start, step))
    return profiler


@given(st.lists(st.none() | st.integers(-(10**15), 10**15), max_size=60), st.integers(1, 5))
def test_numbers_are_counted_exactly_in_any_batches(values: list[int | None], batches: int) -> None:
    found = profile(values, FieldType.INTEGER, batches)
    present = [value for value in values if value is not None]

    assert found.counts() == {
        "rows": len(values),
        "missing": len(values) - len(present),
        "distinct": len(set(present)),
        "distinct_is_exact": True,
        "inconsistent": None,
    }
    said = found.values()
    json.dumps(said)
    if present:
        assert (said["min"], said["max"]) == (min(present), max(present))
        assert sum(said["histogram"]["counts"]) == len(present)
        assert said["mean"] == pytest.approx(sum(present) / len(present))


@given(st.lists(st.none() | st.text(max_size=8), max_size=60), st.integers(1, 5))
def test_texts_are_counted_exactly_in_any_batches(values: list[str | None], batches: int) -> None:
    found = profile(values, FieldType.TEXT, batches)
    present = [value for value in values if value is not None]

    assert found.counts()["distinct"] == len(set(present))
    if present:
        said = found.values()
        counted = Counter(present)
        assert said["top"][0]["count"] == max(counted.values())
        assert said["length"]["min"] == min(map(len, present))
        assert said["length"]["max"] == max(map(len, present))


def test_dates_have_a_range_and_bins() -> None:
    said = profile([date(2020, 1, 1), date(2020, 1, 31), None], FieldType.DATE).values()

    assert (said["min"], said["max"]) == ("2020-01-01", "2020-01-31")
    assert len(said["histogram"]["counts"]) == BINS
    assert said["histogram"]["edges"][0] == "2020-01-01"


def test_a_field_without_values_has_counts_and_nothing_else() -> None:
    found = profile([None, None], FieldType.DECIMAL)

    assert found.counts()["missing"] == 2
    assert found.values() == {"name": "x", "type": "decimal"}


def test_many_distinct_values_are_estimated_and_said_to_be() -> None:
    rows = 400_000
    found = profile(list(range(rows)), FieldType.INTEGER, batches=8)

    counts = found.counts()
    assert not counts["distinct_is_exact"]
    assert abs(counts["distinct"] - rows) < 0.02 * rows
    said = found.values()
    assert not said["quantiles_are_exact"]
    assert abs(said["quantiles"]["0.5"] - rows / 2) < 0.01 * rows
    assert not said["top_is_exact"]


@given(st.lists(st.text(max_size=6), unique=True, max_size=100))
def test_distinct_texts_have_distinct_hashes_wherever_they_lie(texts: list[str]) -> None:
    whole = hashes_of(pa.array(texts, pa.string()))

    assert len(set(whole.tolist())) == len(texts)
    sliced = hashes_of(pa.array(["x", *texts], pa.string()).slice(1))
    assert np.array_equal(whole, sliced)


@pytest.mark.parametrize(
    "values", [[1e308, -1e308], [5e-324, 0.0], [7.0], [float(2**53), float(2**53) + 2]]
)
def test_any_range_of_numbers_has_a_profile_in_json(values: list[float]) -> None:
    said = profile(values, FieldType.DECIMAL).values()

    assert sum(said["histogram"]["counts"]) == len(values)
    json.dumps(said, allow_nan=False)
