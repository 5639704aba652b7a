"""What a reader of a format yields: a table by its name, with its header and its rows as text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from simplr_core.errors import Invalid
from simplr_core.tidy.rows import LONGEST_RAW, BadRow, TextRows

BATCH_ROWS = 16_384
BATCH_CELLS = 1 << 20
MOST_TABLES = 200
MOST_FIELDS = 2_000
LONGEST_LABEL = 200

Beat = Callable[[int], None]
"""Called now and then with the number of rows read so far; may raise to stop."""


class TooManyTables(Invalid):
    """One file gives at most 200 tables here. Split it, or keep it as a file."""

    code = "too-many-tables"


class TooManyFields(Invalid):
    """A table has at most 2,000 fields here. Turn the table around, or split it."""

    code = "too-many-fields"


class FileEncrypted(Invalid):
    """This file is encrypted. Take the password off and put it again, or keep it as a file."""

    code = "file-encrypted"


class FileDamaged(Invalid):
    """This file is damaged or cut off and cannot be read. Send it again, or keep it as a file."""

    code = "file-damaged"


@dataclass(frozen=True, slots=True)
class FoundTable:
    """One table of a file. `rows` reads it from its start, as often as it is called.

    `path` leads from the file to the table (member, sheet, number); `notes` say what was left
    out or put together on the way, without any cell value.
    """

    path: tuple[str, ...]
    name: str
    header: tuple[str, ...]
    rows: Callable[[], Iterator[TextRows]]
    preamble: list[list[str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.header) > MOST_FIELDS:
            raise TooManyFields


@dataclass(frozen=True, slots=True)
class Row:
    """A row on its way: its number from 1, its cells, and why it does not fit, if it does not."""

    record: int
    cells: Sequence[str]
    problem: str = ""


def in_batches(rows: Iterable[Row], width: int) -> Iterator[TextRows]:
    """Rows as columns of text, some thousands at a time. Rows with a problem are put aside."""
    most = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, width)))
    kept: list[Sequence[str]] = []
    records: list[int] = []
    bad: list[BadRow] = []
    for row in rows:
        if row.problem:
            raw = storable("\t".join(row.cells)[:LONGEST_RAW])
            bad.append(BadRow(row.record, row.problem, len(row.cells), raw))
        else:
            kept.append(row.cells)
            records.append(row.record)
        if len(kept) + len(bad) >= most:
            yield _batch(kept, records, bad, width)
            kept, records, bad = [], [], []
    if kept or bad:
        yield _batch(kept, records, bad, width)


def _batch(
    kept: list[Sequence[str]], records: list[int], bad: list[BadRow], width: int
) -> TextRows:
    columns = [_texts(column) for column in zip(*kept, strict=True)]
    if not kept:
        columns = [pa.array([], pa.string()) for _ in range(width)]
    return TextRows(columns, np.array(records, np.int64), bad)


def _texts(column: Sequence[str]) -> pa.Array:
    try:
        return pa.array(column, pa.string())
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON and SQLite can hold
        return pa.array([storable(cell) for cell in column], pa.string())


def storable(text: str) -> str:
    """The text with what is no character shown by its number."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def label(text: str) -> str:
    """A name inside a file as people may see it: one line, no controls, not too long."""
    plain = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in storable(text)
        if unicodedata.category(c) not in ("Cf", "Cs", "Co")
    )
    return " ".join(plain.split())[:LONGEST_LABEL]
