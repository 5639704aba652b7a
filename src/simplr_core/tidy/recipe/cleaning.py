"""What the steps of a recipe do to rows and cells, batch by batch, counted step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.cells import trim
from simplr_core.tidy.recipe.repeats import Repeats
from simplr_core.tidy.recipe.steps import EMPTY, Kind, Recipe, Step
from simplr_core.tidy.recipe.totals import empty_rows, total_rows
from simplr_core.tidy.rows import EMPTY_ROW, REPEATED_ROW, TOTAL_ROW, TextRows

Weights = npt.NDArray[np.int64]

BLANKS = "[\\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+"
"""Blanks of every width, but no line ends: an address may have several lines."""


TEXTS = (FieldType.TEXT, FieldType.CATEGORY)
PLAIN = Recipe((Step(Kind.TRIM),))
"""What is done where nobody says anything: blanks around cells are dropped."""


TO_CLOSE = BLANKS.removesuffix("+") + "{2}|" + BLANKS.replace(" ", "", 1).removesuffix("+")


class Cleaning:
    """The steps that are on, ready to be done to the rows of one table.

    `fields` are those of the table by position. `changes` counts, for each step of the recipe by its
    position, the rows that it put aside or the cells that it changed.
    """

    def __init__(self, recipe: Recipe, fields: Sequence[Field]) -> None:
        names = [field.name for field in fields]
        texts = [field.name for field in fields if field.type in TEXTS]
        self.changes: dict[int, int] = {}
        self._row_steps: list[tuple[int, Step]] = []
        self._repeats: dict[int, tuple[Repeats, list[int]]] = {}
        self._cell_steps: list[list[tuple[int, Step]]] = [[] for _ in names]
        self._missing: list[int | None] = [None] * len(names)
        self.dropped: set[int] = set()
        """The positions of fields that are left out."""
        where = {name: position for position, name in enumerate(names)}
        for number, step in enumerate(recipe.steps):
            if not step.on:
                continue
            if step.kind is Kind.DROP_ROWS:
                self._row_steps.append((number, step))
            elif step.kind is Kind.DISTINCT:
                compared = [where[name] for name in step.fields or names]
                self._repeats[number] = (Repeats(), compared)
            elif step.kind in (Kind.TRIM, Kind.REPLACE, Kind.SPELL):
                for name in step.fields or texts:
                    self._cell_steps[where[name]].append((number, step))
            elif step.kind is Kind.MISSING:
                self._missing[where[step.fields[0]]] = number
            elif step.kind is Kind.DROP_FIELDS:
                self.dropped |= {where[name] for name in step.fields}
            if step.kind in _COUNTED:
                self.changes[number] = 0

    def rows(self, rows: TextRows) -> TextRows:
        """The rows without those that a step drops: they are put aside with their reason."""
        for number, step in self._row_steps:
            is_empty = step.arguments["rows"] == EMPTY
            found = empty_rows(rows.columns) if is_empty else total_rows(rows.columns)
            if len(found):
                self.changes[number] += len(found)
                rows = rows.put_aside(found.tolist(), EMPTY_ROW if is_empty else TOTAL_ROW)
        for number, (repeats, compared) in self._repeats.items():
            found = repeats.positions([rows.columns[position] for position in compared])
            if len(found):
                self.changes[number] += len(found)
                rows = rows.put_aside(found.tolist(), REPEATED_ROW)
        return rows

    def cells(self, position: int, texts: pa.Array, weights: Weights | None) -> pa.Array:
        """The cells of a field as the steps leave them. `weights` says how often each occurs."""
        for number, step in self._cell_steps[position]:
            after = changed_cells(step, texts)
            if after is texts:
                continue
            differs = np.asarray(pc.not_equal(after, texts))
            if differs.any():
                self.changes[number] += int(
                    differs.sum() if weights is None else weights[differs].sum()
                )
            texts = after
        return texts

    def note_missing(
        self, position: int, cells: pa.Array, present: pa.Array, weights: Weights | None
    ) -> None:
        """Count the cells of a field that hold a code for missing."""
        number = self._missing[position]
        if number is None or not present.null_count:
            return
        coded = ~np.asarray(present.is_valid()) & np.asarray(pc.not_equal(cells, ""))
        self.changes[number] += int(coded.sum() if weights is None else weights[coded].sum())


_COUNTED = frozenset(
    {Kind.DROP_ROWS, Kind.DISTINCT, Kind.TRIM, Kind.REPLACE, Kind.SPELL, Kind.MISSING}
)


def changed_cells(step: Step, texts: pa.Array) -> pa.Array:
    """The cells after one step. Doing it twice changes nothing more."""
    if step.kind is Kind.TRIM:
        return _trimmed(step, texts)
    if step.kind is Kind.REPLACE:
        return _replaced(texts, [step.arguments["value"]], step.arguments["by"])
    return _replaced(texts, list(step.arguments["from"]), step.arguments["to"])


def _trimmed(step: Step, texts: pa.Array) -> pa.Array:
    cells = trim(texts)
    if cells is not texts and _length(cells) == _length(texts):
        cells = texts  # nothing was taken away: the same cells
    if step.arguments.get("unicode") and not pc.all(pc.string_is_ascii(cells)).as_py():
        cells = pc.utf8_normalize(cells, form="NFC")
    if step.arguments.get("inner") and pc.any(pc.match_substring_regex(cells, TO_CLOSE)).as_py():
        cells = pc.replace_substring_regex(cells, BLANKS, " ")
    return cells


def _length(texts: pa.Array) -> int:
    return int(pc.sum(pc.binary_length(texts)).as_py() or 0)


def _replaced(texts: pa.Array, values: list[str], by: str) -> pa.Array:
    found = pc.is_in(texts, pa.array(values, texts.type))
    if not pc.any(found, min_count=0).as_py():
        return texts
    return pc.if_else(found, pa.scalar(by, texts.type), texts)
