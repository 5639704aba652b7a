"""Open files of `simplr://`: rows held in memory, files read by ranges. Nothing is put on a disk.

Programs such as DuckDB share one open file among threads that first seek and then read, so each
thread has a position of its own.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from simplr_client.errors import Invalid, TransferBroken
from simplr_client.transport import Transport

BLOCK = 1 << 20
ASK_AGAIN_SECONDS = 0.8


class Opened(io.RawIOBase):
    """A file of known size in which every thread has its own position."""

    mode = "rb"

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self._here = threading.local()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return int(getattr(self._here, "position", 0))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = (0, self.tell(), self.size)[whence]
        self._here.position = max(0, base + offset)
        return self.tell()

    def readinto(self, buffer: Any) -> int:
        if self.closed:
            raise ValueError("the file is closed")
        place = self.tell()
        content = self.stretch(place, min(len(buffer), max(0, self.size - place)))
        buffer[: len(content)] = content
        self._here.position = place + len(content)
        return len(content)

    def stretch(self, place: int, count: int) -> bytes | memoryview:
        """At most `count` bytes from `place` on, and none only where there are none."""
        raise NotImplementedError


class Held(Opened):
    """Bytes in memory; whether they may still be read is asked again while they are."""

    def __init__(self, content: bytes, *, still_open: Callable[[], object]) -> None:
        super().__init__(len(content))
        self._content = memoryview(content)
        self._still_open = still_open
        self._asked_at = time.monotonic()

    def stretch(self, place: int, count: int) -> memoryview:
        if time.monotonic() - self._asked_at > ASK_AGAIN_SECONDS:
            self._still_open()
            self._asked_at = time.monotonic()
        return self._content[place : place + count]

    def close(self) -> None:
        self._content = memoryview(b"")
        super().close()


class Ranged(Opened):
    """A file of the installation, read a block at a time; each block is decided on anew."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = path
        self._tag: str | None = None
        block, size = self._begun()
        super().__init__(size)
        self._here.number, self._here.block = 0, block

    def _begun(self) -> tuple[bytes, int]:
        """The first block, and the size of all."""
        try:
            with self._transport.stream(
                self._path, headers={"Range": f"bytes=0-{BLOCK - 1}"}
            ) as download:
                content = b"".join(download.chunks())
        except Invalid as empty:
            if empty.status == 416 and empty.problem.get("size") == 0:
                return b"", 0
            raise
        self._tag = download.tag
        said = download.headers.get("content-range", "").rpartition("/")[2]
        if self._tag is None or not said.isdigit():
            raise TransferBroken("The installation does not say how to read parts of this.")
        return content, int(said)

    def stretch(self, place: int, count: int) -> bytes:
        if count == 0:
            return b""
        number, skip = divmod(place, BLOCK)
        if getattr(self._here, "number", None) != number:
            self._here.block = self._fetched(number * BLOCK, min(self.size, (number + 1) * BLOCK))
            self._here.number = number
        return bytes(self._here.block[skip : skip + count])

    def _fetched(self, first: int, end: int) -> bytes:
        wanted = {"Range": f"bytes={first}-{end - 1}", "If-Range": self._tag or ""}
        with self._transport.stream(self._path, headers=wanted) as download:
            if download.headers.get("content-range") != f"bytes {first}-{end - 1}/{self.size}":
                raise TransferBroken("What is there now is another state of the file.")
            content = b"".join(download.chunks())
        if len(content) != end - first:
            raise TransferBroken("A part of the file came short.")
        return content


def download_into_memory(
    transport: Transport, path: str, *, params: Mapping[str, object], most: int
) -> bytes:
    """All of an answer. Raises Invalid as soon as it is more than `most` bytes."""
    held = bytearray()
    with transport.stream(path, params=params) as download:
        for chunk in download.chunks():
            held += chunk
            if len(held) > most:
                raise Invalid(
                    f"It is more than {most:,} bytes, which are held in memory. Ask for fewer "
                    "fields or rows (`?fields=…&where=…`), read `Dataset.batches()`, or give a "
                    "larger `most_bytes`.",
                    code="too-large-to-hold",
                )
    return bytes(held)
