"""The parent's side: starting a child, reading what it sends, and saying how it ended."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import re
import select
import signal
import socket
import struct
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

from simplr.base.children.frames import HEADER, LARGEST_DATA, LARGEST_MESSAGE, PIPE_BYTES
from simplr.base.children.limits import Limits
from simplr.base.children.nursery import LENGTH, MOST_DESCRIPTORS
from simplr.base.children.observing import observer
from simplr.base.children.starting import borrow_place, send_request
from simplr_core.errors import (
    Conflict,
    Corrupt,
    Invalid,
    NotFound,
    Refused,
    SimplrError,
    Unavailable,
)


class FileTooDemanding(Invalid):
    """Reading this takes more memory or time than one piece of work may use. Split it."""

    code = "file-too-demanding"


class FileBreaksReader(Invalid):
    """The reader of this kind of file broke on it. The file is damaged or made to do harm."""

    code = "file-breaks-reader"


class WorkInterrupted(Unavailable):
    """The work was stopped from outside before it was done. Try again."""

    code = "work-interrupted"


class ChildFault(Exception):
    """A bug in a job. It names the type and the place, never the text, which may hold values."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the child: its progress."""

    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes on a channel; empty bytes close it."""

    channel: int
    content: bytes


_KINDS: Mapping[int, type[SimplrError]] = {
    kind.status: kind for kind in (Refused, NotFound, Conflict, Invalid, Corrupt, Unavailable)
}
_ENDINGS: Mapping[type[Exception], str] = {
    FileTooDemanding: "limit",
    FileBreaksReader: "file",
    WorkInterrupted: "stopped",
    ChildFault: "fault",
}
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TOO_DEMANDING = frozenset({signal.SIGXCPU, signal.SIGXFSZ, signal.SIGABRT})


def rebuilt(error: Mapping[str, Any]) -> Exception:
    """The error that the child told of, as one of the six kinds. Nothing in it is trusted."""
    code, status = str(error.get("code")), error.get("status", 0)
    message, details = str(error.get("message", ""))[:500], error.get("details")
    plain = {str(k): v for k, v in details.items()} if isinstance(details, dict) else {}
    if code == FileTooDemanding.code:
        return FileTooDemanding(message)
    known = isinstance(status, int) and status in _KINDS and code != "child-fault"
    if known and _CODE.fullmatch(code) and len(code) <= 60:
        return _kind(status, code)(message, **plain)
    return ChildFault(f"{plain.get('type')} at {plain.get('where')}"[:300])


@lru_cache(maxsize=256)
def _kind(status: int, code: str) -> type[SimplrError]:
    kind = _KINDS[status]
    return type(kind.__name__, (kind,), {"code": code, "__doc__": kind.__doc__})


def _with_plain_keys(value: Any) -> Any:
    """The same values, each key handle (which refuses to be pickled) as its bytes."""
    if isinstance(value, Mapping):
        return {name: _with_plain_keys(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_plain_keys(each) for each in value]
    if type(value).__module__.startswith("simplr_core.crypto") and hasattr(value, "reveal"):
        return value.reveal()
    return value


class Child:
    """A piece of work in a sandboxed process. Use it as a context manager: leaving it kills.

    Iterate `frames()` to the end; `result` is then what the job returned. Raises the error that
    the job raised, FileTooDemanding, FileBreaksReader or WorkInterrupted.
    """

    def __init__(self, frames: int, status: socket.socket, arguments: int, limits: Limits) -> None:
        self._frames, self._status, self._limits = frames, status, limits
        self._started_at = time.monotonic()
        self._arriving = select.poll()
        self._arriving.register(frames, select.POLLIN)
        self._killed_for: str | None = None
        self.result: Mapping[str, Any] | None = None
        self._close = weakref.finalize(self, _let_go, os.getpid(), frames, status, arguments)
        observer().started()

    def frames(self) -> Iterator[Message | Data]:
        """What the child sends, in order, until it has ended."""
        error: Mapping[str, Any] | None = None
        try:
            while (frame := self._next_frame()) is not None:
                channel, content = frame
                if channel:
                    yield Data(channel, content)
                    continue
                message = _message(content)
                if "result" in message:
                    self.result = message["result"]
                elif "error" in message:
                    error = message["error"]
                else:
                    yield Message(message)
            if error is not None:
                raise rebuilt(error)
            if self.result is None:
                raise self._ending()
        except (FileTooDemanding, FileBreaksReader, WorkInterrupted, ChildFault) as ending:
            observer().ended_badly(_ENDINGS[type(ending)])
            raise
        finally:
            self.close()

    def finish(self) -> Mapping[str, Any]:
        """Read to the end, letting progress and data go, and return the result."""
        for _ in self.frames():
            pass
        assert self.result is not None  # noqa: S101 - frames() raises otherwise
        return self.result

    def cancel(self) -> None:
        """Kill it. May be called from any thread, any number of times."""
        self._killed_for = self._killed_for or "cancelled"
        self._shut()

    def close(self) -> None:
        """Let go of it; if it still runs, it is killed."""
        self._close()

    def _shut(self) -> None:
        with suppress(OSError):  # it has ended already
            self._status.shutdown(socket.SHUT_RDWR)

    def _next_frame(self) -> tuple[int, bytes] | None:
        header = self._read(HEADER.size)
        if header is None:
            return None
        channel, length = HEADER.unpack(header)
        if length > (LARGEST_DATA if channel else LARGEST_MESSAGE):
            raise FileBreaksReader
        content = self._read(length)
        return None if content is None else (channel, content)

    def _read(self, size: int) -> bytes | None:
        """So many bytes, as soon as they are here. None at the end of the pipe."""
        pieces: list[bytes] = []
        missing = size
        while missing:
            patience = self._patience()
            try:
                piece = os.read(self._frames, min(missing, LARGEST_DATA))
            except BlockingIOError:
                if not self._arriving.poll(patience * 1000):
                    raise self._took_too_long() from None
                continue
            if not piece:
                return None
            pieces.append(piece)
            missing -= len(piece)
        # Mostly one: what came as it is need not be put together.
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _patience(self) -> float:
        """How long it may still be silent. Raises FileTooDemanding when its time is over."""
        if self._limits.wall_seconds is None:
            return self._limits.silent_seconds
        left = self._limits.wall_seconds - (time.monotonic() - self._started_at)
        if left <= 0:
            raise self._took_too_long()
        return min(self._limits.silent_seconds, left)

    def _took_too_long(self) -> FileTooDemanding:
        self._killed_for = self._killed_for or "time"
        return FileTooDemanding("It took longer than one piece of work may take.")

    def _ending(self) -> Exception:
        """Why it ended without a word."""
        if self._killed_for == "cancelled":
            return WorkInterrupted("The work was cancelled.")
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        told = self._status.recv(4) if poll.poll(5000) else b""
        if len(told) != 4:
            return WorkInterrupted()
        ending = os.waitstatus_to_exitcode(struct.unpack(">i", told)[0])
        if -ending in _TOO_DEMANDING:
            return FileTooDemanding()
        if ending == -signal.SIGKILL:
            return WorkInterrupted()
        if ending < 0:
            return FileBreaksReader()
        return ChildFault(f"A child ended with status {ending} and no result.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _let_go(process: int, frames: int, status: socket.socket, arguments: int) -> None:
    # The nursery sees this end closed and kills the child, if it still runs.
    status.close()
    os.close(frames)
    os.close(arguments)
    if os.getpid() == process:  # a fork of this process only holds copies
        borrow_place.give_back()


def _message(content: bytes) -> Mapping[str, Any]:
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        raise FileBreaksReader from None
    if not isinstance(message, dict) or not isinstance(message.get("error", {}), dict):
        raise FileBreaksReader
    return message


def start(
    *,
    job: str,
    arguments: Mapping[str, Any],
    files: Mapping[str, int],
    limits: Limits | None = None,
    landlock: bool = True,
) -> Child:
    """Start `job` ("package.module:name") in a sandboxed child and return at once.

    `arguments` are plain values; a key handle arrives as its bytes. `files` are open descriptors,
    which stay the caller's; the child has its own and can open no other file. `landlock=False`
    does without Landlock, as on a kernel that lacks it.
    """
    if len(files) > MOST_DESCRIPTORS - 3:
        raise Invalid("Too many files for one piece of work.")
    limits = limits or Limits()
    request = {
        "job": job,
        "arguments": _with_plain_keys(arguments),
        "files": list(files),
        "limits": limits,
        "landlock": landlock,
    }
    content = pickle.dumps(request, pickle.HIGHEST_PROTOCOL)
    borrow_place()
    try:
        ours, theirs = _pipes()
    except BaseException:
        borrow_place.give_back()
        raise
    child = Child(ours.frames, ours.status, ours.arguments, limits)
    try:
        send_request([theirs.arguments, theirs.frames, theirs.status.fileno(), *files.values()])
    except BaseException:
        child.close()
        raise
    finally:
        theirs.status.close()
        os.close(theirs.arguments)
        os.close(theirs.frames)
    _hand_over(ours.arguments, content, child)
    return child


@dataclass(frozen=True, slots=True)
class _Ends:
    arguments: int
    frames: int
    status: socket.socket


def _pipes() -> tuple[_Ends, _Ends]:
    read_arguments, write_arguments = os.pipe()
    read_frames, write_frames = os.pipe()
    os.set_blocking(read_frames, False)
    with suppress(OSError):  # somebody who has many pipes gets smaller ones
        fcntl.fcntl(write_frames, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return _Ends(write_arguments, read_frames, ours), _Ends(read_arguments, write_frames, theirs)


def _hand_over(descriptor: int, content: bytes, child: Child) -> None:
    """Write the request. Large ones are written beside, so that nobody waits for anybody."""

    def write() -> None:
        view = memoryview(LENGTH.pack(len(content)) + content)
        try:
            while view:
                view = view[os.write(descriptor, view) :]
        except OSError:
            pass  # it ended before it had read everything; frames() says how

    if len(content) < 60_000:
        write()
    else:
        threading.Thread(target=write, daemon=True).start()
