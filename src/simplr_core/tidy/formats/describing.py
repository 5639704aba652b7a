"""From a found table to what was understood of it: every row is read once, every column decided."""

from __future__ import annotations

from simplr_core.tidy.decisions import Column, decide_fields
from simplr_core.tidy.formats.found import Beat, FoundTable
from simplr_core.tidy.headers import field_names
from simplr_core.tidy.recipe.proposing import propose
from simplr_core.tidy.recipe.steps import without_values
from simplr_core.tidy.recipe.totals import RowTally
from simplr_core.tidy.recognition import (
    SAMPLE_ROWS,
    SHOWN_CELL,
    Report,
    examples_of,
    mark_personal,
)
from simplr_core.tidy.tallies import Tally
from simplr_core.tidy.understanding import Counts, Understanding


def describe(table: FoundTable, media_type: str, beat: Beat) -> Report:
    """What `table` is: its fields with their evidence, its counts, and apart from it its values."""
    width = len(table.header)
    tallies = [Tally() for _ in range(width)]
    row_tally = RowTally()
    sample: list[list[str | None]] = []
    kept = bad = 0
    for rows in table.rows():
        for tally, column in zip(tallies, rows.columns, strict=True):
            tally.add(column)
        row_tally.add(rows)
        if len(sample) < SAMPLE_ROWS:
            first = [c.slice(0, SAMPLE_ROWS - len(sample)).to_pylist() for c in rows.columns]
            sample += [
                [cell.strip()[:SHOWN_CELL] for cell in row] for row in zip(*first, strict=True)
            ]
        kept += rows.row_count
        bad += len(rows.bad)
        beat(kept + bad)
    for tally in tallies:
        tally.finish()
    header = [cell.strip() for cell in table.header]
    names = field_names(header, width)
    columns = [Column(*parts) for parts in zip(names, header, tallies, strict=True)]
    fields = mark_personal(decide_fields(columns), [tally.sample for tally in tallies])
    steps = propose(fields, tallies, row_tally)
    understanding = Understanding(
        kind="table",
        media_type=media_type,
        fields=tuple(fields),
        counts=Counts(kept + bad, kept, bad, sum(found.unreadable_count for found in fields)),
        name=table.name,
        path=table.path,
        notes=table.notes,
        steps=without_values(steps),
    )
    return Report(understanding, sample, examples_of(names, tallies), table.preamble, steps)
