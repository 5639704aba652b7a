"""One part of the installation under watch: started, seen to be ready, started again when it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from simplr.operations.start import processes
from simplr.operations.start.recording import Recorder

SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
STEADY_AFTER = 30.0
"""Seconds of life after which a part that dies is started again at once."""


@dataclass
class Part:
    """A process that is kept running. `clean` makes way for the next one after a death."""

    name: str
    start: Callable[[int], subprocess.Popen[bytes]]
    """Starts the process; what it says goes to the descriptor that is given."""
    is_ready: Callable[[], bool]
    recorder: Recorder
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 15.0
    state: str = "stopped"
    restarts: int = 0
    since: float = 0.0
    process: subprocess.Popen[bytes] | None = None
    _pause: float = SHORTEST_PAUSE
    _start_at: float = field(default=0.0)
    _retired: list[tuple[subprocess.Popen[bytes], float]] = field(default_factory=list)
    """Processes that were replaced and still finish what they do, and until when they may."""

    @property
    def log(self) -> Path:
        return self.recorder.log

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None else None

    def begin(self) -> None:
        """Start the process."""
        told = self.recorder.renew()
        try:
            self.process = self.start(told)
        finally:
            os.close(told)
        self.since = time.monotonic()
        self.state = "starting"

    def watch(self) -> bool:
        """Look once; start again what died, after a pause. Returns whether the state changed."""
        self.recorder.empty()
        self._end_retired()
        before = self.state, self.restarts
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            processes.end_group(self.process.pid, signal.SIGKILL)
            self.process = None
            if now - self.since > STEADY_AFTER:
                self._pause = SHORTEST_PAUSE
            self._start_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self.state = "waiting"
        elif self.state == "waiting" and now >= self._start_at:
            self.restarts += 1
            self.begin()
        elif self.state == "starting" and self.is_ready():
            self.state = "ready"
        return (self.state, self.restarts) != before

    def begin_beside(self) -> subprocess.Popen[bytes] | None:
        """Start a new process beside the old one, which is returned and serves on."""
        old = self.process
        self.begin()
        return old

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def take_back(self, old: subprocess.Popen[bytes] | None) -> None:
        """End the new process; the old one is the part's again."""
        if self.process is not None:
            processes.end_group(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.recorder.empty()
        self.process, self.state = old, "ready"

    def retire(self, old: subprocess.Popen[bytes] | None, *, seconds: float) -> None:
        """Ask a process that was replaced to end; it may finish what it does for some time."""
        if old is None:
            return
        if old.poll() is None:
            old.send_signal(self.stop_signal)
        self._retired.append((old, time.monotonic() + seconds))

    @property
    def pids(self) -> set[int]:
        """Every process of this part that we started: the one that serves and those that finish."""
        served = {self.process.pid} if self.process is not None else set()
        return served | {old.pid for old, _ in self._retired}

    def _end_retired(self) -> None:
        for old, until in list(self._retired):
            over = old.poll() is not None
            if over or time.monotonic() > until:
                processes.end_group(old.pid, signal.SIGKILL)
                old.wait()
                self._retired.remove((old, until))

    def ask_to_stop(self) -> None:
        self.state = "stopping"
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Wait for the end that was asked for; force it when it does not come."""
        self.ask_to_stop()
        if self.process is not None:
            self._wait_for_the_end()
            processes.end_group(self.process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        self._retired = [(old, 0.0) for old, _ in self._retired]
        self._end_retired()
        self.recorder.close()
        self.process = None
        self.state = "stopped"

    def _wait_for_the_end(self) -> None:
        """Listen on meanwhile: a part that has much to say at its end must not wait for us."""
        until = time.monotonic() + self.stop_seconds
        while self.process is not None and self.process.poll() is None:
            if time.monotonic() > until:
                return
            self.recorder.empty()
            time.sleep(0.02)

    def account_of(self) -> dict[str, object]:
        """What `simplr status` shows of it."""
        return {
            "state": self.state,
            "pid": self.pid,
            "restarts": self.restarts,
            "finishing": len(self._retired),
        }
