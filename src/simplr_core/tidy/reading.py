"""Reading the rows of a delimited file as text cells, with every row that does not fit named.

There are two readers of the same rows: Arrow's, for regular files, and a careful one over Python's
csv module, for the rest (bytes that are no characters, blanks before quotes, stray quotation marks,
short rows to fill, very long cells). A property test holds them to the same rows, cells and row
numbers.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from simplr_core.errors import Invalid
from simplr_core.tidy.encodings import Undecodable, Utf8Stream
from simplr_core.tidy.fixed_width import is_rule, runs_across
from simplr_core.tidy.layout import joined_names
from simplr_core.tidy.quotes import CarefulNeeded, StrayQuotes
from simplr_core.tidy.records import ONE_COLUMN, Record, TooLong, records
from simplr_core.tidy.rows import (
    ACROSS_COLUMNS,
    COMMENT,
    DRAWN_LINE,
    LONGEST_RAW,
    TOO_FEW,
    TOO_MANY,
    UNDECODABLE,
    BadRow,
    TextRows,
    without_footer,
    without_header_again,
)
from simplr_core.tidy.understanding import Dialect, Encoding

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["BadRow", "CarefulNeeded", "CellTooLong", "RowReader", "TextRows", "read_head"]

BLOCK = 4 << 20
HEAD = 1 << 20
CAREFUL_ROWS = 16_384


class CellTooLong(Invalid):
    """A cell is longer than 64 MiB. A quotation mark is probably never closed: mend the file."""

    code = "cell-too-long"


def read_head(source: BinaryIO, encoding: Encoding, size: int = HEAD) -> str:
    """The first characters of the file. Raises Undecodable."""
    if not encoding.exact:
        source.seek(encoding.bom)
        try:
            return source.read(size).decode(encoding.name, "surrogateescape")
        except UnicodeDecodeError as error:
            raise Undecodable from error
    return Utf8Stream(source, encoding).read(size).decode("utf-8", "ignore")


def rows_before_data(head: str, dialect: Dialect) -> tuple[list[list[str]], int]:
    """The preamble rows and the header, and how many characters of `head` they take."""
    wanted = dialect.preamble_rows + dialect.has_header * dialect.header_rows
    rows: list[list[str]] = []
    if wanted:
        for record in records(io.StringIO(head, newline=""), dialect):
            rows.append(record.cells)
            if len(rows) == wanted:
                return rows, record.end
    return rows, len(head) if wanted else 0


class RowReader:
    """The data rows of a file, read by its encoding and dialect, in bounded memory.

    A file that is `known` was read whole by them before, and needed no `careful` reader: stray
    quotation marks are not looked for again.
    """

    def __init__(
        self,
        source: BinaryIO,
        encoding: Encoding,
        dialect: Dialect,
        *,
        careful: bool = False,
        known: bool = False,
    ) -> None:
        self._source = source
        self._known = known
        self._encoding = encoding
        self._dialect = dialect
        self.careful = careful or not encoding.exact or not _is_regular(dialect)
        head = read_head(source, encoding)
        before, self._taken = rows_before_data(head, dialect)
        self._skip = len(head[: self._taken].encode("utf-8", "surrogateescape"))
        names = before[dialect.preamble_rows :]
        joined = joined_names(names, dialect.width) if dialect.has_header and names else []
        self.header = list(map(_storable, joined))
        self._last_names = names[-1] if names else []
        self.preamble = [list(map(_storable, row)) for row in before[: dialect.preamble_rows]]
        self.mended_count = 0
        """Rows with a stray quotation mark that was read as a character, so far."""

    def __iter__(self) -> Iterator[TextRows]:
        rows = self._careful() if self.careful else self._quick()
        if self._dialect.has_header:
            rows = without_header_again(rows, self._last_names)
        return without_footer(rows)

    def _quick(self) -> Iterator[TextRows]:
        look_at = None if self._known else StrayQuotes(self._dialect).look_at
        stream = Utf8Stream(self._source, self._encoding, look_at=look_at)
        stream.read(self._skip)
        names = [str(n) for n in range(self._dialect.width)]
        waiting: list[BadRow] = []
        doubtful: list[int] = []

        def put_aside(row: arrow_csv.InvalidRow) -> str:
            few = row.actual_columns < row.expected_columns
            reason = TOO_FEW if few else TOO_MANY
            raw = row.text[:LONGEST_RAW]
            if self._dialect.quote and self._dialect.quote in row.text:
                doubtful.append(row.number)
            waiting.append(BadRow(row.number, reason, row.actual_columns, raw))
            return "skip"

        try:
            reader = arrow_csv.open_csv(
                pa.PythonFile(stream, mode="r"),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=BLOCK, column_names=names
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self._dialect.delimiter or ONE_COLUMN,
                    quote_char=self._dialect.quote or False,
                    escape_char=self._dialect.escape or False,
                    newlines_in_values=True,
                    ignore_empty_lines=True,
                    invalid_row_handler=put_aside,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in names},
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return
            raise CarefulNeeded from error
        last = 0
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            except pa.ArrowInvalid as error:
                raise CarefulNeeded from error
            if doubtful:
                raise CarefulNeeded
            numbers = _numbers_after(last, batch.num_rows, waiting)
            last = int(numbers[-1]) if len(numbers) else last
            passed = [row for row in waiting if row.record <= last]
            del waiting[: len(passed)]
            yield TextRows(batch.columns, numbers, passed)
        if doubtful:
            raise CarefulNeeded
        if waiting:
            empty = [pa.array([], pa.string()) for _ in names]
            yield TextRows(empty, np.zeros(0, np.int64), waiting)

    def _careful(self) -> Iterator[TextRows]:
        self._source.seek(self._encoding.bom)
        errors = "strict" if self._encoding.exact else "surrogateescape"
        text = io.TextIOWrapper(
            io.BufferedReader(_Borrowed(self._source), 1 << 20),
            encoding=self._encoding.name,
            errors=errors,
            newline="",
        )
        rows: list[list[str]] = []
        numbers: list[int] = []
        bad: list[BadRow] = []
        try:
            text.read(self._taken)
            found = records(text, self._dialect, self._dialect.width)
            for number, record in enumerate(found, start=1):
                cells, problem = self._fitted(record)
                if problem:
                    bad.append(BadRow(number, problem, len(cells), _shown(record.raw)))
                else:
                    rows.append(cells)
                    numbers.append(number)
                    self.mended_count += record.is_mended
                if len(rows) + len(bad) >= CAREFUL_ROWS:
                    yield self._text_rows(rows, numbers, bad)
                    rows, numbers, bad = [], [], []
        except TooLong as error:
            raise CellTooLong from error
        except UnicodeDecodeError as error:
            raise Undecodable from error
        if rows or bad:
            yield self._text_rows(rows, numbers, bad)

    def _fitted(self, record: Record) -> tuple[list[str], str]:
        """The cells of the record, filled up if that is how the file is, and why they do not fit."""
        cells, dialect = record.cells, self._dialect
        if dialect.comment and record.raw.startswith(dialect.comment):
            return cells, COMMENT
        if dialect.cuts and (problem := _in_columns(record, dialect)):
            return cells, problem
        if 0 < dialect.fill_from <= len(cells) < dialect.width:
            cells = cells + [""] * (dialect.width - len(cells))
        if len(cells) != dialect.width:
            return cells, TOO_FEW if len(cells) < dialect.width else TOO_MANY
        if not self._encoding.exact:
            try:
                "".join(cells).encode()
            except UnicodeEncodeError:
                return cells, UNDECODABLE
        return cells, ""

    def _text_rows(self, rows: list[list[str]], numbers: list[int], bad: list[BadRow]) -> TextRows:
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        if not rows:
            columns = [pa.array([], pa.string()) for _ in range(self._dialect.width)]
        return TextRows(columns, np.array(numbers, np.int64), bad)


def _in_columns(record: Record, dialect: Dialect) -> str:
    """Why a line does not stand in the columns of its file, if it does not."""
    if is_rule(record.cells):
        return DRAWN_LINE
    return ACROSS_COLUMNS if runs_across(record.raw, dialect.cuts) else ""


def _shown(raw: str) -> str:
    """The text of a row as it may be kept: bytes that are no characters by their numbers."""
    return _storable(raw.rstrip("\r\n")[:LONGEST_RAW])


def _storable(text: str) -> str:
    """The text as it was read, bytes that are no characters by their numbers: `\\xff`."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class _Borrowed(io.RawIOBase):
    """A raw view of a stream that is not closed with it."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer).cast("B")
        piece = self._source.read(len(target))
        target[: len(piece)] = piece
        return len(piece)


def _is_regular(dialect: Dialect) -> bool:
    delimiter = dialect.delimiter or ONE_COLUMN
    plain = not (dialect.skip_initial_space or dialect.fill_from or dialect.comment or dialect.cuts)
    return plain and delimiter.isascii() and len(delimiter) == 1


def _numbers_after(last: int, count: int, bad: list[BadRow]) -> npt.NDArray[np.int64]:
    """The next `count` record numbers after `last` that no bad row has."""
    if not bad:
        return np.arange(last + 1, last + 1 + count, dtype=np.int64)
    taken = np.array([row.record for row in bad], np.int64)
    numbers = np.arange(last + 1, last + 1 + count + len(taken), dtype=np.int64)
    free: npt.NDArray[np.int64] = numbers[~np.isin(numbers, taken)][:count]
    return free
