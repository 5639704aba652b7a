"""A reading of text that was tried, and the dialect that comes of it: with the rows above the table,
the rows of names, its width, and the reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from simplr_core.tidy.headers import recognise_header
from simplr_core.tidy.layout import comment_mark, header_rows, rows_of_the_table
from simplr_core.tidy.read_as import ReadAs
from simplr_core.tidy.recipe.steps import BY_A_PERSON
from simplr_core.tidy.understanding import Confidence, Dialect

STRONG = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 1.0, "\x1f": 1.0, "\x01": 1.0}
"""What stands between cells nearly always."""
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "blank"}
NAMES[""] = "no delimiter"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The first rows read by one dialect, and how well they come out."""

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


def described(found: Attempt, confidence: Confidence, said: ReadAs) -> Dialect:
    """The dialect with what stands around the table, and the reasons."""
    found = _below(found, said.preamble_rows)
    body = found.rows[found.lead :]
    comment = comment_mark(found.rows, found.width, found.lead) if found.width > 1 else ""
    has_header, certain, why = recognise_header(rows_of_the_table(body, comment) if body else body)
    names = header_rows(body) if has_header else 1
    if said.header_rows is not None:
        has_header, certain, why = said.header_rows > 0, True, ""
        names = max(1, said.header_rows)
    width, fill = _width_of(found, body, names if has_header else 0)
    if has_header and body and len(body[0]) != width:
        confidence = Confidence.CHECK if not fill else min(confidence, Confidence.LIKELY, key=_rank)
        why += f" It has {len(body[0])} cells."
    if fill:
        why += " Rows that end early are filled with empty cells."
    if has_header and names > 1:
        why += f" {names} rows name the columns."
    who = BY_A_PERSON if said else ""
    evidence = " ".join(filter(None, (_of_cells(found), why.strip(), who)))
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


def _of_cells(found: Attempt) -> str:
    name = NAMES.get(found.dialect.delimiter, "delimiter")
    return f"{found.evenness:.1%} of the first rows have {found.width} cells with {name}."


def _below(found: Attempt, lead: int | None) -> Attempt:
    """The reading with the table below so many rows, where a person said how many."""
    if lead is None:
        return found
    body = found.rows[lead:]
    width, n = max(Counter(map(len, body)).items(), key=lambda item: item[::-1], default=(1, 0))
    return replace(found, lead=lead, width=width, evenness=n / len(body) if body else 1.0)


def _rank(confidence: Confidence) -> int:
    return [Confidence.CHECK, Confidence.LIKELY, Confidence.CERTAIN].index(confidence)


def _width_of(found: Attempt, body: list[list[str]], names: int) -> tuple[int, int]:
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
