"""Reading a Parquet file that came in, whose types are its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.headers import field_names
from simplr_core.tidy.understanding import Confidence, FieldUnderstanding

BATCH_ROWS = 65_536
CARELESS_SIZE = 1 << 30


class ParquetUnreadable(Invalid):
    """This Parquet file cannot be read. It may be cut off or encrypted; send it again."""

    code = "parquet-unreadable"


@dataclass(frozen=True, slots=True)
class ParquetRows:
    """Some rows in the types of the fields; how many values of each no type could hold."""

    columns: list[pa.Array]
    unreadable: list[int]
    lost: list[pa.Array]
    row_count: int


class ParquetTable:
    """The fields and rows of a Parquet file. Raises ParquetUnreadable."""

    def __init__(self, source: BinaryIO) -> None:
        source.seek(0)
        try:
            self._file = pq.ParquetFile(pa.PythonFile(source, mode="r"))
            schema = self._file.schema_arrow
            self._names = schema.names
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise ParquetUnreadable from error
        names = field_names(list(schema.names), len(schema.names))
        self.fields = [
            _understood(name, source_name, arrow.type)
            for name, source_name, arrow in zip(names, schema.names, schema, strict=True)
        ]

    def __iter__(self) -> Iterator[ParquetRows]:
        wanted = [found.field for found in self.fields]
        try:
            for batch in self._file.iter_batches(BATCH_ROWS):
                # A file says of its bytes that they are text; they need not be.
                batch.validate(full=True)
                read = [_as_type(c, f) for c, f in zip(batch.columns, wanted, strict=True)]
                lost = [_lost(*pair) for pair in zip(batch.columns, read, strict=True)]
                counts = [pc.sum(mask).as_py() or 0 for mask in lost]
                yield ParquetRows(read, counts, lost, batch.num_rows)
        except (pa.ArrowException, OSError) as error:
            raise ParquetUnreadable from error


def _lost(column: pa.Array, made: pa.Array) -> pa.Array:
    """Where a value became null. A NaN says that there is none: it is missing, not lost."""
    lost = pc.and_(column.is_valid(), pc.invert(made.is_valid()))
    if pa.types.is_floating(column.type):
        lost = pc.and_not(lost, pc.is_nan(column).fill_null(False))
    return lost


def as_texts(column: pa.Array) -> list[str]:
    """The values as text, as the recogniser of personal data reads them."""
    return [str(value) for value in column.to_pylist()]


def _understood(name: str, source_name: str, kind: pa.DataType) -> FieldUnderstanding:
    found, form = _type_of(kind)
    nested = found is FieldType.TEXT and not _is_text(kind)
    return FieldUnderstanding(
        Field(name, source_name, found, format=form),
        Confidence.LIKELY if nested else Confidence.CERTAIN,
        "The file holds nested or binary values, kept as text."
        if nested
        else "The file says so itself.",
    )


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(
        pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_null(inner)
    )


def _type_of(kind: pa.DataType) -> tuple[FieldType, str]:
    types = pa.types
    if types.is_dictionary(kind):
        return (FieldType.CATEGORY, "") if _is_text(kind) else _type_of(kind.value_type)
    if types.is_integer(kind):
        return FieldType.INTEGER, ""
    if types.is_floating(kind) or types.is_decimal(kind):
        return FieldType.DECIMAL, ""
    if types.is_boolean(kind):
        return FieldType.BOOLEAN, "true|false"
    if types.is_date(kind):
        return FieldType.DATE, "%Y-%m-%d"
    if types.is_time(kind):
        return FieldType.TIME, "%H:%M:%S"
    if types.is_timestamp(kind):
        return FieldType.DATETIME, "%Y-%m-%dT%H:%M:%S%z" if kind.tz else "%Y-%m-%dT%H:%M:%S"
    return FieldType.TEXT, ""


def _as_type(column: pa.Array, field: Field) -> pa.Array:
    """The column in the type of `field`; null where a value does not fit that type."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    wanted = field.arrow_type()
    if column.type == wanted:
        made = column
    elif pa.types.is_string(wanted):
        made = _as_text(column)
    elif pa.types.is_timestamp(wanted) or pa.types.is_time(wanted):
        made = column.cast(wanted, safe=False)
    elif pa.types.is_integer(wanted) and column.type == pa.uint64():
        fits = pc.less_equal(column, pa.scalar(2**63 - 1, pa.uint64()))
        made = pc.if_else(fits, column, pa.scalar(None, column.type)).cast(wanted)
    else:
        made = column.cast(wanted, safe=False)
    if pa.types.is_floating(wanted):
        made = pc.if_else(pc.is_finite(made), made, pa.scalar(None, wanted))
    return made


def _as_text(column: pa.Array) -> pa.Array:
    if pa.types.is_large_string(column.type) or pa.types.is_null(column.type):
        return column.cast(pa.string())
    if pa.types.is_binary(column.type) or pa.types.is_fixed_size_binary(column.type):
        values = [None if v is None else v.hex() for v in column.to_pylist()]
    else:
        values = [
            None if v is None else json.dumps(v, default=str, ensure_ascii=False)
            for v in column.to_pylist()
        ]
    return pa.array(values, pa.string())
