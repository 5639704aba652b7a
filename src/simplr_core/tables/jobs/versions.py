"""Reading a kept version in a child, as the jobs do that make a version out of a version.

A job that derives a version reads a `KeptVersion` and writes a
`simplr_core.tables.jobs.keeping.TableKeeper`. The earlier version is only read: it stays as it is.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa

from simplr_core.tables.jobs.sealing import open_sealed, sealed_part
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import ROW_GROUP_ROWS, PartsReader


class KeptVersion:
    """A version of a data set: its rows in order, and what was put aside.

    `arguments`: `schema` (JSON); `parts`: [{fields, key, context, header, sealed_size, file}];
    `quarantine`: {key, context, header, sealed_size, file}, or None; `rows_in`, and `rows_made` where there are more rows by unpivoting. `files`: open
    files by the names in `file`. Both may be read any number of times, with one row group in
    memory.
    """

    def __init__(self, arguments: Mapping[str, Any], files: Mapping[str, int]) -> None:
        self.schema = Schema.from_json(arguments["schema"])
        self.rows_in = int(arguments["rows_in"])
        self.rows_made = int(arguments.get("rows_made", 0))
        self._arguments = arguments
        self._files = files
        with self._reader([]) as reader:
            self.row_count = reader.row_count

    def _reader(
        self, columns: Sequence[str], *, offset: int = 0, limit: int | None = None
    ) -> PartsReader:
        given = self._arguments["parts"]
        # Where only rows are counted, any part tells their numbers.
        parts = [part for part in given if set(part["fields"]) & set(columns)] or given[:1]
        return PartsReader(
            [sealed_part(part, self._files) for part in parts], columns, offset=offset, limit=limit
        )

    def batches(
        self,
        columns: Sequence[str] | None = None,
        *,
        offset: int = 0,
        limit: int | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The rows, with these columns or all; only the parts that hold them are opened."""
        wanted = self.schema.names if columns is None else columns
        with self._reader(wanted, offset=offset, limit=limit) as reader:
            yield from reader

    def rows_at(self, columns: Sequence[str], rows: Sequence[int]) -> pa.RecordBatch:
        """A few rows by their numbers, in the order asked. Each row group is read once."""
        wanted = sorted(set(rows))
        taken = []
        for group in sorted({row // ROW_GROUP_ROWS for row in wanted}):
            start = group * ROW_GROUP_ROWS
            mine = [row - start for row in wanted if row // ROW_GROUP_ROWS == group]
            with self._reader(columns, offset=start, limit=ROW_GROUP_ROWS) as reader:
                taken += [batch.take(pa.array(mine, pa.int64())) for batch in reader]
        table = pa.Table.from_batches(taken).combine_chunks()
        places = pa.array([wanted.index(row) for row in rows], pa.int64())
        return table.to_batches()[0].take(places)

    def aside(self) -> Iterator[dict[str, Any]]:
        """What was put aside, in the order it was noted."""
        quarantine = self._arguments["quarantine"]
        if quarantine is None:
            return
        with closing(open_sealed(quarantine, self._files[quarantine["file"]])) as reader:
            for line in io.BufferedReader(reader, 1 << 18):
                yield json.loads(line)
