"""A stretch of the bytes that a writer makes: what a resumed download is sent.

Whoever asks for the bytes from a place on is answered by writing all of it once more and letting
only those through, so memory does not grow with the answer. That is right only where the same rows
always make the same bytes: `simplr_core.tables.formats.WRITER`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from simplr_core.tables.jobs.port import ChannelSink

T = TypeVar("T")


class Stretch:
    """A sink that lets the bytes from `first` to `last` through, both included.

    Without a sink it lets nothing through and only counts: `written` is the size of the whole.
    """

    def __init__(self, sink: ChannelSink | None, first: int = 0, last: int | None = None) -> None:
        self._sink = sink
        self._first = first
        self._end = None if last is None else last + 1
        self.written = 0

    def write(self, content: bytes | memoryview, /) -> int:
        began = self.written
        self.written += len(content)
        if self._sink is not None and self.written > self._first and not self._is_past(began):
            begin = max(0, self._first - began)
            end = len(content) if self._end is None else min(len(content), self._end - began)
            self._sink.write(content[begin:end])
        return len(content)

    def until_through(self, items: Iterable[T]) -> Iterator[T]:
        """The items, as long as something of the stretch is still to come."""
        for item in items:
            if self._is_past(self.written):
                return
            yield item

    def close(self) -> None:
        if self._sink is not None:
            self._sink.close()

    def _is_past(self, place: int) -> bool:
        return self._end is not None and place >= self._end
