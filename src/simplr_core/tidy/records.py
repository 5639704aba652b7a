"""One record after the other out of lines of text, stray quotation marks mended where it is plain.

Python's csv module reads what is well formed, strictly. Where a quotation mark stands that nobody
escaped, the module would swallow cells or whole rows; the line is then read again with that mark
as part of its cell, and the reading counts only if exactly one such reading has the right number
of cells. What cannot be mended is given out as it was split, for the caller to put aside.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from simplr_core.tidy.fixed_width import cut
from simplr_core.tidy.understanding import Dialect

ONE_COLUMN = "\x1f"
"""The delimiter that a file of one column is read with: no text uses it."""

STAND_IN = "\ufdd0"
"""Stands for a delimiter of several characters while the csv module reads: no character at all."""

LONGEST_CELL = 64 << 20
MOST_STRAY_MARKS = 3
MOST_READINGS = 200
LONGEST_MENDED = 1 << 20


class TooLong(Exception):
    """A cell is longer than `LONGEST_CELL`."""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of a row, its text, where that ends, and if a stray mark became a character."""

    cells: list[str]
    raw: str
    end: int
    is_mended: bool = False


def reader_options(dialect: Dialect) -> dict[str, object]:
    """The dialect in the words of Python's csv module."""
    return {
        "delimiter": _one_character(dialect),
        "quotechar": dialect.quote or None,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        "escapechar": dialect.escape or None,
        "doublequote": True,
        "skipinitialspace": dialect.skip_initial_space,
        "strict": True,
    }


def records(lines: Iterable[str], dialect: Dialect, width: int = 0) -> Iterator[Record]:
    """The records of `lines` (with their ends), blank lines left out.

    A record that is not well formed is mended; with a `width`, only to that many cells. Raises
    TooLong.
    """
    if dialect.cuts:
        yield from _cut_records(lines, dialect)
        return
    csv.field_size_limit(LONGEST_CELL)
    several = dialect.delimiter if len(dialect.delimiter) > 1 else ""
    source = _Lines(iter(lines), several)
    options = reader_options(dialect)
    while not source.is_empty():
        reader = csv.reader(source, **options)  # type: ignore[arg-type]
        try:
            for cells in reader:
                if not cells:
                    source.text()
                    continue
                if several:
                    cells = [cell.replace(STAND_IN, several) for cell in cells]
                yield Record(cells, source.text(), source.end)
        except csv.Error as error:
            mended = _mend(source, dialect, width)
            if mended is None and "field larger" in str(error):
                raise TooLong from error
            yield mended or _as_it_is(source, dialect)


def _cut_records(lines: Iterable[str], dialect: Dialect) -> Iterator[Record]:
    """A record a line, cut where columns begin."""
    end = 0
    for line in lines:
        if len(line) > LONGEST_CELL:
            raise TooLong
        end += len(line)
        if line.strip():
            yield Record(cut(line.rstrip("\r\n"), dialect.cuts), line, end)


def _one_character(dialect: Dialect) -> str:
    return STAND_IN if len(dialect.delimiter) > 1 else dialect.delimiter or ONE_COLUMN


class _Lines:
    """Lines to read, which remembers those of the record in hand and can take some back.

    A delimiter of `several` characters is read as one that stands for it.
    """

    def __init__(self, lines: Iterator[str], several: str) -> None:
        self._lines = lines
        self._several = several
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.end = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        if not self._several:
            return line
        if STAND_IN in line:
            raise csv.Error("the line is split without the module")
        return line.replace(self._several, STAND_IN)

    def is_empty(self) -> bool:
        if not self._again:
            for line in self._lines:
                self._again.append(line)
                break
        return not self._again

    def text(self) -> str:
        """The lines of the record that is complete; the next record begins after them."""
        text = self.taken[0] if len(self.taken) == 1 else "".join(self.taken)
        self.taken.clear()
        self.end += len(text)
        return text

    def keep(self, count: int) -> str:
        """The first `count` lines of the record in hand; the others are read again."""
        self._again.extendleft(reversed(self.taken[count:]))
        del self.taken[count:]
        return self.text()


def _mend(source: _Lines, dialect: Dialect, width: int) -> Record | None:
    """The record in hand as one line, or as all of its lines, if one reading fits."""
    if not dialect.quote or not any(dialect.quote in line for line in source.taken):
        return None
    for count in dict.fromkeys((1, len(source.taken))):
        text = "".join(source.taken[:count])
        if len(text) > LONGEST_MENDED:
            continue
        cells = split_with_stray_marks(text.rstrip("\r\n"), dialect, width)
        if cells is not None:
            raw = source.keep(count)
            return Record(cells, raw, source.end, is_mended=True)
    return None


def _as_it_is(source: _Lines, dialect: Dialect) -> Record:
    """The first line by itself, split at every delimiter: it will not fit, and is shown so."""
    text = source.keep(1)
    return Record(text.rstrip("\r\n").split(dialect.delimiter or ONE_COLUMN), text, source.end)


@lru_cache(maxsize=64)
def _quoted(delimiter: str, quote: str, escape: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    d, q = re.escape(delimiter), re.escape(quote)
    inside = rf"[^{q}{re.escape(escape)}]|{q}{q}" + (rf"|{re.escape(escape)}." if escape else "")
    well_formed = re.compile(rf"{q}((?:{inside})*+){q}(?={d}|$)", re.DOTALL)
    return well_formed, re.compile(rf"{q}(?={d}|$)")


def split_with_stray_marks(text: str, dialect: Dialect, width: int) -> list[str] | None:
    """The cells of `text` with as few stray quotation marks as possible; None if that is unclear.

    A mark is stray if it opens a cell that nothing closes, or stands within a quoted cell without
    being doubled. Without a `width` the first reading that ends is taken.
    """
    found: dict[int, list[list[str]]] = {}
    readings, step = 0, max(1, len(dialect.delimiter))
    todo: list[tuple[int, int, list[str]]] = [(0, 0, [])]
    while todo:
        readings += 1
        if readings > MOST_READINGS * max(1, width):
            return None
        position, stray, cells = todo.pop()
        if position > len(text):
            if not width or len(cells) == width:
                found.setdefault(stray, []).append(cells)
            continue
        if width and len(cells) >= width:
            continue
        for end, cell, more in islice(_cells_at(text, position, dialect), None if width else 1):
            if stray + more <= MOST_STRAY_MARKS or not width:
                todo.append((end + step, stray + more, [*cells, cell]))
    if not found:
        return None
    best = found[min(found)]
    return best[0] if all(cells == best[0] for cells in best[1:]) else None


def _cells_at(text: str, position: int, dialect: Dialect) -> Iterator[tuple[int, str, int]]:
    """The ways to read the cell at `position`: where it ends, its value, how many marks stray."""
    delimiter, quote = dialect.delimiter or ONE_COLUMN, dialect.quote
    if dialect.skip_initial_space:
        while text[position : position + 1] == " ":
            position += 1
    plain_end = text.find(delimiter, position)
    plain_end = len(text) if plain_end < 0 else plain_end
    plain = text[position:plain_end]
    if not plain.startswith(quote):
        yield plain_end, _unescaped(plain, dialect), 0
        return
    well_formed, closing = _quoted(delimiter, quote, dialect.escape)
    if whole := well_formed.match(text, position):
        yield whole.end(), _unescaped(whole[1].replace(quote * 2, quote), dialect), 0
        return
    if close := closing.search(text, position + 1):
        inner = text[position + 1 : close.start()].replace(quote * 2, quote)
        yield close.end(), _unescaped(inner, dialect), 1
    if not plain.endswith(quote) or len(plain) == 1:
        yield plain_end, _unescaped(plain, dialect), 1


def _unescaped(cell: str, dialect: Dialect) -> str:
    if not dialect.escape or dialect.escape not in cell:
        return cell
    return re.sub(re.escape(dialect.escape) + r"(.)", r"\1", cell, flags=re.DOTALL)
