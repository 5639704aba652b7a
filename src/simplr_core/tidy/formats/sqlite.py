"""SQLite: each table of a database that is opened from memory, read-only, and never from a path."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from simplr_core.tidy.formats.found import (
    Beat,
    FileDamaged,
    FoundTable,
    Row,
    in_batches,
    label,
)
from simplr_core.tidy.formats.records import as_text
from simplr_core.tidy.rows import TextRows

SQLITE = "application/vnd.sqlite3"
MOST_HELD = 512 << 20
BEAT_ROWS = 4_096
_READING = {
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_PRAGMA,
}


class DatabaseDamaged(FileDamaged):
    """This SQLite file is damaged, or does more than hold tables. Export its tables as CSV."""

    code = "database-damaged"


class DatabaseTooLarge(FileDamaged):
    """A SQLite file has at most 512 MiB here. Export its tables as CSV and put those."""

    code = "database-too-large"


def read_sqlite(
    source: BinaryIO, size: int, *, path: Sequence[str], beat: Beat
) -> Iterator[FoundTable]:
    """The tables of the database, in the order they were made. Views and virtual tables are not."""
    if size > MOST_HELD:
        raise DatabaseTooLarge
    source.seek(0)
    content = source.read(size)
    _check_whole(content)
    base = sqlite3.connect(":memory:", isolation_level=None)
    try:
        base.deserialize(content)
        base.text_factory = lambda raw: raw.decode("utf-8", "replace")
        base.execute("PRAGMA trusted_schema = OFF")
        base.execute("PRAGMA query_only = ON")
        base.execute("PRAGMA cell_size_check = ON")
        base.set_authorizer(_only_reading)
        for name, columns in _tables_of(base):
            if path and path[0] != label(name):
                continue
            yield FoundTable(
                path=(label(name),),
                name=label(name),
                header=tuple(columns),
                rows=_Rows(base, name, columns, beat),
            )
    except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError, OverflowError) as error:
        raise DatabaseDamaged from error
    finally:
        base.close()


def _check_whole(content: bytes) -> None:
    """The header says how many pages there are, where it was written together with them."""
    if len(content) < 100:
        raise DatabaseDamaged
    page_size, page_count = struct.unpack_from(">H", content, 16)[0], content[28:32]
    is_valid = content[24:28] == content[92:96]
    size = (65_536 if page_size == 1 else page_size) * int.from_bytes(page_count, "big")
    if is_valid and len(content) < size:
        raise DatabaseDamaged


def _only_reading(action: int, first: str | None, *rest: str | None) -> int:
    """What the file's own definitions may make SQLite do: read its tables."""
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_OK if rest and rest[0] in ("typeof",) else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in ("table_info",) else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _tables_of(base: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    found = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    tables = []
    for name, sql in found:
        is_plain = str(sql or "").lstrip().casefold().startswith("create table")
        if name.startswith("sqlite_") or not is_plain:
            continue
        columns = [row[1] for row in base.execute(f"PRAGMA table_info({_quoted(name)})")]
        tables.append((name, columns))
    return tables


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


class _Rows:
    """The rows of one table, read anew whenever they are asked for."""

    def __init__(self, base: sqlite3.Connection, name: str, columns: list[str], beat: Beat) -> None:
        self._base, self._name, self._columns, self._beat = base, name, columns, beat

    def __call__(self) -> Iterator[TextRows]:
        return in_batches(self._read(), len(self._columns))

    def _read(self) -> Iterator[Row]:
        columns = ", ".join(_quoted(column) for column in self._columns)
        query = f"SELECT {columns} FROM {_quoted(self._name)}"  # noqa: S608 - names are quoted
        try:
            for record, row in enumerate(self._base.execute(query), start=1):
                if record % BEAT_ROWS == 0:
                    self._beat(record)
                yield Row(record, [as_text(cell) for cell in row])
        except (sqlite3.Error, sqlite3.Warning, UnicodeDecodeError, OverflowError) as error:
            raise DatabaseDamaged from error
