"""The wire between a child and its parent: frames on one pipe.

Two bytes of channel, four bytes of length (big-endian), then that many bytes. Channel 0 carries
JSON messages (`progress`, `result`, `error`); the others carry data, and a frame of length zero
closes one. The parent does not trust what it reads: a parser may have been taken over.
"""

from __future__ import annotations

import json
import os
import struct
import threading
import time
from collections.abc import Mapping
from typing import Any

from simplr_core.errors import SimplrError

HEADER = struct.Struct(">HI")
LARGEST_DATA = 1 << 18
LARGEST_MESSAGE = 1 << 25
PIPE_BYTES = 1 << 20
"""What may lie in the pipe: some frames, so that child and parent need not take turns for each."""
MOST_CHANNELS = (1 << 16) - 1
"""A wide table needs one for each profile, and one for each personal field."""
_PROGRESS_EVERY_SECONDS = 0.1


class FrameWriter:
    """Writes frames to a descriptor, whole ones, from any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def message(self, content: Mapping[str, Any]) -> None:
        """Send one JSON message on channel 0."""
        body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        if len(body) > LARGEST_MESSAGE:
            raise ValueError("A message of a child is too long.")
        self.frame(0, body)

    def frame(self, channel: int, body: bytes | memoryview) -> None:
        """Send one frame; blocks while the reader is slower."""
        header = HEADER.pack(channel, len(body))
        with self._lock:
            written = os.writev(self._descriptor, (header, body))
            if written < len(header):
                self._write(memoryview(header)[written:])
            self._write(memoryview(body)[max(0, written - len(header)) :])

    def _write(self, view: memoryview) -> None:
        while view:
            view = view[os.write(self._descriptor, view) :]


class ChannelSink:
    """Data on one channel. Closing it says that it is complete."""

    def __init__(self, writer: FrameWriter, channel: int) -> None:
        self._writer = writer
        self._channel = channel
        self.closed = False

    def write(self, content: bytes | memoryview, /) -> int:
        view = memoryview(content).cast("B")
        for start in range(0, len(view), LARGEST_DATA):
            self._writer.frame(self._channel, view[start : start + LARGEST_DATA])
        return len(view)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._writer.frame(self._channel, b"")


class PipePort:
    """What a job sees of its parent: `simplr_core.tables.jobs.port.ChildPort` over a pipe."""

    def __init__(self, writer: FrameWriter, parent_gone: Any) -> None:
        self._writer = writer
        self._parent_gone = parent_gone
        self._sinks: dict[int, ChannelSink] = {}
        self._told_at = 0.0

    def progress(self, done: int, total: int | None, step: str) -> None:
        """Say how far the work is, at most ten times a second."""
        moment = time.monotonic()
        if moment - self._told_at >= _PROGRESS_EVERY_SECONDS or done == total:
            self._told_at = moment
            self._writer.message({"progress": {"done": done, "total": total, "step": step}})

    def sink(self, channel: int) -> ChannelSink:
        """The data channel of that number, from 1; always the same one."""
        if not 1 <= channel <= MOST_CHANNELS:
            raise ValueError(f"Data channels are numbered from 1 to {MOST_CHANNELS}.")
        return self._sinks.setdefault(channel, ChannelSink(self._writer, channel))

    def cancelled(self) -> bool:
        """True once nobody waits for the result."""
        return bool(self._parent_gone())


def describe_error(error: BaseException) -> dict[str, Any]:
    """What of an error may leave the child: no value of any cell, so no text we did not write."""
    if isinstance(error, SimplrError):
        return {
            "code": error.code,
            "status": error.status,
            "message": error.message,
            "details": json.loads(json.dumps(error.details, default=str)),
        }
    if _is_out_of_memory(error):
        return {"code": "file-too-demanding", "status": 422, "message": "", "details": {}}
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
    kind = type(error)
    details = {"type": f"{kind.__module__}.{kind.__qualname__}", "where": where}
    return {"code": "child-fault", "status": 500, "message": "", "details": details}


def _is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException"
