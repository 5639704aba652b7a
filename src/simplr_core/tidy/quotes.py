"""Finding quotation marks that are not well formed, in bytes, at the speed of reading them."""

from __future__ import annotations

import numpy as np

from simplr_core.tidy.understanding import Dialect

LINE_ENDS = b"\r\n"


class CarefulNeeded(Exception):
    """The quick reader cannot read this file right; the careful one can."""


class StrayQuotes:
    """Looks at a stream of UTF-8 for marks that neither open nor close a cell nor are doubled.

    It may see one where none is (a cell that begins with a doubled mark), never the other way
    round within a line: the careful reader is slower, and right.
    """

    def __init__(self, dialect: Dialect) -> None:
        delimiter = dialect.delimiter.encode() or b"\x1f"
        self._quote = ord(dialect.quote) if dialect.quote and dialect.quote.isascii() else -1
        self._edge = np.zeros(256, np.bool_)
        self._edge[list(delimiter + LINE_ENDS)] = True
        self._ok_before = self._edge.copy()
        if dialect.escape:
            self._ok_before[ord(dialect.escape)] = True
        self._last = b"\n\n"

    def look_at(self, piece: bytes) -> None:
        """Raises CarefulNeeded at the first mark that is not well formed."""
        if self._quote < 0 or not piece:
            return
        if self._quote not in piece and self._quote not in self._last:
            self._last = (self._last + piece)[-2:]
            return
        whole = np.frombuffer(self._last + piece, np.uint8)
        self._last = bytes(whole[-2:])
        quote = self._quote
        at = np.flatnonzero(whole[1:-1] == quote) + 1
        before, after = whole[at - 1], whole[at + 1]
        alone = ~(
            self._ok_before[before] | self._edge[after] | (before == quote) | (after == quote)
        )
        at_end = self._edge[before] & np.isin(after, (10, 13)) & (before != 10) & (before != 13)
        if alone.any() or at_end.any():
            raise CarefulNeeded
        first = at[(before == quote) & (at > 1)]
        opened = self._edge[whole[first - 2]] & ~self._edge[whole[first + 1]]
        if (opened & (whole[first + 1] != quote)).any():
            raise CarefulNeeded
