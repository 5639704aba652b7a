"""Reading a table out of its sealed parts, in row order, opening only the parts that are asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simplr_core.crypto import Key, RangeSource, UnsealingReader
from simplr_core.errors import Corrupt
from simplr_core.tables.schema import ROW_NUMBER, FieldUnknown


class PartsDisagree(Corrupt):
    """The parts of a version do not hold the same rows. Restore them from a backup."""

    code = "parts-disagree"


class PartUnreadable(Corrupt):
    """A part of a version is not the table it should be. Restore it from a backup."""

    code = "part-unreadable"


@dataclass(frozen=True, slots=True)
class SealedPart:
    """One part, and what opens it. `header` is pinned, so that an older part is refused."""

    fields: tuple[str, ...]
    key: Key = field(repr=False)
    context: bytes
    header: bytes | None
    sealed_size: int
    source: RangeSource = field(repr=False)
    object: str = ""
    """The id of the sealed object, for whoever has to restore it."""


class PartsReader:
    """The rows of a version as record batches, in row order.

    Only the parts that hold an asked column are opened; the others need no key. `columns` are
    field names in the order wanted (None: every field of the given parts, part by part) and may
    name `_row`. Rows before `offset` and after `limit` are not read where whole row groups allow.
    With `by_dictionary` texts of which few differ come as dictionaries: to read them is a third of
    the work, and a condition looks at each value once. Iterating raises PartsDisagree when the
    parts do not hold the same rows, and Corrupt when a part was changed.
    """

    def __init__(
        self,
        parts: Sequence[SealedPart],
        columns: Sequence[str] | None = None,
        *,
        offset: int = 0,
        limit: int | None = None,
        by_dictionary: bool = False,
    ) -> None:
        known = {name: part for part in parts for name in part.fields}
        self.columns = tuple(known) if columns is None else tuple(columns)
        asked = [name for name in self.columns if name != ROW_NUMBER]
        for name in asked:
            if name not in known:
                raise FieldUnknown(f"The data set has no field {name!r}.", field=name)
        chosen = [part for part in parts if any(name in part.fields for name in asked)]
        if not chosen:
            chosen = list(parts[:1])  # only row numbers are asked, or nothing: count with part 0
        self._wanted = [[n for n in part.fields if n in asked] for part in chosen]
        self._offset = max(0, offset)
        self._limit = limit
        self._by_dictionary = by_dictionary
        self._readers: list[UnsealingReader] = []
        self._files: list[pq.ParquetFile] = []
        try:
            for part in chosen:
                self._open(part)
            self._groups = self._agreed_row_groups()
        except BaseException:
            self.close()
            raise

    def _open(self, part: SealedPart) -> None:
        reader = UnsealingReader(
            part.source,
            key=part.key,
            context=part.context,
            sealed_size=part.sealed_size,
            header=part.header,
            object=part.object,
        )
        self._readers.append(reader)
        try:
            file = pq.ParquetFile(pa.PythonFile(reader, mode="r"))
            if self._by_dictionary and (names := _of_few_values(file, part.fields)):
                file = pq.ParquetFile(
                    pa.PythonFile(reader, mode="r"), metadata=file.metadata, read_dictionary=names
                )
        except (pa.ArrowException, OSError) as error:
            raise PartUnreadable from error
        self._files.append(file)
        stored = set(file.schema_arrow.names)
        if not stored.issuperset({ROW_NUMBER, *part.fields}):
            raise PartUnreadable("A part lacks a field that it should hold.")

    def _agreed_row_groups(self) -> list[int]:
        counts = [
            [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
            for file in self._files
        ]
        if any(count != counts[0] for count in counts):
            raise PartsDisagree
        return counts[0] if counts else []

    @property
    def row_count(self) -> int:
        """How many rows the version has, whatever `offset` and `limit` say."""
        return sum(self._groups)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the batches."""
        found = {ROW_NUMBER: pa.field(ROW_NUMBER, pa.int64(), nullable=False)}
        for file, wanted in zip(self._files, self._wanted, strict=True):
            for name in wanted:
                found[name] = file.schema_arrow.field(name)
        return pa.schema([found[name] for name in self.columns])

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        start = 0
        last = self.row_count if self._limit is None else self._offset + max(0, self._limit)
        for index, rows in enumerate(self._groups):
            if start + rows > self._offset and start < last:
                low, high = max(0, self._offset - start), min(rows, last - start)
                yield self._read_row_group(index, start, rows).slice(low, high - low)
            start += rows

    def _read_row_group(self, index: int, start: int, rows: int) -> pa.RecordBatch:
        columns: dict[str, pa.Array] = {}
        for file, wanted in zip(self._files, self._wanted, strict=True):
            # Numbers join parts. What Parquet says of them, sealed like them, tells the same.
            told = _numbers_told(file, index)
            if told not in (None, (start, rows)):
                raise PartsDisagree
            is_known = told is not None and bool(wanted) and ROW_NUMBER not in self.columns
            names = wanted if is_known else [ROW_NUMBER, *wanted]
            try:
                table = file.read_row_group(index, columns=names)
            except (pa.ArrowException, OSError) as error:
                raise PartUnreadable from error
            for name in names:
                columns[name] = _one_array(table.column(name))
            if not is_known:
                _check_numbers(columns[ROW_NUMBER], start, rows)
        arrays = [columns[name] for name in self.columns]
        if not arrays:
            return pa.RecordBatch.from_arrays([columns[ROW_NUMBER]], [ROW_NUMBER]).select([])
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def close(self) -> None:
        """Let go of the parts."""
        for file in self._files:
            file.close(force=True)
        for reader in self._readers:
            reader.close()
        self._files, self._readers = [], []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _of_few_values(file: pq.ParquetFile, names: Sequence[str]) -> list[str]:
    """Those of these fields that are texts and take at most a byte a row: few of them differ.

    Where most differ, a dictionary costs more than the texts: Arrow looks each of them up.
    """
    room = {
        name: file.metadata.num_rows
        for name in names
        if pa.types.is_string(file.schema_arrow.field(name).type)
    }
    for index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(index)
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema in room:
                room[column.path_in_schema] -= column.total_uncompressed_size
    return [name for name, left in room.items() if left >= 0]


def _numbers_told(file: pq.ParquetFile, index: int) -> tuple[int, int] | None:
    """The first row number of a row group and how many there are, each once, as its part says.

    None where it does not say. The numbers are written in order and without a gap, so the first
    and the last tell all of them.
    """
    group = file.metadata.row_group(index)
    said = group.column(file.schema_arrow.get_field_index(ROW_NUMBER)).statistics
    if said is None or not said.has_min_max or said.null_count:
        return None
    return int(said.min), int(said.max) - int(said.min) + 1


def _check_numbers(numbers: pa.Array, start: int, rows: int) -> None:
    expected = np.arange(start, start + rows, dtype=np.int64)
    if numbers.null_count or not np.array_equal(numbers.to_numpy(), expected):
        raise PartsDisagree


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
