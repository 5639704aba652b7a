"""Opening sealed objects, whole or anywhere, never returning a byte that is not proven."""

from __future__ import annotations

import hmac
import io
import threading
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag

from simplr_core.crypto.errors import SealBroken
from simplr_core.crypto.keys import Key
from simplr_core.crypto.segments import HEADER_SIZE, TAG_SIZE, Header, Layout
from simplr_core.crypto.sources import FileDescriptorSource, RangeSource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Place(threading.local):
    """Where one thread stands, and the segment it opened last."""

    position = 0
    segment = -1
    length = 0

    def __init__(self) -> None:
        self.buffer = bytearray()


class UnsealingReader(io.RawIOBase):
    """A seekable file of the plaintext. Opening it proves header, key, context and length.

    The length is proven by opening the last segment first, since only that one carries the mark
    of the end. `header`, where the caller remembers it, refuses an older sealing of the same
    object; `sealed_size` refuses any other length. What breaks names the `object`, if it is given.

    Position and buffer belong to the calling thread: DuckDB shares one handle between threads
    that seek and then read. Only the raw read is locked. Raises SealBroken.
    """

    def __init__(
        self,
        source: RangeSource,
        *,
        key: Key,
        context: bytes,
        sealed_size: int | None = None,
        header: bytes | None = None,
        object: str = "",  # noqa: A002 - what it is called in the details of an error
    ) -> None:
        super().__init__()
        self._source = source
        self._object = object
        self._lock = threading.Lock()
        try:
            self._prove(key=key, context=context, sealed_size=sealed_size, header=header)
        except BaseException as error:
            if isinstance(error, SealBroken):
                self._name_in(error)
            self.close()
            raise

    def _prove(
        self, *, key: Key, context: bytes, sealed_size: int | None, header: bytes | None
    ) -> None:
        source = self._source
        if sealed_size is not None and source.size != sealed_size:
            raise SealBroken("The object has another length than was sealed.", reason="length")
        found = self._read_raw(0, HEADER_SIZE)
        if header is not None and not hmac.compare_digest(found, header):
            raise SealBroken("This is another sealing than the one kept.", reason="rolled-back")
        self._header = Header.parse(found)
        self._layout = Layout.of(self._header, sealed_size=source.size)
        self._cipher = self._header.cipher(key=key, context=context)
        self._place = _Place()
        self._load(self._layout.count - 1)

    @property
    def size(self) -> int:
        """Length of the plaintext."""
        return self._layout.size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        self._check_open()
        return self._place.position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._check_open()
        if whence not in (io.SEEK_SET, io.SEEK_CUR, io.SEEK_END):
            raise ValueError(f"whence cannot be {whence}")
        position = offset + (0, self._place.position, self.size)[whence]
        if position < 0:
            raise ValueError(f"cannot seek to {position}")
        self._place.position = position
        return position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` as far as the plaintext goes. Whatever is put in it has been proven."""
        self._check_open()
        place, target, done = self._place, memoryview(buffer).cast("B"), 0
        while done < target.nbytes and place.position < self.size:
            number, start = divmod(place.position, self._layout.segment_size)
            try:
                self._load(number)
            except SealBroken as error:
                raise self._name_in(error) from None
            count = min(place.length - start, target.nbytes - done)
            target[done : done + count] = memoryview(place.buffer)[start : start + count]
            done += count
            place.position += count
        return done

    def read(self, size: int | None = -1, /) -> bytes:
        self._check_open()
        left = max(0, self.size - self._place.position)
        content = bytearray(left if size is None or size < 0 else min(size, left))
        return bytes(memoryview(content)[: self.readinto(content)])

    def readall(self) -> bytes:
        return self.read()

    def close(self) -> None:
        """Close the reader, and the descriptor of a source that owns one."""
        if not self.closed and isinstance(self._source, FileDescriptorSource):
            self._source.close()
        super().close()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def _read_raw(self, offset: int, length: int) -> bytes:
        with self._lock:
            return self._source.read_at(offset, length)

    def _name_in(self, error: SealBroken) -> SealBroken:
        if self._object:
            error.details["object"] = self._object
        return error

    def _load(self, number: int) -> None:
        """Have the segment in this thread's buffer, or raise and have nothing there."""
        place = self._place
        if place.segment == number:
            return
        place.segment = -1
        offset, length = self._layout.place(number)
        sealed = self._read_raw(offset, length)
        if len(sealed) != length:
            raise SealBroken("The object is cut off.", reason="length")
        if len(place.buffer) < length - TAG_SIZE:
            place.buffer = bytearray(min(self._layout.segment_size, self._layout.size))
        nonce = self._header.nonce(number, last=self._layout.is_last(number))
        target = memoryview(place.buffer)[: length - TAG_SIZE]
        try:
            self._cipher.decrypt_into(nonce, sealed, None, target)
        except InvalidTag:
            place.buffer = bytearray()
            raise SealBroken(
                f"Segment {number} is not what was sealed here.", reason="segment", segment=number
            ) from None
        place.segment, place.length = number, length - TAG_SIZE


def open_bytes(
    sealed: bytes | bytearray | memoryview, *, key: Key, context: bytes, header: bytes | None = None
) -> bytes:
    """The plaintext of a small sealed value, all of it proven; SealBroken otherwise."""
    view = memoryview(sealed).cast("B")
    found = Header.parse(bytes(view[:HEADER_SIZE]))
    if header is not None and not hmac.compare_digest(found.raw, header):
        raise SealBroken("This is another sealing than the one kept.", reason="rolled-back")
    layout = Layout.of(found, sealed_size=view.nbytes)
    cipher = found.cipher(key=key, context=context)
    pieces = []
    for number in range(layout.count):
        offset, length = layout.place(number)
        nonce = found.nonce(number, last=layout.is_last(number))
        try:
            pieces.append(cipher.decrypt(nonce, view[offset : offset + length], None))
        except InvalidTag:
            raise SealBroken(
                f"Segment {number} is not what was sealed here.", reason="segment", segment=number
            ) from None
    return b"".join(pieces)
