"""Rows that are no rows of the table: those without any cell filled, and totals of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.tidy.cells import bytes_between, mostly_same, trim
from simplr_core.tidy.headers import looks_like_a_value
from simplr_core.tidy.recipe.repeats import Repeats
from simplr_core.tidy.rows import TextRows

Positions = npt.NDArray[np.int64]

_WORDS = (
    *("totals?", "grand total", "sub-?totals?", "sum", "overall"),  # English
    *("gesamt(summe)?", "summe", "insgesamt", "zwischensumme"),  # German
    *("total général", "total general", "sous-total", "somme", "ensemble"),  # French
    *("suma", "gran total", "subtotal", "totale", "totaal", "somma", "soma"),
    *("σύνολο", "итого", "всего", "razem", "összesen", "celkem", "yhteensä", "i alt", "totalt"),
)
TOTAL = rf"(?i)^\s*({'|'.join(_WORDS)})\s*:?\s*$"
"""How the first cell of a total is written, in several languages."""
COMPARED = 20_000
"""So many of the first rows are compared with one another, to see whether some come again."""
LABELS = 2
"""A total says so in one of the first so many cells."""


def empty_rows(columns: Sequence[pa.Array]) -> Positions:
    """The positions of rows in which no cell holds anything."""
    rows: Positions | None = None
    for column in columns:
        cells = column if rows is None else column.take(pa.array(rows))
        blank = np.flatnonzero(np.asarray(pc.equal(trim(cells), "")))
        rows = blank.astype(np.int64) if rows is None else rows[blank]
        if not len(rows):
            break
    return np.zeros(0, np.int64) if rows is None else rows


def total_rows(columns: Sequence[pa.Array]) -> Positions:
    """The positions of totals: the first filled cell says so, and a number stands behind it."""
    found: list[int] = []
    for at, column in enumerate(columns[:LABELS]):
        if bytes_between(column, "\0", "9")[1]:
            continue  # without a letter there is no word
        said = np.flatnonzero(_says_total(column))
        for position in said.tolist():
            before = [columns[n][position].as_py().strip() for n in range(at)]
            behind = (column[position].as_py().strip() for column in columns[at + 1 :])
            if not any(before) and any(looks_like_a_value(cell) for cell in behind):
                found.append(position)
    return np.array(sorted(found), np.int64)


def _says_total(column: pa.Array) -> npt.NDArray[np.bool_]:
    """For each cell, whether it is a word for total; each different one is looked at once."""
    if not mostly_same(column):
        return np.asarray(pc.match_substring_regex(column, TOTAL))
    encoded = column.dictionary_encode()
    words = np.asarray(pc.match_substring_regex(encoded.dictionary, TOTAL))
    return words[np.asarray(encoded.indices)] if words.any() else np.zeros(len(column), np.bool_)


@dataclass(slots=True)
class RowTally:
    """How many rows are empty or totals, counted while a file is read."""

    empty_count: int = 0
    total_count: int = 0
    last_total: int = 0
    last_row: int = 0
    compared_count: int = 0
    repeated_count: int = 0
    _repeats: Repeats = field(default_factory=Repeats)

    def add(self, rows: TextRows) -> None:
        """Count the rows of one batch."""
        if not rows.row_count:
            return
        self.empty_count += len(empty_rows(rows.columns))
        totals = total_rows(rows.columns)
        self.total_count += len(totals)
        if len(totals):
            self.last_total = int(rows.records[totals[-1]])
        self.last_row = int(rows.records[-1])
        if left := max(0, COMPARED - self.compared_count):
            first = [column.slice(0, left) for column in rows.columns]
            self.repeated_count += len(self._repeats.positions(first))
            self.compared_count += len(first[0]) if first else 0

    @property
    def is_last(self) -> bool:
        """True if the only total is the last row."""
        return self.total_count == 1 and self.last_total == self.last_row
