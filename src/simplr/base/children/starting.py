"""One nursery for each process, started when first needed, and a bound on children at once."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import subprocess
import sys
import threading

from simplr_core.errors import Unavailable

_log = logging.getLogger(__name__)

MOST_CHILDREN = 24
_WAIT_FOR_PLACE_SECONDS = 30.0
_WAIT_FOR_START_SECONDS = 60.0

_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # A process that forks should have one thread.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    # Each arena of the C library's allocator takes 64 MiB of the address space it may use.
    "MALLOC_ARENA_MAX": "2",
}
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from simplr.base.children.nursery import main; main(int(sys.argv[1]))"
)


class TooBusy(Unavailable):
    """All places for work on files are taken. Try again in a moment."""

    code = "too-busy"


class NurseryFailed(Unavailable):
    """Work on files cannot be started. `simplr doctor` says what is missing."""

    code = "children-unavailable"


class _Places:
    """At most so many children of this process at once: each may use much memory."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(MOST_CHILDREN)

    def __call__(self) -> None:
        """Wait for a place, not for long."""
        if not self._free.acquire(timeout=_WAIT_FOR_PLACE_SECONDS):
            raise TooBusy

    def give_back(self) -> None:
        """Free the place again."""
        self._free.release()

    def reset(self) -> None:
        self._free = threading.BoundedSemaphore(MOST_CHILDREN)


borrow_place = _Places()


class _Line:
    """The control socket to this process's nursery."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def send(self, descriptors: list[int]) -> None:
        """Ask the nursery for a child; start one, once more if it has died meanwhile."""
        with self._lock:
            for attempt in (1, 2):
                channel = self._channel or self._start()
                try:
                    socket.send_fds(channel, [b"start"], descriptors)
                    return
                except (BrokenPipeError, ConnectionError):
                    _log.warning("nursery-gone", extra={"attempt": attempt})
                    self._forget()
        raise NurseryFailed

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _PROGRAM, str(theirs.fileno()), json.dumps(sys.path)],
                pass_fds=(theirs.fileno(),),
                env=_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                # A Ctrl-C in the terminal is the parent's; the nursery ends with its parent.
                start_new_session=True,
            )
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        if not poll.poll(_WAIT_FOR_START_SECONDS * 1000) or ours.recv(16) != b"ready":
            ours.close()
            self._process.kill()
            self._process.wait()
            raise NurseryFailed
        self._channel = ours
        return ours

    def _forget(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None
        if self._process is not None:
            self._process.poll()

    def after_fork(self) -> None:
        """A forked process has no nursery: holding the old line open would keep that one alive."""
        self._lock = threading.Lock()
        if self._channel is not None:
            self._channel.close()
        self._channel = None
        self._process = None

    def close(self) -> None:
        """End the nursery and every child."""
        with self._lock:
            self._forget()
            if self._process is not None:
                self._process.wait(timeout=10)
                self._process = None


_line = _Line()


def send_request(descriptors: list[int]) -> None:
    """Ask for a child that has these descriptors: arguments, frames, status, and its files."""
    _line.send(descriptors)


def warm() -> None:
    """Start the nursery now, so that the first piece of work does not wait for it."""
    with _line._lock:
        if _line._channel is None:
            _line._start()


def end() -> None:
    """End the nursery of this process, and with it every child."""
    _line.close()


def _after_fork() -> None:
    _line.after_fork()
    borrow_place.reset()


os.register_at_fork(after_in_child=_after_fork)
