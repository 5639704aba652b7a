"""Streams over a source that others own: borrowed, and read again from the start."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER = 1 << 18


class Borrowed(io.RawIOBase):
    """A raw view of a seekable source that is not closed with it."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        super().__init__()
        self._source = source
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("a position before the start")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        # The source may keep its position per thread, so it is set each time.
        target = memoryview(buffer).cast("B")
        self._source.seek(self._position)
        piece = self._source.read(len(target))
        target[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def buffered(source: BinaryIO, size: int) -> io.BufferedReader:
    """A buffered view of `source`, which stays open when the view is closed."""
    return io.BufferedReader(Borrowed(source, size), BUFFER)
