"""How many different values there are: exactly where they are few, else by the smallest hashes.

The estimate is that of k minimum values (Bar-Yossef et al., RANDOM 2002): of k hashes that are kept,
spread evenly, the largest says how densely all lie. With 65,536 it is off by about 0.4 per cent.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MOST_EXACT = 131_072
"""Up to so many different values are counted exactly."""
KEPT_HASHES = 65_536
LONG_TEXT = 256
"""Bytes from which on a text is hashed by itself, not with all others of its batch."""

_PLACES_BITS = 17
_SHIFT = np.uint64(64 - _PLACES_BITS)
_ONE = np.uint64(1)

Hashes = npt.NDArray[np.uint64]


class Distinct:
    """Counts distinct values; `add` takes them batch by batch, in the type of their field."""

    def __init__(self) -> None:
        self._kept = np.zeros(0, np.uint64)
        self._full = False
        self._waiting: list[Hashes] = []
        self._lately: Hashes | None = None

    def add(self, values: pa.Array, *, mostly: bool = False) -> None:
        """Count the next values (no nulls). `mostly`: they were not looked through for the same ones."""
        new = hashes_of(values)
        if self._full:
            new = new[new < self._kept[-1]]
        elif mostly:
            new = self._not_lately_seen(new)
        self._waiting.append(new)
        # Each merge sorts all that waits: it pays to let many come together.
        if sum(map(len, self._waiting)) > max(len(self._kept), KEPT_HASHES):
            self._merge()

    @property
    def hashes(self) -> Hashes:
        """The smallest hashes, rising; of all values where they are few."""
        self._merge()
        return self._kept

    def count(self) -> tuple[int, bool]:
        """How many different values were added, and whether that is exact."""
        self._merge()
        if not self._full:
            return len(self._kept), True
        share = float(self._kept[-1]) / 2.0**64
        return round((len(self._kept) - 1) / share), False

    def _not_lately_seen(self, hashes: Hashes) -> Hashes:
        """Those that are not in a table of the last hash of each place: fewer are to be sorted."""
        if self._lately is None:
            # In each place what belongs into another one: no hash that comes is taken for seen.
            self._lately = (np.arange(1 << _PLACES_BITS, dtype=np.uint64) ^ _ONE) << _SHIFT
        places = (hashes >> _SHIFT).astype(np.intp)
        fresh: Hashes = hashes[self._lately[places] != hashes]
        self._lately[(fresh >> _SHIFT).astype(np.intp)] = fresh
        return fresh

    def _merge(self) -> None:
        if not self._waiting:
            return
        new = np.sort(np.concatenate(self._waiting))
        self._waiting = []
        if len(new):  # np.unique and np.union1d are ten times as slow
            new = new[np.concatenate([[True], new[1:] != new[:-1]])]
        places = np.searchsorted(self._kept, new)
        if len(self._kept):
            unknown = self._kept[np.minimum(places, len(self._kept) - 1)] != new
            new, places = new[unknown], places[unknown]
        if len(new):
            self._kept = np.insert(self._kept, places, new)
        if len(self._kept) > MOST_EXACT or self._full:
            self._full, self._lately = True, None
            self._kept = self._kept[:KEPT_HASHES]


_ODD = np.uint64(0x9E3779B97F4A7C15)


def hashes_of(values: pa.Array) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of every value (no nulls), the same in every batch. Not for secrets."""
    if pa.types.is_string(values.type):
        numbers = _text_hashes(values)
    elif pa.types.is_floating(values.type):
        numbers = (np.asarray(values) + 0.0).view(np.uint64)  # + 0.0: one zero only
    elif pa.types.is_boolean(values.type):
        numbers = np.asarray(values.cast(pa.uint8())).astype(np.uint64)
    else:
        whole = (
            values.cast(pa.int32()).cast(pa.int64()) if pa.types.is_date(values.type) else values
        )
        numbers = np.asarray(whole.cast(pa.int64())).view(np.uint64)
    return mixed(numbers)


def _text_hashes(values: pa.Array) -> npt.NDArray[np.uint64]:
    """The length of each text, and its bytes taken in eight at a time; `mixed` does the rest."""
    _, offset_buffer, data_buffer = values.buffers()
    if not len(values):
        return np.zeros(0, np.uint64)
    offsets = np.frombuffer(offset_buffer, np.int32)[values.offset :][: len(values) + 1]
    offsets = offsets.astype(np.int64)
    data = np.frombuffer(data_buffer or b"", np.uint8)[offsets[0] : offsets[-1]]
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    # The eight bytes from each byte on, without a copy.
    words = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))
    starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
    hashes = mixed(lengths.astype(np.uint64))
    shortest, longest = int(lengths.min()), int(lengths.max())
    done = 0
    while done < shortest and longest <= LONG_TEXT:  # in all of them at once
        word = words[starts + done]
        if done + 8 > shortest:
            word &= _FIRST_BYTES[np.minimum(lengths - done, 8)]
        _take_in(hashes, word)
        done += 8
    for long in np.flatnonzero(lengths > LONG_TEXT):
        text = data[starts[long] : starts[long] + lengths[long]].tobytes()
        digest = hashlib.blake2b(text, digest_size=8).digest()
        hashes[long] = int.from_bytes(digest, "little")
    left = np.flatnonzero((lengths > done) & (lengths <= LONG_TEXT))
    while len(left):
        rest = np.minimum(lengths[left] - done, 8)
        word = words[starts[left] + done] & _FIRST_BYTES[rest]
        some = hashes[left]
        _take_in(some, word)
        hashes[left] = some
        done += 8
        left = left[lengths[left] > done]
    return hashes


def _take_in(hashes: Hashes, words: Hashes) -> None:
    """Take the next eight bytes of each text into its hash. Different words stay different."""
    hashes ^= words
    hashes *= _ODD
    hashes ^= hashes >> np.uint64(32)


_FIRST_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)


def mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of splitmix64: near numbers become far ones."""
    x = numbers + _ODD
    # In place: half of the time went into memory for what is in between.
    moved = x >> np.uint64(30)
    for factor, shift in ((0xBF58476D1CE4E5B9, 27), (0x94D049BB133111EB, 31)):
        x ^= moved
        x *= np.uint64(factor)
        np.right_shift(x, np.uint64(shift), out=moved)
    x ^= moved
    return x
