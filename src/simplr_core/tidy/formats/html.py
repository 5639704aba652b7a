"""Tables of a page, by Python's own reader of markup: what a person would see of them.

Cells that span rows or columns are merged cells; text that is not displayed is left out; a table
that only holds other tables is layout. Nothing on the page is run or fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import BinaryIO

from simplr_core.errors import Invalid
from simplr_core.tidy.encodings import recognise_encoding
from simplr_core.tidy.formats.found import Beat, FoundTable
from simplr_core.tidy.formats.grids import Grid, Merge, tables_in
from simplr_core.tidy.understanding import Encoding

HTML = "text/html"
MOST_BYTES = 64 << 20
MOST_SPAN = 1_000
MOST_CELLS = 20_000_000
PIECE = 1 << 16
_HIDDEN = {"script", "style", "template", "noscript", "title", "head"}
_VOID = {"br", "img", "hr", "input", "meta", "link", "wbr", "col", "area", "base", "embed"}
_BREAKS = {"br", "p", "div", "li"}


class PageTooLarge(Invalid):
    """A page has at most 64 MiB here. Export its tables as CSV, or keep it as a file."""

    code = "page-too-large"


@dataclass(slots=True)
class _Cell:
    is_heading: bool
    columns: int
    rows: int
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    rows: list[list[_Cell]] = field(default_factory=list)
    heads: list[bool] = field(default_factory=list)
    feet: list[list[_Cell]] = field(default_factory=list)
    part: str = "tbody"
    row: list[_Cell] | None = None
    cell: _Cell | None = None


class _Reader(HTMLParser):
    """Collects the cells of every table, inner ones apart from outer ones."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._hidden or tag in _HIDDEN or _is_hidden(given):
            if tag not in _VOID:
                self._hidden.append(tag)
            return
        if tag == "table":
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif self._open:
            self._in_table(self._open[-1], tag, given)

    def _in_table(self, table: _Table, tag: str, given: dict[str, str | None]) -> None:
        if tag in ("thead", "tbody", "tfoot"):
            _end_row(table)
            table.part = tag
        elif tag == "tr":
            _end_row(table)
            table.row = []
        elif tag in ("td", "th"):
            if table.row is None:
                table.row = []
            table.cell = _Cell(
                tag == "th", _span(given.get("colspan")), _span(given.get("rowspan"))
            )
            table.row.append(table.cell)
        elif tag in _BREAKS and table.cell is not None:
            table.cell.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        if not self._open:
            return
        table = self._open[-1]
        if tag == "table":
            _end_row(table)
            self._open.pop()
        elif tag == "tr":
            _end_row(table)
        elif tag in ("td", "th"):
            table.cell = None
        elif tag in ("thead", "tfoot"):
            _end_row(table)
            table.part = "tbody"

    def handle_data(self, data: str) -> None:
        if not self._hidden and self._open and self._open[-1].cell is not None:
            self._open[-1].cell.text.append(data)


def _is_hidden(given: dict[str, str | None]) -> bool:
    style = (given.get("style") or "").replace(" ", "").casefold()
    return "display:none" in style or "hidden" in given


def _span(said: str | None) -> int:
    text = (said or "").strip()
    return min(max(1, int(text)), MOST_SPAN) if text.isascii() and text.isdigit() else 1


def _end_row(table: _Table) -> None:
    if table.row:
        if table.part == "tfoot":
            table.feet.append(table.row)
        else:
            table.rows.append(table.row)
            is_head = table.part == "thead" or all(cell.is_heading for cell in table.row)
            table.heads.append(is_head)
    table.row = table.cell = None


def read_html(
    source: BinaryIO, size: int, *, path: Sequence[str], beat: Beat, insist: bool = False
) -> Iterator[FoundTable]:
    """The tables of a page that hold data, numbered in order."""
    if size > MOST_BYTES:
        raise PageTooLarge
    source.seek(0)
    content = source.read(size)
    encoding = recognise_encoding(content[: 1 << 20]) or Encoding()
    text = content[encoding.bom :].decode(encoding.name, "replace")
    reader = _Reader()
    for start in range(0, len(text), PIECE):
        beat(0)
        reader.feed(text[start : start + PIECE])
    reader.close()
    number = 0
    for table in reader.tables:
        _end_row(table)
        found = tables_in(_grid_of(table), path=("",), name="", beat=beat)[:1]
        for one in found:
            number += 1
            name = f"Table {number}"
            if not path or path[0] == name:
                yield FoundTable((name,), name, one.header, one.rows, one.preamble, one.notes)


def _grid_of(table: _Table) -> Grid:
    rows: list[list[str]] = []
    merged: list[Merge] = []
    taken: dict[int, int] = {}
    """For each column, how many rows below are still covered from above."""
    cells_count = 0
    for number, row in enumerate([*table.rows, *table.feet]):
        cells: list[str] = []
        for cell in row:
            while taken.get(len(cells), 0) > 0:
                cells.append("")
            left = len(cells)
            text = " ".join("".join(cell.text).split())
            cells += [text] + [""] * (cell.columns - 1)
            for column in range(left, left + cell.columns):
                taken[column] = cell.rows + (taken.get(column, 0) > 0)
            if cell.columns > 1 or cell.rows > 1:
                merged.append(((number, left), (number + cell.rows - 1, left + cell.columns - 1)))
        taken = {column: n - 1 for column, n in taken.items() if n > 1}
        cells_count += len(cells)
        if cells_count > MOST_CELLS:
            raise PageTooLarge
        rows.append(cells)
    width = max((len(row) for row in rows), default=0)
    if width * len(rows) > MOST_CELLS:
        raise PageTooLarge
    full = [row + [""] * (width - len(row)) for row in rows]
    heads = next((n for n, is_head in enumerate(table.heads) if not is_head), len(table.heads))
    return Grid(lambda: iter(full), tuple(merged), heads or None)
