"""What a child job may use of its parent: nothing but progress, data channels and a stop sign."""

from __future__ import annotations

from typing import Protocol


class ChannelSink(Protocol):
    """Takes the bytes of one channel; closing it tells the parent that it is complete."""

    def write(self, content: bytes | memoryview, /) -> object: ...

    def close(self) -> None: ...


class ChildPort(Protocol):
    """The way out of a child. What a job returns becomes its result, in JSON."""

    def progress(self, done: int, total: int | None, step: str) -> None:
        """Say how far the work is. `step` is a word for people and holds no cell value."""

    def sink(self, channel: int) -> ChannelSink:
        """The data channel of this number, from 1."""

    def cancelled(self) -> bool:
        """True once somebody has asked the job to stop."""
