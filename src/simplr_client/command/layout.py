"""Calm text for people: aligned columns, sizes, counts and times. Pure; no output here."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo


def size(count: int | None) -> str:
    """A size in bytes as people read it: 812 B, 1.4 kB, 230 MB."""
    if count is None:
        return ""
    number = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if number < 999.5 or unit == "TB":
            if unit == "B":
                return f"{count} B"
            return f"{number:.1f} {unit}" if number < 9.95 else f"{number:.0f} {unit}"
        number /= 1000
    raise AssertionError("the last unit returns")


def number(count: object) -> str:
    """A count with separators: 336,776. Nothing for what is not known."""
    if count is None:
        return ""
    if isinstance(count, int) and not isinstance(count, bool):
        return f"{count:,}"
    return str(count)


def moment(text: object, *, zone: tzinfo | None = None) -> str:
    """An instant of the API in the reader's own time zone, to the minute."""
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
    if found.tzinfo is None:
        return str(text)
    return found.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def shown(cell: object) -> str:
    """A cell on one line: nothing for what is missing, and no control character of it obeyed."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, list | tuple):
        return ", ".join(shown(part) for part in cell)
    return "".join(
        " " if char in "\t\n\r" else char
        for char in str(cell)
        if char in "\t\n\r" or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )


def width(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Iterable[str] = (),
    longest: int = 60,
    empty: str = "Nothing here.",
) -> str:
    """Aligned columns under small headings; `right` names the columns of numbers."""
    cells = [[_cut(shown(cell), longest) for cell in row] for row in rows]
    if not cells:
        return empty
    widths = [
        max(width(heading), *(width(row[column]) for row in cells))
        for column, heading in enumerate(headings)
    ]
    to_right = [heading in set(right) for heading in headings]
    lines = [_line([heading.upper() for heading in headings], widths, to_right)]
    lines += [_line(row, widths, to_right) for row in cells]
    return "\n".join(lines)


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """One fact a line, names aligned; a fact without a value is left out."""
    told = [(name, shown(value)) for name, value in pairs if shown(value)]
    if not told:
        return ""
    longest = max(width(name) for name, _ in told)
    return "\n".join(f"{name}{' ' * (longest - width(name))}  {value}" for name, value in told)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _line(cells: Sequence[str], widths: Sequence[int], to_right: Sequence[bool]) -> str:
    parts = []
    for cell, wide, right in zip(cells, widths, to_right, strict=True):
        space = " " * (wide - width(cell))
        parts.append(space + cell if right else cell + space)
    return "  ".join(parts).rstrip()
