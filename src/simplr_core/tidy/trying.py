"""Trying a recipe on the first rows of a file: what each step changes, before and after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.tidy.media import PARQUET
from simplr_core.tidy.plans import KeepPlan
from simplr_core.tidy.recipe.cleaning import Cleaning
from simplr_core.tidy.recipe.steps import Kind
from simplr_core.tidy.rows import TextRows
from simplr_core.tidy.tables import read_column, read_texts

MOST_ROWS = 200_000
FIRST_ROWS = 5
CHANGED_ROWS = 15
SHOWN_CELL = 200
EXAMPLES = 4
MOST_LOOKED_AT = 5_000

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TriedRow:
    """A row as it was in the file and as it would be kept; `aside` is why it would not be."""

    row: int
    before: list[str]
    after: list[str | None]
    aside: str = ""


@dataclass(slots=True)
class Trial:
    """What a plan does to the rows that were tried. `unreadable` counts cells by field."""

    row_count: int = 0
    is_whole: bool = True
    kept_count: int = 0
    aside_count: int = 0
    made_count: int = 0
    """Rows that there will be more, by unpivoting those that fit."""
    changes: dict[int, int] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)
    rows: list[TriedRow] = field(default_factory=list)

    def to_json(self, plan: KeepPlan, hidden: set[str]) -> dict[str, Any]:
        """What a reader may see of it, who may not see the fields in `hidden`."""
        names = list(plan.understanding.schema.names)
        shown = [n for n, name in enumerate(names) if name not in hidden]
        return {
            "row_count": self.row_count,
            "is_whole": self.is_whole,
            "kept": self.kept_count,
            "aside": self.aside_count,
            "made": self.made_count,
            "unreadable": {f: n for f, n in self.unreadable.items() if f not in hidden},
            "fields": [names[n] for n in shown],
            "dropped": sorted(set(names) - set(plan.read_schema.names)),
            "rows": [
                {
                    "row": row.row,
                    "before": [row.before[n] for n in shown],
                    "after": [row.after[n] for n in shown],
                    "aside": row.aside,
                }
                for row in sorted(self.rows, key=lambda one: one.row)
            ],
        }


def try_plan(source: BinaryIO, plan: KeepPlan) -> Trial:
    """Follow `plan` on the first rows of `source`, keeping nothing."""
    trial = Trial()
    if plan.understanding.media_type == PARQUET:
        return trial
    cleaning = Cleaning(plan.recipe, tuple(plan.understanding.schema))
    for rows in read_texts(source, plan.understanding):
        if trial.row_count >= MOST_ROWS:
            trial.is_whole = False
            break
        _try_rows(rows, plan, cleaning, trial)
    trial.changes = cleaning.changes
    if unpivot := plan.unpivot:
        trial.made_count = trial.kept_count * (len(unpivot.taken) - 1)
        at = [n for n, s in enumerate(plan.recipe.steps) if s.on and s.kind is Kind.UNPIVOT]
        trial.changes = {**trial.changes, at[0]: trial.made_count}
    return trial


def _try_rows(rows: TextRows, plan: KeepPlan, cleaning: Cleaning, trial: Trial) -> None:
    trial.row_count += rows.row_count + len(rows.bad)
    left = cleaning.rows(rows)
    trial.kept_count += left.row_count
    trial.aside_count += len(left.bad)
    after: list[pa.Array] = []
    changed: list[int] = []
    for position, item in enumerate(plan.understanding.schema):
        if position in cleaning.dropped:
            after.append(pa.nulls(left.row_count, pa.string()))
            continue
        texts = left.columns[position]
        values, lost = read_column(texts, item, cleaning, position)
        if lost.any():
            trial.unreadable[item.name] += int(lost.sum())
        after.append(values)
        changed += _examples(texts, lost | np.asarray(_differs(texts, values)))
    _note_rows(rows, left, after, changed, trial)


def _differs(texts: pa.Array, values: pa.Array) -> pa.Array:
    """Where text became other text; a value of another type says the same in its own way."""
    if not pa.types.is_string(values.type):
        return pa.array(np.zeros(len(texts), np.bool_))
    return pc.not_equal(texts, values.fill_null(""))


def _examples(texts: pa.Array, differs: Mask) -> list[int]:
    """The positions of a few cells that change, each of another text."""
    found: dict[str, int] = {}
    for position in np.flatnonzero(differs)[:MOST_LOOKED_AT].tolist():
        found.setdefault(texts[position].as_py(), position)
        if len(found) == EXAMPLES:
            break
    return list(found.values())


def _note_rows(
    rows: TextRows, left: TextRows, after: list[pa.Array], changed: list[int], trial: Trial
) -> None:
    """Remember the first rows, and some that were changed or put aside by a step."""
    known = {bad.record for bad in rows.bad}
    reasons = {bad.record: bad.reason for bad in left.bad if bad.record not in known}
    room = max(0, FIRST_ROWS + CHANGED_ROWS - len(trial.rows))
    first = range(max(0, FIRST_ROWS - len(trial.rows)))
    wanted = [n for n in first if n < left.row_count]
    wanted += [n for n in dict.fromkeys(changed) if n not in wanted]
    for position in sorted(wanted[:room]):
        trial.rows.append(
            TriedRow(
                int(left.records[position]),
                [_shown(column[position].as_py()) or "" for column in left.columns],
                [_shown(column[position].as_py()) for column in after],
            )
        )
    aside = np.flatnonzero(np.isin(rows.records, list(reasons)))[:CHANGED_ROWS].tolist()
    for position in aside if len(trial.rows) < FIRST_ROWS + 2 * CHANGED_ROWS else ():
        record = int(rows.records[position])
        before = [_shown(column[position].as_py()) or "" for column in rows.columns]
        trial.rows.append(TriedRow(record, before, [None] * len(before), reasons[record]))


def _shown(value: object) -> str | None:
    return None if value is None else str(value)[:SHOWN_CELL]
