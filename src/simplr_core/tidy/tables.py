"""Reading a file as a typed table, by an understanding of it: rows kept, and the quarantine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from simplr_core.errors import Conflict
from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy import parquet
from simplr_core.tidy.cells import mostly_same, read_cells, trim, without_missing
from simplr_core.tidy.measures import have_another_unit, unit_in
from simplr_core.tidy.media import PARQUET
from simplr_core.tidy.opening import Entered, enter_table
from simplr_core.tidy.reading import BadRow, RowReader, TextRows
from simplr_core.tidy.recipe.cleaning import PLAIN, Cleaning
from simplr_core.tidy.recipe.unpivot import Unpivot
from simplr_core.tidy.understanding import Understanding

NOT_REPRESENTABLE = "not-representable"
OTHER_UNIT = "other-unit"
Numbers = npt.NDArray[np.int64]

QUARANTINE_SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("kept_row", pa.int64()),
        pa.field("field", pa.string()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("raw", pa.string()),
    ]
)
"""What was put aside: a whole row (no field), or a cell of a kept row that is missing there.

`row` counts the rows of the file from 1, after the header; `kept_row` is `_row` of the table.
"""


class TableGone(Conflict):
    """The file holds no such table any more. Understand it again."""

    code = "table-gone"


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Kept rows in the types of the schema, and what was put aside on the way."""

    batch: pa.RecordBatch
    quarantine: pa.RecordBatch
    bad_row_count: int
    bad_cell_counts: list[int]
    """Of each field that is read."""
    made_count: int = 0
    """How many rows there are more than those of the file: by unpivoting."""


def read_table(
    source: BinaryIO, understanding: Understanding, cleaning: Cleaning | None = None
) -> Iterator[TypedRows]:
    """All rows of `source`, read as `understanding` says, in order and in bounded memory.

    With `cleaning` the steps of its recipe are done on the way; without, cells are trimmed. Nothing is dropped: a row is either kept or in the quarantine, and a cell that is no value of
    its type is missing in the table and in the quarantine with its text.
    """
    fields = [found.field for found in understanding.fields]
    cleaning = cleaning or Cleaning(PLAIN, fields)
    if understanding.media_type == PARQUET:
        place = enter_table(source, understanding)
        if place is None:
            raise TableGone
        return _read_parquet(place.source, fields, cleaning.dropped)
    return _read_texts(read_texts(source, understanding), fields, cleaning)


def unpivoted(rows: TypedRows, unpivot: Unpivot) -> Iterator[TypedRows]:
    """The rows made of these. What was put aside comes with the first of them."""
    entries = list(unpivot.aside(rows.quarantine.to_pylist()))
    aside = pa.RecordBatch.from_pylist(entries, QUARANTINE_SCHEMA)
    nothing = _together([])
    made = rows.batch.num_rows * (len(unpivot.taken) - 1)
    yield replace(rows, batch=unpivot.nothing(), quarantine=aside, made_count=made)
    for batch in unpivot.rows(rows.batch):
        yield TypedRows(batch, nothing, 0, [0] * len(rows.bad_cell_counts))


def read_texts(source: BinaryIO, understanding: Understanding) -> Iterator[TextRows]:
    """All rows of `source` as text cells, in order. Raises TableGone."""
    place = enter_table(source, understanding)
    if place is None:
        raise TableGone
    if place.table is None:
        reader = RowReader(
            place.source,
            understanding.encoding,
            understanding.dialect,
            careful=understanding.careful,
            known=not understanding.careful,
        )
        return iter(reader)
    if len(place.table.header) != len(understanding.fields):
        raise TableGone
    return _while_open(place, place.table.rows())


def _while_open(place: Entered, rows: Iterator[TextRows]) -> Iterator[TextRows]:
    yield from rows


def _read_texts(
    batches: Iterable[TextRows], fields: list[Field], cleaning: Cleaning
) -> Iterator[TypedRows]:
    kept_fields = [(n, field) for n, field in enumerate(fields) if n not in cleaning.dropped]
    schema = pa.schema([field.arrow() for _, field in kept_fields])
    start = 0
    for read in batches:
        rows = cleaning.rows(read)
        kept = np.arange(start, start + rows.row_count, dtype=np.int64)
        arrays, aside, counts = [], [_of_rows(rows.bad)], []
        for position, field in kept_fields:
            texts = rows.columns[position]
            values, unreadable = read_column(texts, field, cleaning, position)
            arrays.append(values)
            counts.append(int(unreadable.sum()))
            if counts[-1]:
                shown = trim(texts.filter(pa.array(unreadable)))
                places = rows.records[unreadable], kept[unreadable]
                aside += _of_unreadable(*places, field, shown)
        batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
        yield TypedRows(batch, _together(aside), len(rows.bad), counts)
        start += rows.row_count


def read_column(
    texts: pa.Array, field: Field, cleaning: Cleaning, position: int
) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """The values of a column, and a mask of the cells that hold something else."""
    encoded = texts.dictionary_encode() if mostly_same(texts) else None
    if encoded is not None and len(encoded.dictionary) * 4 >= len(texts):
        encoded = None
    distinct = texts if encoded is None else encoded.dictionary
    is_text = field.type in (FieldType.TEXT, FieldType.CATEGORY)
    # Blanks around a number or a date mean nothing.
    raw = distinct if is_text else trim(distinct)
    weights = None if encoded is None else np.bincount(encoded.indices, minlength=len(raw))
    cells = cleaning.cells(position, raw, weights)
    present = without_missing(cells, field.missing_codes)
    cleaning.note_missing(position, cells, present, weights)
    values = read_cells(present, field)
    lost = np.asarray(present.is_valid()) & ~np.asarray(values.is_valid())
    if is_text:
        lost[:] = False
    if encoded is not None:
        return values.take(encoded.indices), lost[np.asarray(encoded.indices)]
    return values, lost


def _read_parquet(
    source: BinaryIO, fields: list[Field], dropped: Collection[int]
) -> Iterator[TypedRows]:
    left = [n for n in range(len(fields)) if n not in dropped]
    schema = pa.schema([fields[n].arrow() for n in left])
    start = 0
    for rows in parquet.ParquetTable(source):
        kept = np.arange(start, start + rows.row_count, dtype=np.int64)
        aside = []
        for position in left:
            if n := rows.unreadable[position]:
                lost = np.asarray(rows.lost[position])
                nothing = pa.nulls(n, pa.string())
                name = fields[position].name
                aside.append(
                    _of_cells(kept[lost] + 1, kept[lost], name, NOT_REPRESENTABLE, nothing)
                )
        batch = pa.RecordBatch.from_arrays([rows.columns[n] for n in left], schema=schema)
        yield TypedRows(batch, _together(aside), 0, [rows.unreadable[n] for n in left])
        start += rows.row_count


def _of_rows(bad: list[BadRow]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [
            pa.array([row.record for row in bad], pa.int64()),
            pa.nulls(len(bad), pa.int64()),
            pa.nulls(len(bad), pa.string()),
            pa.array([row.reason for row in bad], pa.string()),
            pa.array([row.raw for row in bad], pa.string()),
        ],
        schema=QUARANTINE_SCHEMA,
    )


def _of_unreadable(
    records: Numbers, kept: Numbers, field: Field, texts: pa.Array
) -> Iterator[pa.RecordBatch]:
    """Cells that are no values of their field: apart those of another unit than the others."""
    others = np.zeros(len(texts), np.bool_)
    if field.type is FieldType.DECIMAL and unit_in(field.format):
        others = np.asarray(have_another_unit(texts, field.format))
    for mask, reason in ((~others, f"not-{field.type.value}"), (others, OTHER_UNIT)):
        if mask.any():
            there = texts.filter(pa.array(mask))
            yield _of_cells(records[mask], kept[mask], field.name, reason, there)


def _of_cells(
    records: object, kept: object, name: str, reason: str, texts: pa.Array
) -> pa.RecordBatch:
    n = len(texts)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(records, pa.int64()),
            pa.array(kept, pa.int64()),
            pa.array([name] * n, pa.string()),
            pa.array([reason] * n, pa.string()),
            texts,
        ],
        schema=QUARANTINE_SCHEMA,
    )


def _together(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    filled = [batch for batch in batches if batch.num_rows]
    if not filled:
        return pa.RecordBatch.from_arrays(
            [pa.array([], field.type) for field in QUARANTINE_SCHEMA], schema=QUARANTINE_SCHEMA
        )
    table = pa.Table.from_batches(filled, QUARANTINE_SCHEMA).sort_by("row").combine_chunks()
    return table.to_batches()[0]
