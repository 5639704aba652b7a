"""Putting mended rows and cells in their places among the rows of a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simplr_core.tidy.numbering import kept_of, records_of

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Places:
    """Where entries lie: numbers of whole rows before and after, in order, and of the mended ones.

    `known` is False where numbers do not tell places; then mended rows stand behind all others.
    """

    aside: Numbers
    left: Numbers
    mended: Numbers
    known: bool

    def numbers_of(self, kept: Numbers) -> Numbers:
        """The numbers of rows that are kept in the earlier version."""
        return records_of(kept, self.aside) if self.known else kept + 1

    def kept_now(self, kept: Numbers) -> Numbers:
        """Which rows they are in the new version."""
        return kept_of(self.numbers_of(kept), self.left) if self.known else kept


@dataclass(frozen=True, slots=True)
class Held:
    """Mended entries of a stretch of rows: cells by field, and rows, each with their numbers."""

    cells: Mapping[str, tuple[Numbers, pa.ChunkedArray]]
    numbers: Numbers
    rows: pa.Table


def in_order(parts: Sequence[tuple[Numbers, pa.Array]]) -> tuple[Numbers, pa.ChunkedArray]:
    """Cells that were read some at a time, by the numbers of their rows."""
    numbers = np.concatenate([numbers for numbers, _ in parts])
    order = np.argsort(numbers, kind="stable")
    cells = pa.chunked_array([cells for _, cells in parts])
    return numbers[order], cells.take(pa.array(order))


def woven(
    rows: pa.RecordBatch, numbers: Numbers, held: Held, before: int, last: int
) -> pa.RecordBatch:
    """The rows with mended cells, and with the mended rows between and behind them up to `last`."""
    patched = _patched(rows, numbers, held)
    low, high = np.searchsorted(held.numbers, [before, last], "right")
    if low == high:
        return patched
    order = np.argsort(np.concatenate([numbers, held.numbers[low:high]]), kind="stable")
    both = pa.concat_tables(
        [pa.Table.from_batches([patched]), held.rows.slice(int(low), int(high - low))]
    )
    return both.combine_chunks().take(pa.array(order)).combine_chunks().to_batches()[0]


def _patched(rows: pa.RecordBatch, numbers: Numbers, held: Held) -> pa.RecordBatch:
    columns = list(rows.columns)
    for position, name in enumerate(rows.schema.names):
        if name not in held.cells or not len(numbers):
            continue
        at, cells = held.cells[name]
        low = int(np.searchsorted(at, numbers[0], "left"))
        high = int(np.searchsorted(at, numbers[-1], "right"))
        if low == high:
            continue
        places = np.arange(rows.num_rows)
        places[np.searchsorted(numbers, at[low:high])] = rows.num_rows + np.arange(high - low)
        new = cells.slice(low, high - low).combine_chunks()
        both = pa.chunked_array([columns[position], new]).combine_chunks()
        columns[position] = both.take(pa.array(places))
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)
