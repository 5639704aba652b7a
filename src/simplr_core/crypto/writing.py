"""Sealing a stream of unknown length in the memory of two segments."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from blake3 import blake3

from simplr_core.crypto.keys import Key
from simplr_core.crypto.segments import MOST_SEGMENTS, Header, segment_bits_for
from simplr_core.errors import Conflict, Invalid


class SupportsWrite(Protocol):
    """What a sealed object is written to. It may return how many bytes it took, or nothing."""

    def write(self, content: bytes, /) -> object: ...


@dataclass(frozen=True)
class Sealed:
    """What to remember of an object that was sealed. Pin `header`: it refuses a roll-back."""

    size: int
    """Length of the plaintext."""
    sealed_size: int
    header: bytes
    blake3: bytes
    """Digest of the plaintext."""
    sha256: bytes | None
    """Digest of the plaintext, if it was asked for."""


class SealingWriter:
    """Seals what is written to it into `sink`, in whichever pieces it comes.

    The object is complete only when `close()` has returned; whatever the sink holds before, or
    after `abort()`, is refused by every reader as cut off. The sink is not closed. As a context
    manager it closes on success and aborts on an error; `sealed` then holds the result.
    """

    def __init__(
        self,
        sink: SupportsWrite,
        *,
        key: Key,
        context: bytes,
        expected_size: int | None,
        sha256: bool = False,
        segment_bits: int | None = None,
    ) -> None:
        bits = segment_bits_for(expected_size) if segment_bits is None else segment_bits
        self._header = Header.fresh(segment_bits=bits)
        self._cipher = self._header.cipher(key=key, context=context)
        self._sink = sink
        self._pending = bytearray()
        self._blake3 = blake3()
        self._sha256 = hashlib.sha256() if sha256 else None
        self._number = self._size = self._sealed_size = 0
        self._open = True
        self.sealed: Sealed | None = None
        self._deliver(self._header.raw)

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Take all of `content`; a full segment is sealed once it is known not to be the last."""
        if not self._open:
            raise Conflict("The object is closed.")
        view = memoryview(content).cast("B")
        self._blake3.update(view)
        if self._sha256:
            self._sha256.update(view)
        self._size += view.nbytes
        segment_size, taken = self._header.segment_size, 0
        if self._pending:
            taken = min(segment_size - len(self._pending), view.nbytes)
            self._pending += view[:taken]
            if taken < view.nbytes:
                self._seal(self._pending, last=False)
                self._pending.clear()
        while view.nbytes - taken > segment_size:
            self._seal(view[taken : taken + segment_size], last=False)
            taken += segment_size
        self._pending += view[taken:]
        return view.nbytes

    def close(self) -> Sealed:
        """Seal the last segment and return what to remember. Closing again returns the same."""
        if self.sealed is None:
            if not self._open:
                raise Conflict("The object was given up.")
            self._seal(self._pending, last=True)
            self.abort()
            self.sealed = Sealed(
                size=self._size,
                sealed_size=self._sealed_size,
                header=self._header.raw,
                blake3=self._blake3.digest(),
                sha256=self._sha256.digest() if self._sha256 else None,
            )
        return self.sealed

    def abort(self) -> None:
        """Take nothing more. Unless closed before, what was written stays unreadable for ever."""
        self._open = False
        self._pending = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abort()

    def _seal(self, plain: bytearray | memoryview, *, last: bool) -> None:
        if self._number == MOST_SEGMENTS:
            self._open = False
            raise Invalid("The object is too large for its segments.")
        nonce = self._header.nonce(self._number, last=last)
        self._number += 1
        self._deliver(self._cipher.encrypt(nonce, plain, None))

    def _deliver(self, content: bytes) -> None:
        """Hand all of `content` to the sink. A nonce is never used twice, so an error is final."""
        rest = content
        try:
            while rest:
                taken = self._sink.write(rest)
                if not isinstance(taken, int) or taken >= len(rest):
                    break
                if taken <= 0:
                    raise OSError("the sink takes no more bytes")
                rest = rest[taken:]
        except BaseException:
            self._open = False
            raise
        self._sealed_size += len(content)


def seal_bytes(plain: bytes | bytearray | memoryview, *, key: Key, context: bytes) -> bytes:
    """A small value as one sealed object, the same format as a file."""
    size = len(plain)
    header = Header.fresh(segment_bits=segment_bits_for(size))
    cipher = header.cipher(key=key, context=context)
    step, view = header.segment_size, memoryview(plain).cast("B")
    starts = range(0, max(size, 1), step)
    pieces = [header.raw]
    for number, start in enumerate(starts):
        nonce = header.nonce(number, last=number == len(starts) - 1)
        pieces.append(cipher.encrypt(nonce, view[start : start + step], None))
    return b"".join(pieces)
