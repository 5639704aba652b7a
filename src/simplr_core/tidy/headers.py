"""Whether the first row names the columns, and what the fields are called after it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from simplr_core.tables.schema import ROW_NUMBER

_VALUE = re.compile(
    r"[+-]?[\d.,\s]*\d[\d.,\s]*%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{1,2}:\d{2}.*|"
    r"true|false|yes|no|na|n/a|null|nan|-+",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_YEAR = re.compile(r"(19|20)\d\d")
LONGEST_NAME = 60


def looks_like_a_value(cell: str) -> bool:
    """True for numbers, dates, times, yes and no: what a name of a column is not."""
    return _VALUE.fullmatch(cell.strip()) is not None


def recognise_header(rows: Sequence[Sequence[str]]) -> tuple[bool, bool, str]:
    """Whether the first row is a header, whether that is certain, and why."""
    if not rows:
        return False, True, "There are no rows."
    first = [cell.strip() for cell in rows[0]]
    body = [row for row in rows[1:200] if len(row) == len(first)]
    named = [cell for cell in first if cell]
    if not named:
        return False, False, "The first row is empty."
    if not body:
        has = not any(looks_like_a_value(cell) for cell in named)
        return has, False, "There is one row only."
    like_body = unlike_body = 0
    for position, cell in enumerate(first):
        column = [row[position].strip() for row in body]
        filled = [value for value in column if value]
        if not filled or not cell:
            continue
        values = sum(looks_like_a_value(value) for value in filled) / len(filled)
        if values > 0.8:
            names = names_its_column(cell, filled)
            unlike_body += names
            like_body += not names
        elif (looks_like_a_value(cell) and not _YEAR.fullmatch(cell)) or cell in filled:
            like_body += 1
    if unlike_body and like_body == 0:
        return True, True, "The first row names columns whose values are numbers, dates or marks."
    if like_body > unlike_body:
        return False, like_body > 1, "The first row holds values like those of the rows below."
    distinct = len({cell.casefold() for cell in named}) == len(named)
    unnamed = [position for position, cell in enumerate(first) if not cell]
    if distinct and (len(unnamed) < 2 or _are_filled_below(unnamed, body)):
        return True, False, "The first row holds distinct words that do not occur below it."
    return unlike_body > 0, False, "The first row could be a header or not."


def _are_filled_below(positions: Sequence[int], body: Sequence[Sequence[str]]) -> bool:
    """True where columns that the first row leaves blank hold something in nearly every other."""
    cells = [row[position].strip() for row in body for position in positions]
    return len(body) > 3 and sum(map(bool, cells)) >= 0.9 * len(cells)


def names_its_column(cell: str, column: Sequence[str]) -> bool:
    """True if `cell` may be the name of a column of such values: a word, or a year over others."""
    return not looks_like_a_value(cell) or _is_year_among_others(cell, column)


def _is_year_among_others(cell: str, column: Sequence[str]) -> bool:
    """True for a year that heads a column of other numbers, as in a table of many years."""
    years = sum(_YEAR.fullmatch(value) is not None for value in column)
    return _YEAR.fullmatch(cell) is not None and years < 0.2 * len(column)


def field_names(header: Sequence[str], width: int) -> list[str]:
    """A distinct snake_case name for every column, close to what the file calls it."""
    names: list[str] = []
    taken = {ROW_NUMBER}
    for position in range(width):
        source = header[position] if position < len(header) else ""
        name = snake_case(source) or f"column_{position + 1}"
        candidate, n = name, 1
        while candidate in taken:
            n += 1
            candidate = f"{name}_{n}"
        taken.add(candidate)
        names.append(candidate)
    return names


def snake_case(source: str) -> str:
    """`GivenName`, `Given name` and `given-name` are `given_name`; accents are dropped."""
    folded = unicodedata.normalize("NFKD", _CAMEL.sub("_", source.strip().lstrip("\ufeff")))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    name = re.sub(r"[^\w]+|_+", "_", plain.casefold())
    name = re.sub(r"_+", "_", name).strip("_")[:LONGEST_NAME].strip("_")
    if name and not name[0].isalpha():
        name = f"column_{name}"
    return name
