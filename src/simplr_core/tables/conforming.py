"""Rows of one schema as rows of a wider one: fields by name, types that lose nothing."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, Schema


class WideningLoses(Invalid):
    """A field holds whole numbers too large for a decimal. Make it text, or correct its type."""

    code = "widening-loses"


def conformed(batch: pa.RecordBatch, schema: Schema) -> pa.RecordBatch:
    """The rows with the fields of `schema`: one that they lack is missing, others are widened.

    A whole number becomes a decimal where that is exact, and anything becomes text. Raises
    WideningLoses.
    """
    columns = [
        widened(batch.column(field.name), field)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.arrow_type())
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema.arrow())


def widened(column: Any, field: Field) -> Any:
    """The cells in the type of `field`, where nothing of them gets lost. Raises WideningLoses."""
    wanted = field.arrow_type()
    if column.type == wanted:
        return column
    if pa.types.is_string(wanted):
        return _as_text(column)
    try:
        return column.cast(wanted)
    except pa.ArrowInvalid as error:
        raise WideningLoses(field=field.name) from error


def _as_text(column: Any) -> Any:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        texts = column.cast(pa.timestamp("us")).cast(pa.string())
        return pc.binary_join_element_wise(texts, "Z", "")
    return column.cast(pa.string())
