"""Streams of rows in the formats that others read: csv, tsv, linear-tsv, ndjson, parquet, arrow.

Every value is written by the engine, a batch at a time, so memory stays bounded. Dates and times
are ISO 8601 (an instant ends in Z), a missing value is empty (null in ndjson) and so differs from
an empty text, which is `""`.

**Formulas.** A spreadsheet runs a text that begins with = + - @, a tab or a return, also after
blanks or quotes. In csv and tsv such a text gets one apostrophe before it. Nothing is lost: the
apostrophe is added to every text that looks so, those that already begin with apostrophes
included, so taking one away again gives the text that was kept (`restored`). `exact=True` writes
the texts as they are, for programs. The other formats are never changed.

In linear-tsv (see `linear_tsv`) such a text is marked, too, and `exact=True` writes decimals to the
bit, in the hexadecimal notation of C.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from simplr_core.errors import Invalid
from simplr_core.tables import linear_tsv
from simplr_core.tables.schema import Field, FieldType, Schema

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

FORMATS = ("csv", "tsv", "linear-tsv", "ndjson", "parquet", "arrow")
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "linear-tsv": "text/tab-separated-values; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}

WRITER = f"1/{pa.__version__}"
"""The same rows make the same bytes, also in another process, as long as this is the same."""
ROWS_AT_ONCE = 8_192
"""Rows made into text at once: an Arrow text column holds at most 2 GiB."""
PARQUET_ROWS = 65_536

pc: Any = pyarrow.compute  # its stubs refuse what the library accepts
_RISKY = r"""[ \t\n\v\f\r"']*[=+\-@\t\r＝＋－＠]"""
_FORMULA = "^" + _RISKY
_RUN = re.compile(_RISKY)
_RESTORABLE = re.compile("'" + _RISKY)
_CONTROL = r"[\x00-\x1f\x7f]"
_TEXTS = (FieldType.TEXT, FieldType.CATEGORY)


class FormatUnknown(Invalid):
    """Rows come as csv, tsv, linear-tsv, ndjson, parquet or arrow."""

    code = "format-unknown"


class Sink(Protocol):
    """Takes bytes, and keeps no view of them."""

    def write(self, content: bytes | memoryview, /) -> object: ...


def write_stream(
    batches: Iterable[pa.RecordBatch],
    schema: Schema,
    format: str,  # noqa: A002 - the word of the interface
    sink: Sink,
    *,
    exact: bool = False,
) -> int:
    """Write the batches, whose columns are the fields of `schema`; return the number of rows.

    The sink is not closed. Raises FormatUnknown before anything is written.
    """
    counted = _Counted(batches)
    match format:
        case "csv":
            _write_delimited(counted, schema, sink, ",", exact)
        case "tsv":
            _write_delimited(counted, schema, sink, "\t", exact)
        case "linear-tsv":
            _write_linear(counted, schema, sink, exact)
        case "ndjson":
            _write_ndjson(counted, schema, sink)
        case "parquet":
            _write_parquet(counted, schema, sink)
        case "arrow":
            with pa.ipc.new_stream(pa.PythonFile(_Growing(sink), mode="w"), schema.arrow()) as out:
                for batch in counted:
                    out.write_batch(_conformed(batch, schema))
        case _:
            raise FormatUnknown(f"{format!r} is no format: {', '.join(FORMATS)} are.")
    return counted.rows


def texts(batch: pa.RecordBatch, schema: Schema) -> list[list[str | None]]:
    """The rows as texts, as a page shows them; None for a missing value."""
    columns = [_plain_texts(batch.column(f.name), f).to_pylist() for f in schema]
    return [list(row) for row in zip(*columns, strict=True)] or [[] for _ in range(batch.num_rows)]


def harmless(text: str) -> str:
    """The text with the mark that keeps a spreadsheet from running it, where one would."""
    return f"'{text}" if _RUN.match(text) else text


def restored(text: str) -> str:
    """The text that was kept, from the text that a csv or tsv without `exact` shows."""
    return text[1:] if _RESTORABLE.match(text) else text


class _Counted:
    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = batches
        self.rows = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch


class _Growing(io.RawIOBase):
    """A sink as the file that Arrow wants: it can tell how far it is, and cannot go back."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self._sink = sink
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: ReadableBuffer, /) -> int:
        content = memoryview(data).cast("B")
        self._sink.write(content)
        self._position += len(content)
        return len(content)


def _conformed(batch: pa.RecordBatch, schema: Schema) -> pa.RecordBatch:
    """The batch with exactly the types that the schema promises."""
    arrays = [batch.column(f.name).cast(f.arrow_type()) for f in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema.arrow())


def _write_parquet(batches: Iterable[pa.RecordBatch], schema: Schema, sink: Sink) -> None:
    with pq.ParquetWriter(
        pa.PythonFile(_Growing(sink), mode="w"), schema.arrow(), compression="zstd", version="2.6"
    ) as writer:
        waiting: list[pa.RecordBatch] = []
        for batch in batches:
            waiting.append(_conformed(batch, schema))
            if sum(each.num_rows for each in waiting) >= PARQUET_ROWS:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting = []
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))


def _slices(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            yield batch.slice(start, ROWS_AT_ONCE)


def _write_delimited(
    batches: Iterable[pa.RecordBatch], schema: Schema, sink: Sink, delimiter: str, exact: bool
) -> None:
    sink.write((delimiter.join(schema.names) + "\n").encode())
    for piece in _slices(batches):
        columns = [_cells(piece.column(f.name), f, delimiter, exact) for f in schema]
        if len(columns) == 1:
            # An empty line is no row to many readers.
            columns = [pc.if_else(pc.equal(columns[0], ""), '""', columns[0])]
        _write_lines(_joined(columns, delimiter), sink)


def _cells(array: Any, field: Field, delimiter: str, exact: bool) -> Any:
    written = _plain_texts(array, field)
    if field.type in _TEXTS:
        if not exact:
            written = _marked(written)
        quoted = pc.replace_substring(written, '"', '""')
        quoted = pc.binary_join_element_wise('"', quoted, '"', "")
        needs = pc.or_(
            pc.equal(written, ""),
            pc.match_substring_regex(written, f'["{delimiter}\\r\\n]|^\\s|\\s$'),
        )
        written = pc.if_else(needs, quoted, written)
    return pc.fill_null(written, "")


def _marked(texts: Any) -> Any:
    """The texts, with one apostrophe before those that a spreadsheet would run."""
    risky = pc.match_substring_regex(texts, _FORMULA)
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def _write_linear(
    batches: Iterable[pa.RecordBatch], schema: Schema, sink: Sink, exact: bool
) -> None:
    sink.write(("\t".join(schema.names) + "\n").encode())
    for piece in _slices(batches):
        columns = [_linear_cells(piece.column(f.name), f, exact) for f in schema]
        _write_lines(_joined(columns, "\t"), sink)


def _linear_cells(array: Any, field: Field, exact: bool) -> Any:
    if field.type is FieldType.DECIMAL and exact:
        return pc.fill_null(linear_tsv.hexadecimal(array), linear_tsv.MISSING)
    written = _plain_texts(array, field)
    if field.type in _TEXTS:
        written = linear_tsv.escaped(written if exact else _marked(written))
    return pc.fill_null(written, linear_tsv.MISSING)


def _plain_texts(array: Any, field: Field) -> Any:
    """ISO 8601, plain numbers, true and false; null where there is nothing to write."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    match field.type:
        case FieldType.DATETIME:
            written = array.cast(pa.timestamp("us")).cast(pa.string())
            written = pc.replace_substring(written, " ", "T")
            written = pc.replace_substring(written, ".000000", "")
            return pc.binary_join_element_wise(written, "Z", "") if field.is_aware else written
        case FieldType.TIME:
            return pc.replace_substring(array.cast(pa.string()), ".000000", "")
        case FieldType.DECIMAL:
            finite = pc.if_else(pc.is_finite(array), array, pa.scalar(None, pa.float64()))
            return finite.cast(pa.string())
    return array.cast(pa.string())


def _write_ndjson(batches: Iterable[pa.RecordBatch], schema: Schema, sink: Sink) -> None:
    names = [json.dumps(f.name, ensure_ascii=False) for f in schema]
    for piece in _slices(batches):
        parts: list[Any] = []
        for place, (name, field) in enumerate(zip(names, schema, strict=True)):
            parts += [("{" if place == 0 else ",") + name + ":", _json(piece, field)]
        _write_lines(_joined([*parts, "}"], ""), sink)


def _json(piece: pa.RecordBatch, field: Field) -> Any:
    written = _plain_texts(piece.column(field.name), field)
    if field.type in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.BOOLEAN):
        return pc.fill_null(written, "null")
    if pc.any(pc.match_substring_regex(written, _CONTROL)).as_py():
        encoded = [
            None if t is None else json.dumps(t, ensure_ascii=False) for t in written.to_pylist()
        ]
        return pc.fill_null(pa.array(encoded, pa.string()), "null")
    escaped = pc.replace_substring(pc.replace_substring(written, "\\", "\\\\"), '"', '\\"')
    return pc.fill_null(pc.binary_join_element_wise('"', escaped, '"', ""), "null")


def _joined(columns: list[Any], delimiter: str) -> Any:
    return pc.binary_join_element_wise(*columns, delimiter)


def _write_lines(lines: Any, sink: Sink) -> None:
    """The bytes of a text column are its values one after the other: no value is touched again."""
    ended = pc.binary_join_element_wise(lines, "\n", "")
    if isinstance(ended, pa.ChunkedArray):
        ended = ended.combine_chunks()
    _, offsets, content = ended.buffers()
    if content is None or not len(ended):
        return
    places = memoryview(offsets).cast("i")
    first, last = places[ended.offset], places[ended.offset + len(ended)]
    sink.write(memoryview(content)[first:last].tobytes())
