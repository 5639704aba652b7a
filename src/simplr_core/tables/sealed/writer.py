"""Writing a table as sealed parts that a reader can put together again."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from simplr_core.crypto import Key, Sealed, SealingWriter, SupportsWrite
from simplr_core.tables.schema import ROW_NUMBER, Personal, Schema, SchemaInvalid

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

pc: Any = pyarrow.compute  # its stubs refuse what the library accepts

ROW_GROUP_ROWS = 65_536
"""Every row group of every part but the last holds this many rows."""

COMPRESSION = "zstd"


def column_groups(schema: Schema) -> list[tuple[str, ...]]:
    """Which fields lie together: all that are not personal first, then each personal one alone."""
    shared = tuple(f.name for f in schema if f.personal is not Personal.PERSONAL)
    return [shared, *((f.name,) for f in schema if f.personal is Personal.PERSONAL)]


class SealedFile(io.RawIOBase):
    """A write-only file whose bytes are sealed as they come.

    Closing it ends the sealed object and leaves the facts of it in `sealed`; a file that is
    abandoned before that is no valid object, because its last segment is missing.
    """

    def __init__(self, sink: SupportsWrite, *, key: Key, context: bytes) -> None:
        super().__init__()
        self._writer = SealingWriter(sink, key=key, context=context, expected_size=None)
        self._position = 0
        self._abandoned = False
        self.sealed: Sealed | None = None

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: ReadableBuffer, /) -> int:
        view = memoryview(data).cast("B")
        self._writer.write(view)
        self._position += len(view)
        return len(view)

    def finish(self) -> Sealed:
        """End the object and say what it is."""
        self.close()
        if self.sealed is None:
            raise ValueError("The file was abandoned.")
        return self.sealed

    def abandon(self) -> None:
        """Leave the object without its end, so that nobody can take it for whole."""
        self._abandoned = True
        self.close()

    def close(self) -> None:
        if not self.closed:
            if not self._abandoned and self.sealed is None:
                self.sealed = self._writer.close()
            super().close()


class PartsWriter:
    """Writes the batches of a table into one sealed part per column group.

    Row numbers are given here: 0 for the first row written, with no gap. At most one row group
    is in memory at a time.
    """

    def __init__(
        self,
        schema: Schema,
        groups: Sequence[Sequence[str]],
        sinks: Sequence[SupportsWrite],
        keys: Sequence[Key],
        contexts: Sequence[bytes],
    ) -> None:
        if not len(groups) == len(sinks) == len(keys) == len(contexts):
            raise SchemaInvalid("Each column group needs a sink, a key and a context.")
        if sorted(name for group in groups for name in group) != sorted(schema.names):
            raise SchemaInvalid("Each field must lie in exactly one column group.")
        self._schema = schema.arrow()
        self._groups = [tuple(group) for group in groups]
        self._files = [
            SealedFile(sink, key=key, context=context)
            for sink, key, context in zip(sinks, keys, contexts, strict=True)
        ]
        self._writers: list[pq.ParquetWriter] = []
        self._pending: list[pa.RecordBatch] = []
        self._pending_rows = 0
        self._next_row = 0

    def _part_schema(self, group: Sequence[str]) -> pa.Schema:
        row = pa.field(ROW_NUMBER, pa.int64(), nullable=False)
        return pa.schema([row, *(self._schema.field(name) for name in group)])

    @property
    def row_count(self) -> int:
        """How many rows have been given."""
        return self._next_row + self._pending_rows

    def write(self, batch: pa.RecordBatch) -> None:
        """Add the rows of `batch`, whose columns are the schema's, in any order."""
        taken = batch.select(self._schema.names).cast(self._schema)
        self._pending.append(taken)
        self._pending_rows += taken.num_rows
        while self._pending_rows >= ROW_GROUP_ROWS:
            self._flush(ROW_GROUP_ROWS)

    def _begin(self, first: pa.Table) -> None:
        """Open the parts; how each column is kept follows from its first row group."""
        repeated = {name for name in first.column_names if _comes_again(first.column(name))}
        for group, file in zip(self._groups, self._files, strict=True):
            self._writers.append(_parquet_writer(file, self._part_schema(group), repeated))

    def _flush(self, rows: int) -> None:
        table = pa.Table.from_batches(self._pending, self._schema)
        head, rest = table.slice(0, rows), table.slice(rows)
        if not self._writers:
            self._begin(head)
        numbers = pa.array(np.arange(self._next_row, self._next_row + rows, dtype=np.int64))
        for group, writer in zip(self._groups, self._writers, strict=True):
            columns = [numbers, *(head.column(name) for name in group)]
            part = pa.Table.from_arrays(columns, schema=self._part_schema(group))
            writer.write_table(part, row_group_size=ROW_GROUP_ROWS)
        self._next_row += rows
        self._pending = rest.to_batches() if rest.num_rows else []
        self._pending_rows = rest.num_rows

    def close(self) -> list[Sealed]:
        """Write what is left, end every part, and say what each is, in the order of the groups."""
        if self._pending_rows:
            self._flush(self._pending_rows)
        if not self._writers:
            self._begin(self._schema.empty_table())
        for writer in self._writers:
            writer.close()
        return [file.finish() for file in self._files]

    def abandon(self) -> None:
        """Stop without ending the parts: none of them can be opened as whole."""
        for file in self._files:
            file.abandon()
        for writer in self._writers:
            with suppress(OSError, ValueError, pa.ArrowException):  # its file is closed: expected
                writer.close()


def _comes_again(column: pa.ChunkedArray) -> bool:
    """Whether values come twice or more on average: else a dictionary is no shorter, and is slower."""
    return 2 * int(pc.count_distinct(column).as_py()) <= len(column)


def _parquet_writer(file: SealedFile, schema: pa.Schema, repeated: set[str]) -> pq.ParquetWriter:
    names = [field.name for field in schema]
    return pq.ParquetWriter(
        pa.PythonFile(file, mode="w"),
        schema,
        compression=COMPRESSION,
        use_dictionary=[name for name in names if name in repeated],
        column_encoding={ROW_NUMBER: "DELTA_BINARY_PACKED"},
        write_statistics=names,
        version="2.6",
    )
