"""Reading the rows of a delimited file as text cells, with every row that does not fit named.

There are two readers of the same rows: Arrow's, for regular files, and Python's csv module, for
the rest (bytes that are no characters, blanks before quotes, very long cells). A property test
holds them to the same rows, cells and row numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from simplr_core.errors import Invalid
from simplr_core.tidy.dialects import ONE_COLUMN, reader_options
from simplr_core.tidy.encodings import Undecodable, Utf8Stream
from simplr_core.tidy.understanding import Dialect, Encoding

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 4 << 20
HEAD = 1 << 20
CAREFUL_ROWS = 16_384
LONGEST_CELL = 64 << 20
LONGEST_RAW = 1 << 16

TOO_FEW = "too-few-cells"
TOO_MANY = "too-many-cells"
UNDECODABLE = "undecodable"


class CellTooLong(Invalid):
    """A cell is longer than 64 MiB. A quotation mark is probably never closed: mend the file."""

    code = "cell-too-long"


class CarefulNeeded(Exception):
    """The quick reader cannot read this file right; the careful one can."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not fit: its number in the file (from 1, after the header), and its text."""

    record: int
    reason: str
    found: int
    raw: str


@dataclass(frozen=True, slots=True)
class TextRows:
    """Some rows as text columns, untrimmed; `records` are their numbers in the file, from 1."""

    columns: list[pa.Array]
    records: npt.NDArray[np.int64]
    bad: list[BadRow] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        return len(self.records)


def read_head(source: BinaryIO, encoding: Encoding, size: int = HEAD) -> str:
    """The first characters of the file. Raises Undecodable."""
    if not encoding.exact:
        source.seek(encoding.bom)
        return source.read(size).decode(encoding.name, "surrogateescape")
    return Utf8Stream(source, encoding).read(size).decode("utf-8", "ignore")


def rows_before_data(head: str, dialect: Dialect) -> tuple[list[list[str]], int]:
    """The preamble rows and the header, and how many characters of `head` they take."""
    wanted = dialect.preamble_rows + dialect.has_header
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        for line in _lines(head):
            taken += len(line)
            yield line

    rows: list[list[str]] = []
    if wanted:
        csv.field_size_limit(LONGEST_CELL)
        for row in csv.reader(lines(), **reader_options(dialect)):  # type: ignore[arg-type]
            if row:
                rows.append(row)
            if len(rows) == wanted:
                break
    return rows, taken


def _lines(text: str) -> Iterator[str]:
    yield from io.StringIO(text, newline="")


class RowReader:
    """The data rows of a file, read by its encoding and dialect, in bounded memory."""

    def __init__(
        self, source: BinaryIO, encoding: Encoding, dialect: Dialect, *, careful: bool = False
    ) -> None:
        self._source = source
        self._encoding = encoding
        self._dialect = dialect
        self.careful = careful or not encoding.exact or not _is_regular(dialect)
        head = read_head(source, encoding)
        before, self._taken = rows_before_data(head, dialect)
        self._skip = len(head[: self._taken].encode("utf-8", "surrogateescape"))
        self.header = before[-1] if dialect.has_header and before else []
        self.preamble = before[: dialect.preamble_rows]

    def __iter__(self) -> Iterator[TextRows]:
        return self._careful() if self.careful else self._quick()

    def _quick(self) -> Iterator[TextRows]:
        stream = Utf8Stream(self._source, self._encoding)
        stream.read(self._skip)
        names = [str(n) for n in range(self._dialect.width)]
        waiting: list[BadRow] = []

        def put_aside(row: arrow_csv.InvalidRow) -> str:
            few = row.actual_columns < row.expected_columns
            reason = TOO_FEW if few else TOO_MANY
            raw = row.text[:LONGEST_RAW]
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
            records = _numbers_after(last, batch.num_rows, waiting)
            last = int(records[-1]) if len(records) else last
            passed = [row for row in waiting if row.record <= last]
            del waiting[: len(passed)]
            yield TextRows(batch.columns, records, passed)
        if waiting:
            empty = [pa.array([], pa.string()) for _ in names]
            yield TextRows(empty, np.zeros(0, np.int64), waiting)

    def _careful(self) -> Iterator[TextRows]:
        csv.field_size_limit(LONGEST_CELL)
        self._source.seek(self._encoding.bom)
        errors = "strict" if self._encoding.exact else "surrogateescape"
        text = io.TextIOWrapper(
            io.BufferedReader(_Borrowed(self._source), 1 << 20),
            encoding=self._encoding.name,
            errors=errors,
            newline="",
        )
        seen: list[str] = []

        def lines() -> Iterator[str]:
            for line in text:
                seen.append(line)
                yield line

        options = reader_options(self._dialect)
        reader = csv.reader(lines(), **options)  # type: ignore[arg-type]
        before = self._dialect.preamble_rows + self._dialect.has_header
        rows: list[list[str]] = []
        records: list[int] = []
        bad: list[BadRow] = []
        record = -before
        try:
            for row in reader:
                raw, seen[:] = seen[:], []
                if not row:
                    continue
                record += 1
                if record <= 0:
                    continue
                problem = self._problem(row)
                if problem:
                    shown = "".join(raw).rstrip("\r\n")[:LONGEST_RAW]
                    shown = shown.encode("utf-8", "backslashreplace").decode("utf-8")
                    bad.append(BadRow(record, problem, len(row), shown))
                else:
                    rows.append(row)
                    records.append(record)
                if len(rows) + len(bad) >= CAREFUL_ROWS:
                    yield self._text_rows(rows, records, bad)
                    rows, records, bad = [], [], []
        except csv.Error as error:
            raise CellTooLong from error
        except UnicodeDecodeError as error:
            raise Undecodable from error
        if rows or bad:
            yield self._text_rows(rows, records, bad)

    def _problem(self, row: list[str]) -> str:
        if len(row) != self._dialect.width:
            return TOO_FEW if len(row) < self._dialect.width else TOO_MANY
        if not self._encoding.exact:
            try:
                "".join(row).encode()
            except UnicodeEncodeError:
                return UNDECODABLE
        return ""

    def _text_rows(self, rows: list[list[str]], records: list[int], bad: list[BadRow]) -> TextRows:
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        if not rows:
            columns = [pa.array([], pa.string()) for _ in range(self._dialect.width)]
        return TextRows(columns, np.array(records, np.int64), bad)


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
    return delimiter.isascii() and not dialect.skip_initial_space


def _numbers_after(last: int, count: int, bad: list[BadRow]) -> npt.NDArray[np.int64]:
    """The next `count` record numbers after `last` that no bad row has."""
    if not bad:
        return np.arange(last + 1, last + 1 + count, dtype=np.int64)
    taken = np.array([row.record for row in bad], np.int64)
    numbers = np.arange(last + 1, last + 1 + count + len(taken), dtype=np.int64)
    free: npt.NDArray[np.int64] = numbers[~np.isin(numbers, taken)][:count]
    return free
