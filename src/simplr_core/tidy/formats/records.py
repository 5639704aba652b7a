"""From nested records to tables: objects become dotted names, lists become tables of their own.

A record of a list is one row. A list inside of a record becomes a table whose rows point to the
row that they lie in: `parent_row_key` there is `row_key` here. The rows of a list of lists have
no names, unless the first of them is a heading.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tidy.formats.found import (
    MOST_FIELDS,
    MOST_TABLES,
    Beat,
    FoundTable,
    Row,
    TooManyFields,
    TooManyTables,
    in_batches,
)
from simplr_core.tidy.headers import recognise_header

ROW_KEY = "row_key"
PARENT_KEY = "parent_row_key"
VALUE = "value"
DEEPEST = 32
LOOKED_AT = 60
BEAT_RECORDS = 4_096


class TooDeep(Invalid):
    """The records are nested too deeply to be read. Keep the file as a file."""

    code = "nested-too-deeply"


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a list in the file: where that list lies, and what is in the entry.

    `problem` says why there is nothing in it, and `value` is its text then. `is_root` is the one
    record outside of any list.
    """

    path: str
    value: Any
    problem: str = ""
    is_root: bool = False


Records = Callable[[], Iterable[Record]]


@dataclass(slots=True)
class _Shape:
    """What is known of a table before its rows are read."""

    parent: str | None
    columns: dict[str, None] = field(default_factory=dict)
    width: int = 0
    """Of lists."""
    first_lists: list[list[str]] = field(default_factory=list)
    only_lists: bool = True
    has_children: bool = False
    is_root: bool = False


@dataclass(slots=True)
class _Line:
    """One row of one table, flattened."""

    table: str
    key: int
    parent_key: int
    cells: Mapping[str, str] | list[str]
    problem: str = ""


def as_text(value: object) -> str:
    """A value as a cell: nothing is empty, a truth is a word, what is nested is JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping | list | tuple):
        try:
            return json.dumps(value, ensure_ascii=False, default=as_text)
        except (RecursionError, ValueError) as error:
            raise TooDeep from error
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)


class _Walker:
    """Turns records into lines, counting the rows of every table as it goes."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self.parents: dict[str, str | None] = {}

    def lines(self, record: Record) -> Iterator[_Line]:
        if record.problem:
            key = self._next(record.path)
            yield _Line(record.path, key, 0, [as_text(record.value)], record.problem)
            return
        yield from self._walk(record.path, record.value, parent=None, parent_key=0)

    def _next(self, table: str) -> int:
        self._counts[table] = self._counts.get(table, 0) + 1
        return self._counts[table]

    def _walk(
        self, table: str, value: Any, *, parent: str | None, parent_key: int, depth: int = 0
    ) -> Iterator[_Line]:
        if depth > DEEPEST:
            raise TooDeep
        self.parents.setdefault(table, parent)
        key = self._next(table)
        if isinstance(value, list | tuple):
            yield _Line(table, key, parent_key, [as_text(each) for each in value])
            return
        if not isinstance(value, Mapping):
            yield _Line(table, key, parent_key, {VALUE: as_text(value)})
            return
        cells: dict[str, str] = {}
        lists: list[tuple[str, Any]] = []
        _flatten("", value, cells, lists)
        yield _Line(table, key, parent_key, cells)
        for name, items in lists:
            child = f"{table}.{name}" if table else name
            for item in items:
                yield from self._walk(child, item, parent=table, parent_key=key, depth=depth + 1)


def _flatten(
    start: str,
    value: Mapping[str, Any],
    cells: dict[str, str],
    lists: list[tuple[str, Any]],
    depth: int = 0,
) -> None:
    for key, each in value.items():
        name = f"{start}{key}"
        if isinstance(each, Mapping) and depth < DEEPEST:
            _flatten(f"{name}.", each, cells, lists, depth + 1)
        elif isinstance(each, list | tuple):
            lists.append((name, each))
        else:
            cells[name] = as_text(each)


def tables_of_records(
    records: Records, *, path: tuple[str, ...], beat: Beat, notes: tuple[str, ...] = ()
) -> Iterator[FoundTable]:
    """The tables that the records make, the root first; the one at `path` where it names one."""
    shapes = _look(records, beat)
    for name in sorted(shapes, key=lambda name: (name != "", not shapes[name].is_root)):
        shape = shapes[name]
        if path and path[0] != name:
            continue
        if not (shape.columns or shape.width):
            continue
        yield _found(records, name, shape, notes, beat)


def _look(records: Records, beat: Beat) -> dict[str, _Shape]:
    walker = _Walker()
    shapes: dict[str, _Shape] = {}
    for number, record in enumerate(records()):
        if number % BEAT_RECORDS == 0:
            beat(0)
        for line in walker.lines(record):
            shape = shapes.get(line.table)
            if shape is None:
                parent = walker.parents.get(line.table)
                shape = shapes[line.table] = _Shape(parent, is_root=record.is_root)
                if len(shapes) > MOST_TABLES:
                    raise TooManyTables
                if parent is not None:
                    shapes[parent].has_children = True
            _note(shape, line)
    return shapes


def _note(shape: _Shape, line: _Line) -> None:
    if line.problem:
        return
    if isinstance(line.cells, list):
        shape.width = max(shape.width, len(line.cells))
        if len(shape.first_lists) < LOOKED_AT:
            shape.first_lists.append(line.cells)
    else:
        shape.only_lists = False
        shape.columns.update(dict.fromkeys(line.cells))
    if len(shape.columns) + shape.width > MOST_FIELDS:
        raise TooManyFields


def _found(
    records: Records, name: str, shape: _Shape, notes: tuple[str, ...], beat: Beat
) -> FoundTable:
    heading = _heading_of(shape)
    own = tuple(shape.columns) + (tuple(heading) or ("",) * shape.width)
    keys = (ROW_KEY,) * shape.has_children + (PARENT_KEY,) * (shape.parent is not None)

    def rows() -> Iterator[Row]:
        walker = _Walker()
        for number, record in enumerate(records()):
            if number % BEAT_RECORDS == 0:
                beat(0)
            for line in walker.lines(record):
                if line.table == name:
                    yield from _row(line, shape, keys, skip=bool(heading))

    header = (*keys, *own)
    return FoundTable(
        path=(name,),
        name=name,
        header=header,
        rows=lambda: in_batches(rows(), len(header)),
        notes=notes,
    )


def _heading_of(shape: _Shape) -> list[str]:
    if shape.columns or not shape.only_lists or len(shape.first_lists) < 2:
        return []
    rows = [row + [""] * (shape.width - len(row)) for row in shape.first_lists]
    has_header, _, _ = recognise_header(rows)
    return rows[0] if has_header else []


def _row(line: _Line, shape: _Shape, keys: tuple[str, ...], *, skip: bool) -> Iterator[Row]:
    record = line.key - skip
    if record == 0:
        return
    if line.problem:
        yield Row(record, list(line.cells), line.problem)
        return
    cells = [str(line.key if key == ROW_KEY else line.parent_key) for key in keys]
    if isinstance(line.cells, list):
        cells += [""] * len(shape.columns) + line.cells
        cells += [""] * (len(keys) + len(shape.columns) + shape.width - len(cells))
    else:
        cells += [line.cells.get(column, "") for column in shape.columns]
        cells += [""] * shape.width
    yield Row(record, cells)
