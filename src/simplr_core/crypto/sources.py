"""Where sealed bytes are read from."""

from __future__ import annotations

import os
from typing import Protocol


class RangeSource(Protocol):
    """Bytes of a known length that can be read anywhere. Fewer bytes than asked mean the end."""

    @property
    def size(self) -> int: ...

    def read_at(self, offset: int, length: int, /) -> bytes: ...


class BytesSource:
    """Sealed bytes held in memory."""

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        self._content = memoryview(content)

    @property
    def size(self) -> int:
        return self._content.nbytes

    def read_at(self, offset: int, length: int, /) -> bytes:
        return bytes(self._content[offset : offset + length])


class FileDescriptorSource:
    """An open file, read by position only, so several readers may share the descriptor.

    The descriptor stays the caller's and must be open while this is used; an `owned` one is closed
    with the reader of this source, or by `close`.
    """

    def __init__(self, descriptor: int, *, owned: bool = False) -> None:
        self._descriptor = descriptor
        self._owned = owned
        self._size = os.fstat(descriptor).st_size

    @property
    def size(self) -> int:
        return self._size

    def read_at(self, offset: int, length: int, /) -> bytes:
        read = os.pread(self._descriptor, length, offset)
        if len(read) == length or not read:
            return read
        pieces = [read]
        while (missing := length - sum(map(len, pieces))) and (
            more := os.pread(self._descriptor, missing, offset + length - missing)
        ):
            pieces.append(more)
        return b"".join(pieces)

    def close(self) -> None:
        """Close the descriptor, if it is owned."""
        if self._owned:
            self._owned = False
            os.close(self._descriptor)
