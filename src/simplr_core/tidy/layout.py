"""What stands around a table in its file: rows above, rows of names, notes below, comments."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from simplr_core.tidy.fixed_width import is_rule
from simplr_core.tidy.headers import looks_like_a_value, names_its_column, recognise_header

Row = Sequence[str]

MOST_PREAMBLE = 30
MOST_HEADER_ROWS = 6
MOST_FOOTER_ROWS = 10
SHORTEST_NOTE = 15
COMMENT_MARKS = ("#",)


def filled_count(row: Row) -> int:
    """How many cells of the row hold something."""
    return sum(bool(cell.strip()) for cell in row)


def preamble_rows(rows: Sequence[Row], width: int) -> int:
    """How many first rows stand above the table of `width` columns: titles, notes, blank rows.

    The table begins with the first row that is about as wide and as filled as the rows below it.
    A row that is a little short may be a header that lacks some names.
    """
    full = [filled_count(row) for row in rows if len(row) == width][1:200]
    usual = statistics.median(full) if full else width
    needed = min(width, max(2.0, usual / 2))
    for position, row in enumerate(rows[:MOST_PREAMBLE]):
        filled = filled_count(row)
        if _is_remark(row):
            continue
        if len(row) >= width and (filled >= needed or _begins_with_a_value(row)):
            return position
        if len(row) < width <= 2 * len(row) and _is_short_header(row, rows[position + 1 :], width):
            return position
    return 0


def _is_remark(row: Row) -> bool:
    """True for a comment, and for a line of `key:value` pairs about the file."""
    first = row[0].strip() if row else ""
    if len(row) == 1 and first.startswith(COMMENT_MARKS):
        return True
    pairs = sum(":" in cell[1:-1] and " " not in cell and "/" not in cell for cell in row)
    return len(row) > 2 and 2 * pairs > len(row) and not _holds_a_value(row)


def _begins_with_a_value(row: Row) -> bool:
    first = next((cell for cell in row if cell.strip()), "")
    return looks_like_a_value(first)


def _holds_a_value(row: Row) -> bool:
    return any(looks_like_a_value(cell) for cell in row if cell.strip())


def _is_short_header(row: Row, below: Sequence[Row], width: int) -> bool:
    if not below or len(below[0]) < width or _holds_a_value(row) or not filled_count(row):
        return False
    body = [one for one in below if len(one) == width]
    has_header, certain, _ = recognise_header(body)
    return len(row) > 2 or not (has_header and (certain or len(row) == 1 < filled_count(body[0])))


def header_rows(body: Sequence[Row]) -> int:
    """How many rows of names the table begins with, given that it begins with one.

    A further row is one of names if it is the first again, or if it has words, found nowhere
    below, in columns whose values are numbers or dates.
    """
    again = 1
    while again < min(len(body), MOST_HEADER_ROWS) and list(body[again]) == list(body[0]):
        again += 1
    if again > 1 or len(body) < 4:
        return again if len(body) > again else 1
    skipped = min(MOST_HEADER_ROWS, max(2, len(body) // 4))
    below = [row for row in body[skipped:200] if len(row) == len(body[0])]
    columns = [_column(below, position) for position in range(len(body[0]))]
    valued = [p for p, column in enumerate(columns) if _is_of_values(column)]
    named: set[int] = set()
    count = 0
    for row in body[:MOST_HEADER_ROWS]:
        words = {p for p in valued if p < len(row) and row[p].strip()}
        fits = all(_is_a_name(row[p], columns[p]) for p in words)
        enough = len(words) > 1 or (words and not words & named) or count == 0
        if not fits or not enough or not words:
            break
        named |= words
        count += 1
    return max(1, count)


def _column(rows: Sequence[Row], position: int) -> list[str]:
    cells = (row[position].strip() for row in rows if position < len(row))
    return [cell for cell in cells if cell]


def _is_of_values(column: Sequence[str]) -> bool:
    return len(column) > 1 and sum(map(looks_like_a_value, column)) >= 0.8 * len(column)


def _is_a_name(cell: str, column: Sequence[str]) -> bool:
    return cell.strip() not in column and names_its_column(cell.strip(), column)


def joined_names(rows: Sequence[Row], width: int) -> list[str]:
    """One header out of several rows of names: the distinct words over each column, in order."""
    rows = [row for row in rows if not is_rule(row)] or rows
    if len(rows) == 1:
        return list(rows[0])
    names = []
    for position in range(width):
        cells = (row[position].strip() for row in rows if position < len(row))
        names.append(" ".join(dict.fromkeys(cell for cell in cells if cell)))
    return names


def comment_mark(rows: Sequence[Row], width: int, lead: int) -> str:
    """The mark that begins lines of comment among the rows of the table, if there are any."""
    body = rows[lead + 1 :]
    for mark in COMMENT_MARKS:
        marked = [row for row in body if row[0].startswith(mark)]
        odd = [row for row in marked if len(row) != width or row[0].startswith(mark + " ")]
        if marked and len(marked) < 0.2 * len(rows) + 1 and 2 * len(odd) >= len(marked):
            return mark
    return ""


def rows_of_the_table(body: Sequence[Row], comment: str) -> list[Row]:
    """The rows without comments, and without the few that repeat the first."""
    rows = [row for row in body if not (comment and row[0].startswith(comment))]
    other = [row for row in rows[1:] if list(row) != list(rows[0])]
    return [rows[0], *other] if len(other) >= 0.8 * (len(rows) - 1) else rows


def footer_rows(rows: Sequence[Row]) -> int:
    """How many of the last `rows` are notes below the table: one sentence in a row of many cells.

    Blank rows between the table and its notes belong to the notes.
    """
    filled = [filled_count(row) for row in rows]
    count = notes = 0
    for row, n in zip(reversed(rows), reversed(filled), strict=True):
        if n > 1 or (n == 1 and not _is_note(row)) or count > MOST_FOOTER_ROWS:
            break
        count += 1
        notes += n
    above = filled[: len(rows) - count]
    if not notes or len(above) < 3 or len(rows[0]) < 3 or statistics.median(above) < 2:
        return 0
    return 0 if any(n == 1 and _is_note(r) for r, n in zip(rows, above, strict=False)) else count


def _is_note(row: Row) -> bool:
    """True for a row with a sentence in its first cell and nothing else."""
    text = row[0].strip()
    is_sentence = len(text) >= SHORTEST_NOTE and " " in text and any(c.isalpha() for c in text)
    return is_sentence and filled_count(row) == 1 and not looks_like_a_value(text)
