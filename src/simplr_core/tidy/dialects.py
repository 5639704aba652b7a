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
from dataclasses import dataclass, replace
from itertools import islice

from simplr_core.tidy.fixed_width import Columns, find_columns, is_rule
from simplr_core.tidy.headers import looks_like_a_value, recognise_header
from simplr_core.tidy.layout import comment_mark, header_rows, preamble_rows, rows_of_the_table
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs
from simplr_core.tidy.recipe.steps import BY_A_PERSON
from simplr_core.tidy.records import Record, TooLong, records
from simplr_core.tidy.understanding import Confidence, Dialect

STRONG = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, "\x1f": 1.0, "\x01": 1.0}
"""What stands between cells nearly always."""
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

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "blank"}
NAMES[""] = "no delimiter"


@dataclass(frozen=True, slots=True)
class _Try:
    dialect: Dialect
    rows: list[list[str]]
    width: int = 0
    lead: int = 0
    evenness: float = 0.0
    score: float = 0.0
    marks: float = 0.0
    """The share of cells without a quotation mark that another reading would have taken off."""

    @property
    def is_perfect(self) -> bool:
        """Every row, the first included, has the same number of cells."""
        regular = self.evenness == self.marks == 1.0 and self.lead == 0
        delimiter = self.dialect.delimiter
        return regular and (delimiter in STRONG or len(delimiter) > 1)


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
        return _described(_parted_as_said(scored, said), Confidence.CERTAIN, said)
    tries = _tries(scored, said)
    best = max(tries, key=lambda found: found.score, default=None)
    if best is not None and not best.is_perfect:
        perfect = [one for one in tries if one.is_perfect and one.score > ENOUGH / 2]
        best = max(perfect, key=lambda found: found.score, default=best)
    if columns := _columns(scored, best):
        return _in_columns(scored, columns, said)
    if best is None or best.score < ENOUGH:
        return _described(*_fallback(scored, best, said), said)
    runner_up = max(
        (t.score for t in tries if t.dialect.delimiter != best.dialect.delimiter), default=0.0
    )
    sure = best.evenness > 0.98 and runner_up < 0.8 * best.score
    even = best.evenness > EVEN
    confidence = Confidence.CERTAIN if sure else Confidence.LIKELY if even else Confidence.CHECK
    return _described(best, confidence, said)


def _parted_as_said(text: str, said: ReadAs) -> _Try:
    """The best reading with the delimiter that a person named, however it fits."""
    best = max(_tries(text, said), key=lambda found: found.score, default=None)
    return best or _try(text, _plain(str(said.delimiter), said))


def _plain(delimiter: str, said: ReadAs) -> Dialect:
    """The dialect with a delimiter, and the quotation mark that was said or is usual."""
    return Dialect(delimiter=delimiter, quote='"' if said.quote is None else said.quote)


def _tries(text: str, said: ReadAs) -> list[_Try]:
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


def _fallback(text: str, best: _Try | None, said: ReadAs) -> tuple[_Try, Confidence]:
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


def _columns(text: str, best: _Try | None) -> Columns | None:
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
    found = _Try(dialect, rows, dialect.width, lead, 1.0)
    body = [row for row in rows[lead:] if not is_rule(row)]
    described = _described(replace(found, rows=[*rows[:lead], *body]), Confidence.LIKELY, said)
    if said.preamble_rows is not None or said.header_rows is not None:
        return replace(described, evidence=f"{columns.evidence} {BY_A_PERSON}")
    names = described.header_rows * described.has_header
    ruled = names and lead + names < len(rows) and is_rule(rows[lead + names])
    why = described.evidence.partition("with no delimiter. ")[2]
    return replace(
        described,
        header_rows=described.header_rows + bool(ruled),
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


def _try(text: str, dialect: Dialect, most: int = MOST_ROWS) -> _Try:
    found = first_records(text, dialect, most)
    rows = [record.cells for record in found]
    if not rows or not dialect.delimiter:
        return _Try(dialect, rows, min(1, len(rows)), 0, float(bool(rows)))
    widths = Counter(len(row) for row in rows)
    wide = {width: n for width, n in widths.items() if width > 1}
    if not wide:
        return _Try(dialect, rows, 1)
    width = max(wide, key=lambda w: (wide[w], w))
    lead = preamble_rows(rows, width)
    body = _without_short_end(rows[lead:], width)
    evenness = _evenness(body, width)
    uneven = evenness < EVEN or width < 3
    if lead and len(rows[0]) == 1 and uneven and _only_prose(text, dialect.delimiter):
        return _Try(dialect, rows, width, lead, evenness)
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
    return _Try(dialect, rows, width, lead, evenness, score, marks)


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


def _described(found: _Try, confidence: Confidence, said: ReadAs) -> Dialect:
    """The dialect with what stands around the table, and the reasons."""
    found = _below(found, said.preamble_rows)
    body = found.rows[found.lead :]
    comment = comment_mark(found.rows, found.width, found.lead) if found.width > 1 else ""
    has_header, certain, why = recognise_header(rows_of_the_table(body, comment) if body else body)
    names = header_rows(body) if has_header else 1
    if said.header_rows is not None:
        has_header, certain, why = said.header_rows > 0, True, BY_A_PERSON
        names = max(1, said.header_rows)
    width, fill = _width_of(found, body, names if has_header else 0)
    if has_header and body and len(body[0]) != width:
        confidence = Confidence.CHECK if not fill else min(confidence, Confidence.LIKELY, key=_rank)
        why += f" It has {len(body[0])} cells."
    if fill:
        why += " Rows that end early are filled with empty cells."
    if has_header and names > 1:
        why += f" {names} rows name the columns."
    evidence = f"{_of_cells(found, said)} {why}"
    if confidence is Confidence.CERTAIN and not certain:
        confidence = Confidence.LIKELY
    return replace(
        found.dialect,
        preamble_rows=found.lead,
        has_header=has_header,
        header_rows=names,
        width=max(1, width),
        fill_from=fill,
        comment=comment,
        confidence=confidence,
        evidence=evidence,
    )


def _of_cells(found: _Try, said: ReadAs) -> str:
    name = NAMES.get(found.dialect.delimiter, "delimiter")
    who = "" if said.delimiter is None else f" {BY_A_PERSON}"
    return f"{found.evenness:.1%} of the first rows have {found.width} cells with {name}.{who}"


def _below(found: _Try, lead: int | None) -> _Try:
    """The reading with the table below so many rows, where a person said how many."""
    if lead is None:
        return found
    body = found.rows[lead:]
    width, n = max(Counter(map(len, body)).items(), key=lambda item: item[::-1], default=(1, 0))
    return replace(found, lead=lead, width=width, evenness=n / len(body) if body else 1.0)


def _rank(confidence: Confidence) -> int:
    return [Confidence.CHECK, Confidence.LIKELY, Confidence.CERTAIN].index(confidence)


def _width_of(found: _Try, body: list[list[str]], names: int) -> tuple[int, int]:
    """How many columns the table has, and from how many cells on short rows are to be filled.

    Where most rows end before the header does, their last cells were left out by whoever wrote
    them. Where rows of two lengths are both frequent and no header says which is right, likewise.
    """
    even = Counter(len(row) for row in body[names:] or body)
    total = max(1, sum(even.values()))
    if not names or not body:
        frequent = [width for width, n in even.items() if n >= 0.1 * total]
        widest = max(frequent, default=found.width)
        fill = widest > found.width > 1 and len(frequent) == 2
        return (widest, found.width) if fill else (found.width, 0)
    named = max((p + 1 for p, cell in enumerate(body[0]) if cell.strip()), default=len(body[0]))
    if named < found.width <= len(body[0]):
        named = found.width
    if named > found.width > 1 and even.get(found.width, 0) > 0.5 * total:
        usual = [width for width, n in even.items() if n > 0.01 * total]
        return named, min(usual) if max(usual) <= named else 0
    return (named if even.get(named, 0) > 0.1 * total else found.width), 0
