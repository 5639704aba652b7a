"""Workbooks: xls, xlsx, xlsm, xlsb and ods, by calamine. Every sheet with a table is a table.

A sheet is held in memory while it is read: that is how calamine reads, and what the limits of a
child are for. Formulas count by the values that were saved with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from simplr_core.errors import SimplrError
from simplr_core.tidy.formats.found import (
    Beat,
    FileDamaged,
    FileEncrypted,
    FoundTable,
    label,
)
from simplr_core.tidy.formats.grids import BEAT_ROWS, WHOLE, Grid, tables_in
from simplr_core.tidy.formats.streams import buffered
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs

MIDNIGHT = dt.time()


class WorkbookDamaged(FileDamaged):
    """This workbook is damaged or cut off. Open it, save it anew, and put it again."""

    code = "workbook-damaged"


def read_workbook(
    source: BinaryIO,
    size: int,
    *,
    path: Sequence[str],
    beat: Beat,
    insist: bool = False,
    said: ReadAs = AS_RECOGNISED,
) -> Iterator[FoundTable]:
    """The tables of every sheet, hidden ones too; only the one at `path` where it names one.

    With `insist` each sheet is one table. What a person `said` of rows above and rows of names is
    so for the first table of each sheet. A table is read while it is the current one: the next
    step of the iterator lets its sheet go.
    """
    insist = insist or tuple(path[1:]) == (WHOLE,)
    with _mending():
        book = CalamineWorkbook.from_filelike(buffered(source, size))
        sheets = [meta for meta in book.sheets_metadata if _is_sheet(meta)]
    names = _distinct([label(meta.name) for meta in sheets])
    for name, meta in zip(names, sheets, strict=True):
        if path and path[0] != name:
            continue
        with _mending():
            sheet = book.get_sheet_by_name(meta.name)
            grid = _grid_of(sheet, beat)
        if grid is None:
            continue
        tables = tables_in(grid, path=(name,), name=name, beat=beat, insist=insist, said=said)
        for table in tables:
            if not path or table.path == tuple(path):
                yield table


def cells_of_sheets(source: BinaryIO, size: int) -> Iterator[list[list[str]]]:
    """All cells of every sheet, as text, one sheet at a time in memory."""
    with _mending():
        book = CalamineWorkbook.from_filelike(buffered(source, size))
        names = [meta.name for meta in book.sheets_metadata if _is_sheet(meta)]
    for name in names:
        with _mending():
            grid = _grid_of(book.get_sheet_by_name(name), lambda done: None)
            rows = list(grid.rows()) if grid else []
        yield rows


def _is_sheet(meta: Any) -> bool:
    return str(meta.typ).endswith("WorkSheet")


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} ~{seen[name]}")
    return made


class _mending:
    """Turns whatever the reader says of a bad file into one clear reason."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, SimplrError | MemoryError | KeyboardInterrupt):
            return
        if isinstance(error, PasswordError):
            raise FileEncrypted from error
        if isinstance(error.__context__, SimplrError):  # the seal of the object, not the file
            raise error.__context__ from error
        is_of_the_reader = isinstance(error, CalamineError | ValueError | OSError)
        if is_of_the_reader or type(error).__name__ == "PanicException":
            raise WorkbookDamaged from error


def _grid_of(sheet: CalamineSheet, beat: Beat) -> Grid | None:
    if sheet.end is None or sheet.height == 0:
        return None
    kinds = _moments_of(sheet, beat)
    as_text = [_writer(kind) for kind in kinds]

    def rows() -> Iterator[list[str]]:
        for cells in sheet.iter_rows():
            yield [write(cell) for write, cell in zip(as_text, cells, strict=True)]

    try:
        merged = tuple(sheet.merged_cell_ranges or ())
    except CalamineError:  # formats that do not tell
        merged = ()
    return Grid(rows, tuple(m for m in merged if m[0] != m[1]))


def _moments_of(sheet: CalamineSheet, beat: Beat) -> list[bool]:
    """For each column, whether one of its days has a time: then all of them are written with one."""
    with_time: list[bool] = []
    for number, cells in enumerate(sheet.iter_rows()):
        if number % BEAT_ROWS == 0:
            beat(0)
        if len(cells) > len(with_time):
            with_time += [False] * (len(cells) - len(with_time))
        for column, cell in enumerate(cells):
            if type(cell) is dt.datetime and cell.time() != MIDNIGHT:
                with_time[column] = True
    return with_time


def _writer(with_time: bool) -> Callable[[Any], str]:
    def write(cell: Any) -> str:
        kind = type(cell)
        if kind is str:
            return str(cell)
        if kind is float:
            return _number(cell)
        if kind is bool:
            return "true" if cell else "false"
        if kind is int:
            return str(cell)
        if kind is dt.datetime:
            return _moment(cell, with_time)
        if kind is dt.date:
            return f"{cell.isoformat()} 00:00:00" if with_time else str(cell.isoformat())
        if kind is dt.timedelta:
            return _duration(cell)
        return str(cell)

    return write


def _number(value: float) -> str:
    """A spreadsheet has one kind of number: one without a fraction is written without a point."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _moment(value: dt.datetime, with_time: bool) -> str:
    if not with_time:
        return value.date().isoformat()
    return value.isoformat(sep=" ")


def _duration(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
