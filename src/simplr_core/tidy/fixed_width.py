"""Text whose columns stand below each other, with nothing but blanks between them.

Columns are found by the places that are blank on every line of a sample. Prose has no such places
for more than a few lines, and cells of delimited text end with their delimiter: neither is taken
for columns. Later lines whose text runs across two columns go to quarantine.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

SAMPLE_LINES = 300
LONGEST_LINE = 2_000
FEWEST_LINES = 4
MANY_LINES = 10
MOST_ABOVE = 30
MOST_BELOW = 3
FILLED = 0.5
RARE = 0.5
ALIGNED = 0.75
OF_DELIMITED = 0.05
RULES = frozenset("-=_")
SHORTEST_RULE = 3
DELIMITERS = ",;|"
_QUOTED = re.compile(r'(^|\s)"[^"]+"(\s|$)')
BLANK = ord(" ")

Cells = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where columns begin, and how many lines of the sample stand above and below them."""

    starts: tuple[int, ...]
    lines: int
    above: int
    below: int
    narrowest_gap: int

    @property
    def evidence(self) -> str:
        return (
            f"{self.lines:,} of the first {self.lines + self.above + self.below:,} lines are blank "
            f"in the same places between {len(self.starts)} columns."
        )


def cut(line: str, starts: Sequence[int]) -> list[str]:
    """The cells of a line."""
    ends = (*starts[1:], None)
    return [line[start:end].rstrip() for start, end in zip(starts, ends, strict=True)]


def runs_across(line: str, starts: Sequence[int]) -> bool:
    """Whether the text of a line goes on over the start of a column."""
    return any(line[at - 1 : at].strip() and line[at : at + 1].strip() for at in starts[1:])


def is_rule(cells: Sequence[str]) -> bool:
    """Whether a row is a line that somebody drew: dashes and nothing else."""
    words = " ".join(cells).split()
    longest = max(map(len, words), default=0)
    return longest >= SHORTEST_RULE and all(map(RULES.issuperset, words))


def find_columns(text: str) -> Columns | None:
    """The columns of the lines of `text`; None where blanks do not part any."""
    whole = (line.rstrip("\r\n") for line in io.StringIO(text, newline=""))
    lines = list(islice((line for line in whole if line.strip()), SAMPLE_LINES))
    lines = [line for line in lines if not is_rule(line.split())]
    longest = max(map(len, lines), default=0)
    if len(lines) < FEWEST_LINES or longest > LONGEST_LINE or "\t" in text or "  " not in text:
        return None
    codes = "".join(line.ljust(longest) for line in lines).encode("utf-32-le", "replace")
    sheet = np.frombuffer(codes, np.uint32).reshape(len(lines), longest)
    filled = sheet != BLANK
    for below in range(MOST_BELOW + 1):
        for above in range(MOST_ABOVE + 1):
            part = filled[above : len(lines) - below]
            if len(part) < max(FEWEST_LINES, len(lines) // 2):
                break
            starts = _starts(part)
            if starts and not _is_delimited(lines[above : len(lines) - below], starts):
                gaps = _gaps(part)
                narrowest = min(end - start for start, end in gaps)
                return Columns(starts, len(part), above, below, narrowest)
    return None


def _gaps(filled: Cells) -> list[tuple[int, int]]:
    """The stretches that are blank on every line and part columns."""
    gaps = _blank(filled)
    for gap in list(gaps):
        at = gaps.index(gap)
        before = gaps[at - 1][1] if at else 0
        after = gaps[at + 1][0] if at + 1 < len(gaps) else filled.shape[1]
        sides = (filled[:, before : gap[0]], filled[:, gap[1] : after])
        rarest = min(side.any(axis=1).sum() for side in sides)
        # A blank between two words of a name over a narrow column.
        if gap[1] - gap[0] == 1 and rarest <= max(1, RARE * len(filled)):
            gaps.remove(gap)
    return gaps


def _blank(filled: Cells) -> list[tuple[int, int]]:
    """The stretches that are blank on every line, between the first and the last that are not."""
    used = filled.any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], used, [False]]).astype(np.int8)))
    begins, ends = edges[::2].tolist(), edges[1::2].tolist()
    return list(zip(ends[:-1], begins[1:], strict=True))


def _starts(filled: Cells) -> tuple[int, ...]:
    """Where columns begin, if enough of them are filled and stand in line; else nothing."""
    gaps = _gaps(filled)
    if not gaps:
        return ()
    begins = [0, *(end for _, end in gaps)]
    ends = [*(start for start, _ in gaps), filled.shape[1]]
    starts, good = [0], 0
    for n, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        column = _Column.of(filled[:, begin:end])
        if column.filled >= FILLED:
            if not column.is_aligned:
                return ()
            good += 1
        if n:
            gap_start, gap_end = gaps[n - 1]
            # A longer number that comes later begins further left.
            starts.append(min(gap_start + 1, gap_end) if column.is_right else gap_end)
    narrowest, *_, widest = sorted(end - start for start, end in (*gaps, *gaps))
    many = len(filled) >= MANY_LINES
    enough = good > 2 or (good == 2 and narrowest > 1 and many)
    # Single blanks everywhere are a delimiter, or stand between words.
    return tuple(starts) if enough and widest > 1 and (narrowest > 1 or many) else ()


@dataclass(frozen=True, slots=True)
class _Column:
    filled: float
    left: float
    right: float

    @classmethod
    def of(cls, cells: Cells) -> _Column:
        """How many of its cells hold something, and how many of those begin or end in line."""
        some = cells[cells.any(axis=1)]
        if not len(some):
            return cls(0.0, 0.0, 0.0)
        begins, ends = some.argmax(axis=1), some[:, ::-1].argmax(axis=1)
        left, right = (np.bincount(edge).max() / len(some) for edge in (begins, ends))
        return cls(len(some) / len(cells), float(left), float(right))

    @property
    def is_aligned(self) -> bool:
        return max(self.left, self.right) >= ALIGNED

    @property
    def is_right(self) -> bool:
        return self.right >= ALIGNED > self.left


def _is_delimited(lines: Sequence[str], starts: Sequence[int]) -> bool:
    """Whether cells begin or end with what stands between cells of delimited text."""
    cells = [cell for line in lines for cell in map(str.strip, cut(line, starts)) if cell]
    marked = sum(cell[0] in DELIMITERS or cell[-1] in DELIMITERS for cell in cells)
    quoted = sum(_QUOTED.search(line) is not None for line in lines)
    return marked > OF_DELIMITED * len(cells) or quoted > FILLED * len(lines)
