"""Opening bytes the way the jobs do, and reading every table that was found in them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from simplr_core.tidy.opening import FileReport, open_file
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs
from simplr_core.tidy.recognition import Report
from simplr_core.tidy.tables import QUARANTINE_SCHEMA, read_table
from simplr_core.tidy.understanding import Understanding


@dataclass(frozen=True)
class Opened:
    """One table of a file: understood, then read by what was understood."""

    report: Report
    table: pa.Table
    quarantine: list[dict[str, Any]]

    @property
    def name(self) -> str:
        return self.report.understanding.name

    @property
    def header(self) -> list[str]:
        return [found.field.source_name for found in self.report.understanding.fields]

    @property
    def types(self) -> list[str]:
        return [found.field.type.value for found in self.report.understanding.fields]

    @property
    def aside(self) -> list[dict[str, Any]]:
        return [entry for entry in self.quarantine if entry["field"] is None]

    def column(self, name: str) -> list[Any]:
        return self.table.column(name).to_pylist()


@dataclass(frozen=True)
class OpenedFile:
    report: FileReport
    tables: list[Opened]

    def __getitem__(self, name: str) -> Opened:
        return next(table for table in self.tables if table.name == name)


@pytest.fixture
def open_bytes() -> Callable[..., OpenedFile]:
    """Opens bytes, reads each table again, and holds rows in = rows kept + rows put aside."""

    def read(content: bytes, report: Report) -> Opened:
        plan = Understanding.from_json(report.understanding.to_json())
        assert plan == report.understanding
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
        assert (counts.quarantined_cells, len(quarantine)) == (bad_cells, bad_rows + bad_cells)
        return Opened(report, table, quarantine)

    def open_all(
        content: bytes, *, name: str = "a.bin", keep_as: Any = "auto", said: ReadAs = AS_RECOGNISED
    ) -> OpenedFile:
        report = open_file(
            io.BytesIO(content),
            name=name,
            size=len(content),
            keep_as=keep_as,
            said=said,
            heartbeat=lambda rows: None,
        )
        return OpenedFile(report, [read(content, table) for table in report.tables])

    return open_all
