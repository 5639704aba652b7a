"""How the characters of a delimited file become cells: delimiter, quotes, first rows, width.

Every reading that is possible is tried on the first rows and scored by how even the rows and how
clean the cells come out. A file whose header holds a delimiter is never read as one column,
however ragged its rows are: ragged rows go to quarantine, where they are seen.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice

from simplr_core.tidy.headers import recognise_header
from simplr_core.tidy.understanding import Confidence, Dialect

DELIMITERS = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, "\x1f": 1.0, "^": 0.9, "~": 0.9, ":": 0.5}
"""What may stand between cells, and how much less likely than a comma it is."""

STRONG = (",", ";", "\t", "|")
MOST_ROWS = 1_000
MOST_PREAMBLE = 30
ONE_COLUMN = "\x1f"
"""The delimiter that a file of one column is read with: no text uses it."""

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", "": "no delimiter"}


@dataclass(frozen=True, slots=True)
class _Try:
    dialect: Dialect
    rows: list[list[str]]
    width: int
    evenness: float
    score: float


def reader_options(dialect: Dialect) -> dict[str, object]:
    """The dialect in the words of Python's csv module."""
    return {
        "delimiter": dialect.delimiter or ONE_COLUMN,
        "quotechar": dialect.quote or None,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        "escapechar": dialect.escape or None,
        "doublequote": True,
        "skipinitialspace": dialect.skip_initial_space,
    }


def rows_of(text: str, dialect: Dialect, most: int = MOST_ROWS) -> list[list[str]]:
    """The first rows of `text`, blank lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""), **reader_options(dialect))  # type: ignore[arg-type]
    try:
        return [row for row in islice(reader, most) if row]
    except csv.Error:
        return []


def recognise_dialect(text: str, *, complete: bool) -> Dialect:
    """The dialect of the file that begins with `text`; `complete` if that is all of it."""
    if not complete:
        cut = max(text.rfind("\n"), text.rfind("\r"))
        text = text[: cut + 1] if cut > 0 else text
    tries = [found for found in (_try(text, d) for d in _possible(text)) if found.rows]
    best = max(tries, key=lambda found: found.score, default=None)
    strong = _delimiter_of_header(text)
    if best is None or best.score < 0.35:
        if strong:
            ragged = _try(text, Dialect(delimiter=strong))
            if ragged.rows:
                return _described(ragged, Confidence.CHECK)
        return _described(_try(text, Dialect(delimiter="")), Confidence.LIKELY)
    runner_up = max(
        (t.score for t in tries if t.dialect.delimiter != best.dialect.delimiter), default=0.0
    )
    sure = best.evenness > 0.98 and runner_up < 0.8 * best.score
    even = best.evenness > 0.9
    return _described(
        best, Confidence.CERTAIN if sure else Confidence.LIKELY if even else Confidence.CHECK
    )


def _possible(text: str) -> list[Dialect]:
    quotes = ['"']
    escapes = [""]
    if re.search(r"(^|[,;\t|])'[^'\n]*'([,;\t|\r\n]|$)", text[:100_000], re.MULTILINE):
        quotes.append("'")
    if '\\"' in text and not re.search(r'[^,;\t|\n]""[^,;\t|\r\n]', text[:100_000]):
        escapes = ["\\"]
    found = []
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        spaced = re.search(rf"{re.escape(delimiter)} +[\"']", text[:100_000]) is not None
        for quote in quotes:
            for escape in escapes:
                plain = Dialect(delimiter=delimiter, quote=quote, escape=escape)
                found.append(plain)
                if spaced:
                    found.append(replace(plain, skip_initial_space=True))
        if '"' in text:
            found.append(Dialect(delimiter=delimiter, quote=""))
    return found


def _try(text: str, dialect: Dialect) -> _Try:
    rows = rows_of(text, dialect)
    if not rows:
        return _Try(dialect, [], 0, 0.0, 0.0)
    if not dialect.delimiter:
        return _Try(dialect, rows, 1, 1.0, 0.0)
    widths = Counter(len(row) for row in rows)
    wide = {width: n for width, n in widths.items() if width > 1}
    if not wide:
        return _Try(dialect, rows, 1, 0.0, 0.0)
    width = max(wide, key=lambda w: (wide[w], w))
    lead = _preamble(rows, width)
    body = rows[lead:]
    evenness = sum(len(row) == width for row in body) / len(body)
    cells = [cell for row in body[:200] if len(row) == width for cell in row]
    clean = sum(_is_clean(cell, dialect) for cell in cells) / max(1, len(cells))
    weight = DELIMITERS[dialect.delimiter] * (1.0 if dialect.quote == '"' else 0.97)
    weight *= 0.99 if dialect.skip_initial_space else 1.0
    score = evenness**2 * clean * weight * (1 - 0.3 / math.sqrt(width))
    score *= len(body) / len(rows)
    if lead and len(rows[0]) == 1 and _only_prose(text, dialect.delimiter):
        score = 0.0
    return _Try(dialect, rows, width, evenness, score)


def _preamble(rows: list[list[str]], width: int) -> int:
    """How many first rows stand before the table: shorter ones, ended by a row of full width."""
    for position, row in enumerate(rows[:MOST_PREAMBLE]):
        if len(row) >= width and sum(bool(cell.strip()) for cell in row) > 1:
            return position
        if len(row) > 1 and position + 1 < len(rows) and sum(bool(c.strip()) for c in row) > 1:
            return position
    return 0


def _is_clean(cell: str, dialect: Dialect) -> bool:
    """False where another reading of the file would have made other cells of this one."""
    if any(other in cell for other in (";", "\t", "|") if other != dialect.delimiter):
        return False
    stripped = cell.strip()
    if stripped[:1] in "\"'" and stripped[:1]:
        return False
    return not (stripped.endswith('"') and stripped.count('"') == 1)


def _only_prose(text: str, delimiter: str) -> bool:
    """True where every delimiter is followed by a blank, as a comma in a sentence is."""
    return not re.search(rf"{re.escape(delimiter)}[^ \r\n]", text)


def _delimiter_of_header(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    counts = {d: first.count(d) for d in STRONG if d in first}
    best = max(counts, key=lambda d: counts[d], default="")
    if best and _only_prose(text, best) and best != "\t":
        return "" if first.count(best) < 2 else best
    return best


def _described(found: _Try, confidence: Confidence) -> Dialect:
    rows = found.rows
    lead = _preamble(rows, found.width) if found.width > 1 else 0
    body = rows[lead:]
    has_header, certain, why = recognise_header(body)
    width = found.width
    even = Counter(len(row) for row in body[1:] or body)
    if has_header and body:
        named = len(body[0])
        share = even.get(named, 0) / max(1, sum(even.values()))
        width = named if share > 0.1 or not even else found.width
        if found.width != named and even.get(found.width, 0) < 0.8 * sum(even.values()):
            width = named
        if named != width:
            confidence = Confidence.CHECK
            why += f" It has {named} cells."
    name = NAMES.get(found.dialect.delimiter, "delimiter")
    evidence = f"{found.evenness:.1%} of the first rows have {width} cells with {name}. {why}"
    if confidence is Confidence.CERTAIN and not certain:
        confidence = Confidence.LIKELY
    return replace(
        found.dialect,
        preamble_rows=lead,
        has_header=has_header,
        width=max(1, width),
        confidence=confidence,
        evidence=evidence,
    )
