"""Reading bytes the way the jobs do, without sealing."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from simplr_core.tidy.overrides import with_overrides
from simplr_core.tidy.recognition import Report, recognise
from simplr_core.tidy.tables import QUARANTINE_SCHEMA, read_table
from simplr_core.tidy.understanding import Understanding


@dataclass(frozen=True)
class Taken:
    """A file that was understood and then read by what was understood."""

    report: Report
    understanding: Understanding
    table: pa.Table
    quarantine: list[dict[str, Any]]

    def column(self, name: str) -> list[Any]:
        return self.table.column(name).to_pylist()

    def type_of(self, name: str) -> str:
        return self.understanding.schema[name].type.value


@pytest.fixture
def take_in() -> Callable[..., Taken]:
    def take(content: bytes, *, name: str = "a.csv", overrides: Any = (), **options: Any) -> Taken:
        report = recognise(
            io.BytesIO(content),
            name=name,
            size=len(content),
            heartbeat=lambda rows: None,
            **options,
        )
        plan = Understanding.from_json(report.understanding.to_json())
        assert plan == report.understanding
        plan = with_overrides(plan, overrides)
        batches, aside, bad_rows, bad_cells = [], [], 0, 0
        for rows in read_table(io.BytesIO(content), plan):
            batches.append(rows.batch)
            aside.append(rows.quarantine)
            bad_rows += rows.bad_row_count
            bad_cells += sum(rows.bad_cell_counts)
        table = pa.Table.from_batches(batches, plan.schema.arrow())
        quarantine = pa.Table.from_batches(aside, QUARANTINE_SCHEMA).to_pylist()
        counts = plan.counts
        assert counts.rows_in == table.num_rows + bad_rows
        assert (counts.kept, counts.quarantined_rows) == (table.num_rows, bad_rows)
        assert len(quarantine) == bad_rows + bad_cells
        if not overrides:
            assert counts.quarantined_cells == bad_cells
        return Taken(report, plan, table, quarantine)

    return take
