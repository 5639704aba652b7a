"""Rows that repeat an earlier one: found by digests of their cells, in bounded memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.errors import Invalid
from simplr_core.tidy.cells import trim

MOST_ROWS = 5_000_000
DIGEST = 16


class TooManyRowsToCompare(Invalid):
    """Rows are compared up to 5,000,000 different ones. Switch the step `distinct` off, or split the file."""

    code = "too-many-rows-to-compare"


class Repeats:
    """Remembers rows by a digest of 16 bytes each, and says which come again."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def positions(self, columns: Sequence[pa.Array]) -> npt.NDArray[np.int64]:
        """The rows whose cells are all as in an earlier row, blanks around them aside.

        Raises TooManyRowsToCompare.
        """
        again: list[int] = []
        for position, row in enumerate(_joined(columns)):
            digest = hashlib.blake2b(row, digest_size=DIGEST).digest()
            if digest in self._seen:
                again.append(position)
            else:
                self._seen.add(digest)
        if len(self._seen) > MOST_ROWS:
            raise TooManyRowsToCompare
        return np.array(again, np.int64)


def _joined(columns: Sequence[pa.Array]) -> list[bytes]:
    """Each row as bytes that no other row has: every cell behind its length."""
    parts: list[pa.Array] = []
    for column in columns:
        cells = trim(column)
        parts += [pc.binary_length(cells).cast(pa.string()), cells]
    rows = pc.binary_join_element_wise(*parts, ":") if parts else pa.array([], pa.string())
    found: list[bytes] = rows.cast(pa.binary()).to_pylist()
    return found
