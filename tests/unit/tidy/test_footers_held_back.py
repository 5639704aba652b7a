"""Rows that are held back for the notes below a table: none is lost, and never many at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tidy.rows import BELOW_THE_TABLE, HELD_ROWS, BadRow, TextRows, without_footer


def batches(sizes: list[int], note: bool) -> Iterator[TextRows]:
    """Batches of numbered rows, each with a bad one before it; the last row a note, if so said."""
    start = 0
    for at, size in enumerate(sizes):
        numbers = np.arange(start, start + size, dtype=np.int64)
        texts = [str(number) for number in numbers]
        if note and at == len(sizes) - 1 and size:
            texts[-1] = "Source: the department of streets and bridges"
        second = ["" if text.startswith("Source") else "7" for text in texts]
        columns = [pa.array(texts, pa.string()), pa.array(second, pa.string())]
        yield TextRows(columns, numbers, [BadRow(-1 - at, "too-few-cells", 1, "")])
        start += size


@given(st.lists(st.integers(0, 3 * HELD_ROWS), max_size=12), st.booleans())
def test_every_row_comes_out_once_in_its_order(sizes: list[int], note: bool) -> None:
    found = list(without_footer(batches(sizes, note)))

    bad = [row for rows in found for row in rows.bad]
    kept = [int(number) for rows in found for number in rows.records]
    below = [row.record for row in bad if row.reason == BELOW_THE_TABLE]
    assert kept + below == list(range(sum(sizes)))
    assert len(below) <= note
    assert sorted(row.record for row in bad if row.record < 0) == sorted(
        -1 - at for at in range(len(sizes))
    )


@given(st.lists(st.integers(1, HELD_ROWS - 1), min_size=3, max_size=40))
def test_of_many_small_batches_few_rows_wait(sizes: list[int]) -> None:
    given_out = taken = 0

    def watched() -> Iterator[TextRows]:
        nonlocal taken
        for rows in batches(sizes, note=False):
            assert taken - given_out <= 2 * HELD_ROWS
            taken += rows.row_count
            yield rows

    for rows in without_footer(watched()):
        given_out += rows.row_count
    assert given_out == sum(sizes)
