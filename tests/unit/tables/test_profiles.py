"""Profiles: exact on small tables, honest estimates on large ones."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.profiles import BINS, Profiler
from simplr_core.tables.schema import Field, FieldType


def profile(values: list[Any], kind: FieldType, batches: int = 1) -> Profiler:
    field = Field("x", type=kind)
    profiler = Profiler(field)
    array = pa.array(values, field.arrow_type())
    step = max(1, math.ceil(len(array) / batches))
    for start in range(0, len(array), step):
        profiler.add(array.slice(start, step))
    return profiler


WHOLE = st.integers(-(10**15), 10**15) | st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.none() | WHOLE, max_size=60), st.integers(1, 5))
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
        largest = max(map(abs, present))
        assert said["mean"] == pytest.approx(sum(present) / len(present), abs=largest * 1e-6)
        assert all(min(present) <= cut <= max(present) for cut in said["quantiles"].values())
        assert said["quantiles_are_exact"] == (largest <= 2**53)


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


def test_what_is_frequent_among_values_that_differ_is_estimated() -> None:
    """A tenth of the rows hold one value, all others one of their own."""
    values = [1 if n % 10 == 3 else n + 1_000_000 for n in range(200_000)]

    found = profile(values, FieldType.INTEGER, batches=10)

    top = found.values()["top"]
    assert top[0]["value"] == 1
    assert top[0]["count"] == pytest.approx(20_000, rel=0.05)
    assert all(each["count"] == 1 for each in top[1:])
    assert not found.values()["top_is_exact"]
    assert found.counts()["distinct"] == pytest.approx(180_001, rel=0.02)


@pytest.mark.parametrize(
    "values", [[1e308, -1e308], [5e-324, 0.0], [7.0], [float(2**53), float(2**53) + 2]]
)
def test_any_range_of_numbers_has_a_profile_in_json(values: list[float]) -> None:
    said = profile(values, FieldType.DECIMAL).values()

    assert sum(said["histogram"]["counts"]) == len(values)
    json.dumps(said, allow_nan=False)
