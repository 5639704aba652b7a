"""How the characters of a delimited file become cells: delimiter, quotes, first rows, width.

Every reading that is possible is tried on the first rows and scored by how even the rows and how
clean the cells come out, as in van den Burg, Nazabal and Sutton, "Wrangling messy CSV files by
detecting row and type patterns" (2019). A file whose header holds a delimiter is never read as one
column, however ragged its rows are: ragged rows go to quarantine, where they are seen.
"""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from dataclasses import replace
from itertools import islice

from simplr_core.tidy.attempts import STRONG, Attempt, described
from simplr_core.tidy.fixed_width import Columns, find_columns, is_rule
from simplr_core.tidy.headers import looks_like_a_value
from simplr_core.tidy.layout import preamble_rows
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs
from simplr_core.tidy.recipe.steps import BY_A_PERSON
from simplr_core.tidy.records import Record, TooLong, records
from simplr_core.tidy.understanding import Confidence, Dialect

WEAK = {"^": 0.9, "~": 0.9, "@": 0.6, "#": 0.6, "!": 0.6, "&": 0.6, "*": 0.6, "§": 0.6, "¦": 0.6}
WEAK |= {":": 0.5, " ": 0.5}
"""What may stand between cells where the rows come out even, and how likely that is."""

SEVERAL = 0.95
"""How likely a delimiter of several characters is, where it stands on nearly every line."""
_SEVERAL = re.compile(
    r"(?<![^\w\s\"'.,;()\[\]{}\\/?-])[^\w\s\"'.,;()\[\]{}\\/?-]{2,4}(?![^\w\s\"'.,;()\[\]{}\\/?-])"
)
"""Characters that stand together between cells; a comma or semicolon among them is enough alone."""
_CERTAINLY_BETWEEN = frozenset("|~^\xa6\xa7")
"""One of these in a delimiter of several characters lets even two columns count."""

_SINGLE_VALUE = re.compile(r"[+-]?[\d.,:/T+ -]*\d[\d.,:/TZ+ -]*([ap]m)?", re.IGNORECASE)
"""A number, date or time: a line that is nothing else is not to be split at its colons."""

MOST_ROWS = 1_000
SCORED_TEXT = 400_000
FIRST_ROWS = 100
FEW = 4
ENOUGH = 0.35
EVEN = 0.9
BLANK_THAT_IS_PLAUSIBLE = 1.6
"""How much likelier a blank is once columns of values or quoted cells stand between blanks."""


def first_records(text: str, dialect: Dialect, most: int = MOST_ROWS) -> list[Record]:
    """The first records of `text`, blank lines left out."""
    try:
        return list(islice(records(io.StringIO(text, newline=""), dialect), most))
    except TooLong:
        return []


def recognise_dialect(text: str, *, complete: bool, said: ReadAs = AS_RECOGNISED) -> Dialect:
    """The dialect of the file that begins with `text`; `complete` if that is all of it.

    What a person `said` is so; only the rest is recognised.
    """
    if not complete:
        cut = max(text.rfind("\n"), text.rfind("\r"))
        text = text[: cut + 1] if cut > 0 else text
    scored = _whole_lines(text)
    if said.delimiter is not None:
        return described(_parted_as_said(scored, said), Confidence.CERTAIN, said)
    tries = _tries(scored, said)
    best = max(tries, key=lambda found: found.score, default=None)
    if best is not None and not best.is_perfect:
        perfect = [one for one in tries if one.is_perfect and one.score > ENOUGH / 2]
        best = max(perfect, key=lambda found: found.score, default=best)
    if columns := _columns(scored, best):
        return _in_columns(scored, columns, said)
    if best is None or best.score < ENOUGH:
        return described(*_fallback(scored, best, said), said)
    runner_up = max(
        (t.score for t in tries if t.dialect.delimiter != best.dialect.delimiter), default=0.0
    )
    sure = best.evenness > 0.98 and runner_up < 0.8 * best.score
    even = best.evenness > EVEN
    confidence = Confidence.CERTAIN if sure else Confidence.LIKELY if even else Confidence.CHECK
    return described(best, confidence, said)


def _parted_as_said(text: str, said: ReadAs) -> Attempt:
    """The best reading with the delimiter that a person named, however it fits."""
    best = max(_tries(text, said), key=lambda found: found.score, default=None)
    return best or _try(text, _plain(str(said.delimiter), said))


def _plain(delimiter: str, said: ReadAs) -> Dialect:
    """The dialect with a delimiter, and the quotation mark that was said or is usual."""
    return Dialect(delimiter=delimiter, quote='"' if said.quote is None else said.quote)


def _tries(text: str, said: ReadAs) -> list[Attempt]:
    """The possible readings: all of them on a few rows, the better ones on many."""
    possible = _possible(text, said)
    if len(possible) > FEW:
        first = [_try(text, dialect, FIRST_ROWS) for dialect in possible]
        bar = max(found.score for found in first) / 2
        possible = [found.dialect for found in first if found.score >= bar or found.is_perfect]
    return [found for found in (_try(text, dialect) for dialect in possible) if found.rows]


def _whole_lines(text: str) -> str:
    if len(text) <= SCORED_TEXT:
        return text
    cut = max(text.rfind("\n", 0, SCORED_TEXT), text.rfind("\r", 0, SCORED_TEXT))
    return text[: cut + 1] if cut > 0 else text


def _fallback(text: str, best: Attempt | None, said: ReadAs) -> tuple[Attempt, Confidence]:
    """No reading is even: the delimiter of the header, or of quoted cells; else one column."""
    if best is not None and best.is_perfect and best.score > ENOUGH / 2:
        return best, Confidence.LIKELY
    for delimiter in (_between_quoted_cells(text), _delimiter_of_header(text)):
        if delimiter:
            ragged = _try(text, _plain(delimiter, said))
            if ragged.rows and ragged.width > 1:
                return ragged, Confidence.CHECK
    return _try(text, _plain("", said)), Confidence.LIKELY


def _possible(text: str, said: ReadAs) -> list[Dialect]:
    part = text[:100_000]
    marks = re.escape("".join({*STRONG, *WEAK}))
    quotes = ['"']
    if re.search(rf"(^|[{marks}])'([^']|''){{0,500}}'([{marks}\r\n]|$)", part, re.MULTILINE):
        quotes.append("'")
    if said.quote is not None:
        quotes = [said.quote]
    found = []
    several = _several(part)
    every = (*STRONG, *WEAK, *several) if said.delimiter is None else (said.delimiter,)
    for delimiter in filter(None, every):
        if delimiter not in text or _is_inside(delimiter, several, part):
            continue
        d = re.escape(delimiter)
        spaced = re.search(rf"{d} +[\"']" if delimiter != " " else "  ", part) is not None
        for quote in quotes:
            for escape in ("", "\\") if quote and "\\" + quote in text else ("",):
                plain = Dialect(delimiter=delimiter, quote=quote, escape=escape)
                found.append(plain)
                if spaced:
                    found.append(replace(plain, skip_initial_space=True))
        if '"' in text and said.quote is None:
            found.append(Dialect(delimiter=delimiter, quote=""))
    return found


def _columns(text: str, best: Attempt | None) -> Columns | None:
    """The columns that blanks part, where that is more than any delimiter does."""
    is_weak = best is None or best.score < ENOUGH
    delimiter = "" if best is None else best.dialect.delimiter
    if not is_weak and delimiter != " " and not _only_prose(text, delimiter):
        return None
    columns = find_columns(text)
    if columns is None or best is None or is_weak:
        return columns
    count = len(columns.starts)
    if delimiter != " ":
        return columns if count > best.width or best.evenness < EVEN else None
    # Words that are the same number everywhere: the wide gaps say which belong together.
    joins = columns.narrowest_gap > 1 and count < best.width
    return columns if best.evenness < 1.0 or joins else None


def _in_columns(text: str, columns: Columns, said: ReadAs) -> Dialect:
    dialect = Dialect(delimiter="", quote="", width=len(columns.starts), cuts=columns.starts)
    rows = [record.cells for record in first_records(text, dialect)]
    written = [n for n, row in enumerate(rows) if not is_rule(row)]
    lead = written[
        columns.above + preamble_rows(_without_rules(rows, columns.above), dialect.width)
    ]
    found = Attempt(dialect, rows, dialect.width, lead, 1.0)
    body = [row for row in rows[lead:] if not is_rule(row)]
    dialect = described(replace(found, rows=[*rows[:lead], *body]), Confidence.LIKELY, said)
    if said.preamble_rows is not None or said.header_rows is not None:
        return replace(dialect, evidence=f"{columns.evidence} {BY_A_PERSON}")
    names = dialect.header_rows * dialect.has_header
    ruled = names and lead + names < len(rows) and is_rule(rows[lead + names])
    why = dialect.evidence.partition("with no delimiter. ")[2]
    return replace(
        dialect,
        header_rows=dialect.header_rows + bool(ruled),
        evidence=f"{columns.evidence} {why}",
    )


def _without_rules(rows: list[list[str]], above: int) -> list[list[str]]:
    """The rows below those `above`, without the lines that somebody drew."""
    return [row for row in rows if not is_rule(row)][above:]


def _several(text: str) -> list[str]:
    """What of two to four characters may be one delimiter: it stands on nearly every line."""
    lines = [line for line in text.splitlines() if line.strip()][:FIRST_ROWS]
    seen = Counter(mark for line in lines for mark in set(_SEVERAL.findall(line)))
    return [
        mark
        for mark, _ in seen.most_common(FEW)
        if sum(mark in line for line in lines) >= max(2, EVEN * len(lines))
    ]


def _is_inside(delimiter: str, several: list[str], text: str) -> bool:
    """Whether it stands nowhere but in a delimiter of several characters."""
    count = text.count(delimiter)
    return any(
        delimiter in mark
        and delimiter != mark
        and count == text.count(mark) * mark.count(delimiter)
        for mark in several
    )


def _try(text: str, dialect: Dialect, most: int = MOST_ROWS) -> Attempt:
    found = first_records(text, dialect, most)
    rows = [record.cells for record in found]
    if not rows or not dialect.delimiter:
        return Attempt(dialect, rows, min(1, len(rows)), 0, float(bool(rows)))
    widths = Counter(len(row) for row in rows)
    wide = {width: n for width, n in widths.items() if width > 1}
    if not wide:
        return Attempt(dialect, rows, 1)
    width = max(wide, key=lambda w: (wide[w], w))
    lead = preamble_rows(rows, width)
    body = _without_short_end(rows[lead:], width)
    evenness = _evenness(body, width)
    uneven = evenness < EVEN or width < 3
    if lead and len(rows[0]) == 1 and uneven and _only_prose(text, dialect.delimiter):
        return Attempt(dialect, rows, width, lead, evenness)
    cells = [cell for row in body[:200] if len(row) == width for cell in row]
    clean = sum(_is_clean(cell, dialect) for cell in cells) / max(1, len(cells))
    marks = sum(not _has_marks(cell) for cell in cells) / max(1, len(cells))
    score = evenness**2 * clean * _weight(dialect) * (1 - 0.3 / math.sqrt(width))
    score *= len(body) / max(len(body), len(rows) - lead // 2)
    score *= 1 - sum(record.is_mended for record in found) / len(found) / 2
    if dialect.delimiter not in STRONG and not _is_plausible(text, dialect, body, width, evenness):
        score = 0.0
    if dialect.delimiter == " ":
        score *= BLANK_THAT_IS_PLAUSIBLE
    return Attempt(dialect, rows, width, lead, evenness, score, marks)


def _evenness(body: list[list[str]], width: int) -> float:
    """The share of rows with `width` cells; where two lengths share all rows, a little less than 1."""
    widths = Counter(len(row) for row in body)
    (_, most), *others = widths.most_common(2)
    if others and len(body) > 20 and others[0][1] > 0.1 * len(body):
        (_, more) = others[0]
        if most + more > 0.98 * len(body) and min(w for w, _ in widths.most_common(2)) > 2:
            return 0.95 * (most + more) / len(body)
    return widths[width] / len(body)


def _weight(dialect: Dialect) -> float:
    weight = {**STRONG, **WEAK}.get(dialect.delimiter, SEVERAL)
    weight *= 1.0 if dialect.quote == '"' else 0.97
    weight *= 0.99 if dialect.skip_initial_space and dialect.delimiter != " " else 1.0
    return weight * (0.999 if dialect.escape else 1.0)


def _without_short_end(body: list[list[str]], width: int) -> list[list[str]]:
    """The rows without the short ones at the end: notes below the table say nothing of it."""
    end = len(body)
    while end > max(3, 2 * len(body) // 3) and len(body[end - 1]) < width:
        end -= 1
    return body[:end]


def _is_plausible(
    text: str, dialect: Dialect, body: list[list[str]], width: int, evenness: float
) -> bool:
    """Whether a weak delimiter may be one: not within times and addresses, nor between words."""
    lines = [line.strip() for line in text[:100_000].splitlines() if line.strip()]
    single = sum(_SINGLE_VALUE.fullmatch(line) is not None for line in lines)
    if evenness < EVEN or len(body) < 3:
        return False
    if len(dialect.delimiter) > 1:
        return width > 2 or not _CERTAINLY_BETWEEN.isdisjoint(dialect.delimiter)
    if single * 2 > len(lines):
        return False
    if dialect.delimiter != " ":
        return True
    if dialect.quote and re.search(
        rf"(?m)(^| ){dialect.quote}[^{dialect.quote}\n]+{dialect.quote} ", text
    ):
        return True
    rows = [row for row in body[1:200] if len(row) == width]
    valued = sum(
        sum(looks_like_a_value(row[p]) for row in rows) > 0.8 * len(rows) for p in range(width)
    )
    return valued > 1 and len(rows) > 2


def _is_clean(cell: str, dialect: Dialect) -> bool:
    """False where another reading of the file would have made other cells of this one."""
    if any(other in cell for other in (";", "\t", "|") if other not in dialect.delimiter):
        return False
    return not _has_marks(cell)


def _has_marks(cell: str) -> bool:
    stripped = cell.strip()
    return stripped[:1] in ('"', "'") or (stripped.endswith('"') and stripped.count('"') == 1)


def _only_prose(text: str, delimiter: str) -> bool:
    """True where every delimiter is followed by a blank, as a comma in a sentence is."""
    return not re.search(rf"{re.escape(delimiter)}[^ \r\n]", text)


def _between_quoted_cells(text: str) -> str:
    """The character that stands between quoted cells on nearly every line, if there is one."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()]
    seen = Counter(d for line in lines for d in set(re.findall(r'[^"]"([^\w"])"(?=[^"])', line)))
    delimiter, n = max(seen.items(), key=lambda item: item[1], default=("", 0))
    return delimiter if n > EVEN * len(lines) and n > 2 and delimiter in {**STRONG, **WEAK} else ""


def _delimiter_of_header(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    first = re.sub('"[^"]*"', "", first)
    counts = {d: first.count(d) for d in (",", ";", "\t", "|") if d in first}
    best = max(counts, key=lambda d: counts[d], default="")
    if best and _only_prose(text, best) and best != "\t":
        return "" if first.count(best) < 2 else best
    return best
