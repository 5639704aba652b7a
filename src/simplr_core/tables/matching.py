"""Which rows of two tables belong together, with bounded memory.

Cells become 64-bit words under a secret seed and keys 128-bit ones, so rows are matched without
holding them: a whole number, day or flag by its very value, a text by BLAKE2b. Two different texts
share a word once in 2^64, two keys once in 2^128. Nobody who writes a file knows the seed, so
nobody can make them meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Words = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

_ODD = np.uint64(0x9E3779B97F4A7C15)
NOWHERE = -1


class Hasher:
    """Words for cells and keys for rows, the same for the same seed."""

    def __init__(self, seed: bytes) -> None:
        self._seed = hashlib.blake2b(seed, digest_size=32).digest()
        self._salts = np.frombuffer(self._seed, np.uint64)

    def cells(self, column: Any, salt: int = 0) -> Words:
        """A word for each cell; all missing cells have the same one."""
        if pa.types.is_string(column.type):
            words = self._texts(column, salt)
        else:
            words = _mixed(_bits(column) ^ self._salts[salt])
        missing = np.asarray(column.is_null())
        words[missing] = self._salts[salt + 1]
        return words

    def _texts(self, column: Any, salt: int) -> Words:
        encoded = column.dictionary_encode()
        key = self._seed + bytes([salt])
        digests = b"".join(
            hashlib.blake2b(text, digest_size=8, key=key).digest()
            for text in encoded.dictionary.cast(pa.binary()).to_pylist()
        )
        if not digests:
            return np.zeros(len(column), np.uint64)
        indices = np.asarray(encoded.indices.fill_null(0))
        found: Words = np.frombuffer(digests, np.uint64)[indices]
        return found

    def keys(self, columns: Sequence[Any], rows: int) -> tuple[Words, Words]:
        """The two words of the key that these columns make together, for each of the rows."""
        first, second = np.zeros(rows, np.uint64), np.zeros(rows, np.uint64)
        for column in columns:
            first = joined(first, self.cells(column, 0))
            second = joined(second, self.cells(column, 2))
        return first, second


def joined(words: Words, more: Words) -> Words:
    """The words of rows with one more column."""
    return _mixed(words * _ODD + more)


def _mixed(numbers: Words) -> Words:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): one to one, and far apart."""
    x = numbers + _ODD
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = x ^ (x >> np.uint64(31))
    return mixed


def _bits(column: Any) -> Words:
    """The value of every cell in 64 bits; nought where it is missing."""
    kind = column.type
    if pa.types.is_floating(kind):
        numbers = np.array(column.fill_null(0.0), np.float64) + 0.0  # one zero only
        numbers[np.isnan(numbers)] = np.nan
        return numbers.view(np.uint64)
    if pa.types.is_boolean(kind):
        return np.asarray(column.cast(pa.uint8()).fill_null(0)).astype(np.uint64)
    if pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    whole = np.array(column.cast(pa.int64()).fill_null(0), np.int64)
    return whole.view(np.uint64)


def any_missing(columns: Sequence[Any]) -> npt.NDArray[np.bool_]:
    """The rows in which one of the columns is missing."""
    missing = np.zeros(len(columns[0]), np.bool_)
    for column in columns:
        missing |= np.asarray(pc.is_null(column))
    return missing


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of some rows of a table: which rows they are, and whether their key says which."""

    rows: Rows
    first: Words
    second: Words
    missing: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rows)

    @classmethod
    def of(cls, parts: Iterable[Keys]) -> Keys:
        """The keys of several stretches of a table, in order."""
        found = list(parts)
        if not found:
            nothing = np.zeros(0, np.uint64)
            return cls(np.zeros(0, np.int64), nothing, nothing, np.zeros(0, np.bool_))
        return cls(
            np.concatenate([each.rows for each in found]),
            np.concatenate([each.first for each in found]),
            np.concatenate([each.second for each in found]),
            np.concatenate([each.missing for each in found]),
        )

    def where(self, chosen: npt.NDArray[np.bool_]) -> Keys:
        """The keys of some of the rows."""
        return Keys(
            self.rows[chosen], self.first[chosen], self.second[chosen], self.missing[chosen]
        )

    def repeated(self) -> npt.NDArray[np.bool_]:
        """The rows whose key occurs more than once. Those without a key are not among them."""
        order = np.lexsort((self.second, self.first))
        first, second = self.first[order], self.second[order]
        same = (first[1:] == first[:-1]) & (second[1:] == second[:-1])
        twice = np.zeros(len(self), np.bool_)
        twice[1:] |= same
        twice[:-1] |= same
        found = np.zeros(len(self), np.bool_)
        found[order] = twice
        return found & ~self.missing


def places_in(keys: Keys, others: Keys) -> Rows:
    """For each of `keys`, the place of its like in `others`, or NOWHERE.

    Of `others` each key is given once; those without a key have no like.
    """
    found = np.full(len(keys), NOWHERE, np.int64)
    if not len(others):
        return found
    order = np.lexsort((others.second, others.first))
    first, second = others.first[order], others.second[order]
    at = np.searchsorted(first, keys.first)
    # Two keys that share their first word stand side by side: look on until none is left.
    looking = np.arange(len(keys))
    while len(looking):
        place = at[looking]
        inside = place < len(first)
        looking, place = looking[inside], place[inside]
        alike = first[place] == keys.first[looking]
        looking, place = looking[alike], place[alike]
        equal = second[place] == keys.second[looking]
        found[looking[equal]] = order[place[equal]]
        looking = looking[~equal]
        at[looking] += 1
    found[keys.missing] = NOWHERE
    matched = found != NOWHERE
    found[matched] = np.where(others.missing[found[matched]], NOWHERE, found[matched])
    return found
