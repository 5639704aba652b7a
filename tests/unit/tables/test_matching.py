"""Rows are matched by their keys as a dictionary would match them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.matching import NOWHERE, Hasher, Keys, any_missing, places_in

Pair = tuple[int | None, str | None]
pairs = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-3, 3)), st.one_of(st.none(), st.sampled_from("ab\0é"))
    ),
    max_size=40,
)


def keys_of(rows: list[Pair]) -> Keys:
    columns = [
        pa.array([row[0] for row in rows], pa.int64()),
        pa.array([row[1] for row in rows], pa.string()),
    ]
    first, second = Hasher(b"seed").keys(columns, len(rows))
    return Keys(np.arange(len(rows)), first, second, any_missing(columns))


@given(pairs, pairs)
def test_each_row_finds_its_like_and_no_other(rows: list[Pair], others: list[Pair]) -> None:
    once = list(dict.fromkeys(others))
    expected = [once.index(row) if None not in row and row in once else NOWHERE for row in rows]

    assert places_in(keys_of(rows), keys_of(once)).tolist() == expected


@given(pairs)
def test_a_key_that_occurs_twice_is_found_wherever_it_stands(rows: list[Pair]) -> None:
    counts = Counter(rows)

    found = keys_of(rows).repeated().tolist()

    assert found == [counts[row] > 1 and None not in row for row in rows]


def test_keys_that_share_their_first_word_are_still_told_apart() -> None:
    same, numbers = np.zeros(3, np.uint64), np.arange(3)
    keys = Keys(numbers, same, np.array([1, 2, 3], np.uint64), np.zeros(3, np.bool_))
    others = Keys(numbers, same, np.array([3, 1, 9], np.uint64), np.zeros(3, np.bool_))

    assert places_in(keys, others).tolist() == [1, NOWHERE, 0]
    assert not keys.repeated().any()


@pytest.mark.parametrize(
    "values",
    [
        pa.array([0.0, -0.0, 1.5, None, float("nan")]),
        pa.array([True, False, None]),
        pa.array([date(2024, 1, 31), None]),
        pa.array([2**62, -(2**62), 0, None]),
        pa.array(["", "a", "ab", None]),
        pa.array([1, None], pa.timestamp("us", tz="UTC")),
        pa.array([1, None], pa.time64("us")),
    ],
)
def test_a_cell_has_the_word_of_its_value_in_every_batch(values: Any) -> None:
    hasher = Hasher(b"seed")
    together = hasher.cells(values).tolist()
    alone = [hasher.cells(values.slice(n, 1))[0] for n in range(len(values))]

    assert together == alone
    different = {
        repr(value + 0.0 if isinstance(value, float) else value) for value in values.to_pylist()
    }
    assert len(set(together)) == len(different)


def test_the_words_of_one_seed_tell_nothing_of_another() -> None:
    values = pa.array(["a", "b"])

    assert set(Hasher(b"1").cells(values)) & set(Hasher(b"2").cells(values)) == set()
