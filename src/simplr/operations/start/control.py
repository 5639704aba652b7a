"""What others may ask of an installation's supervisor: is it there, start apart from me, end.

The lock on the folder tells whether one runs: it goes with its holder, however that ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simplr.operations.start import processes, reach
from simplr.operations.start.errors import (
    AlreadyRunning,
    NotPermitted,
    NotReplaced,
    NotRunning,
    StartFailed,
)
from simplr.operations.start.folder import DataFolder

STOPPING_SECONDS = 90.0
RESTARTING_SECONDS = 3600.0
"""Migrations of a newer release may take long; `simplr status` says what goes on."""


@contextmanager
def locked(folder: DataFolder, *, only: str = "") -> Iterator[None]:
    """Hold the folder: a second supervisor on it is refused with our number."""
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(folder.lock(only), flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode().strip()
            raise AlreadyRunning(
                f"{folder.path} is in use by process {holder}. See `simplr status`, or stop it"
                " with `simplr down`.",
                pid=holder,
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def holders(folder: DataFolder) -> list[int]:
    """The supervisors that run on a folder: usually none or one, more with `--only`."""
    found = []
    for lock in sorted(folder.path.glob("supervisor*.lock")):
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        except PermissionError:
            raise NotPermitted(
                f"{folder.path} belongs to somebody else: ask as its owner."
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with contextlib.suppress(ValueError):
                found.append(int(os.read(descriptor, 32).decode().strip()))
        finally:
            os.close(descriptor)
    return found


def state_of(folder: DataFolder) -> dict[str, Any]:
    """What the running supervisor says of itself and its parts; `stopped` when there is none."""
    running = holders(folder)
    if not running:
        return {"state": "stopped", "parts": {}}
    with contextlib.suppress(FileNotFoundError, ValueError):
        found = json.loads(folder.state.read_text())
        if isinstance(found, dict):
            return found
    return {"state": "starting", "pid": running[0], "parts": {}}


def stop(folder: DataFolder) -> bool:
    """End what runs on the folder and wait for it; whether anything ran."""
    running = holders(folder)
    for pid in running:
        os.kill(pid, signal.SIGTERM)

    def is_over() -> bool:
        return not any(processes.is_alive(pid) for pid in running) and not holders(folder)

    if not processes.wait_until(is_over, seconds=STOPPING_SECONDS, every=0.05):
        for pid in holders(folder):
            os.kill(pid, signal.SIGKILL)
        if not processes.wait_until(is_over, seconds=10):
            raise StartFailed("It does not end; see the logs in the data folder.")
    return bool(running)


def restart(folder: DataFolder) -> float:
    """Have web and worker replaced, and wait until the new ones serve; how many seconds it took.

    Raises NotRunning where nothing runs, and the reason when the old ones had to be kept.
    """
    began = time.monotonic()
    running = holders(folder)
    before = _restarts(folder)
    if not running or before is None:
        raise NotRunning(f"Nothing runs on {folder.path}: start it with `simplr up`.")
    for pid in running:
        os.kill(pid, signal.SIGUSR1)

    def is_over() -> bool:
        now = _restarts(folder)
        return now is None or now[0] > before[0]

    processes.wait_until(is_over, seconds=RESTARTING_SECONDS, every=0.05)
    now = _restarts(folder)
    if now is None or now[0] == before[0]:
        raise StartFailed("It was not restarted; see supervisor.log in the data folder.")
    if now[1]:
        raise NotReplaced(now[1])
    return round(time.monotonic() - began, 2)


def _restarts(folder: DataFolder) -> tuple[int, str] | None:
    """How often what runs was restarted, and why the last time failed; None while it is not up."""
    state = state_of(folder)
    if state["state"] != "ready":
        return None
    return int(state["restart"]["count"]), str(state["restart"]["error"] or "")


def start_detached(
    folder: DataFolder, order: dict[str, Any], *, told: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Start a supervisor that outlives us; return what it says when it is ready.

    Raises the reason when it does not get there; it has stopped everything again then.
    """
    reading, writing = os.pipe()
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder.path / "supervisor.log"
    output = processes.open_log(log, None)
    try:
        child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "simplr.operations.start.detached",
                json.dumps({"data": str(folder.path), **order}),
                str(writing),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(writing,),
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": _with_sources(os.environ.get("PYTHONPATH", ""))},
        )
    finally:
        os.close(output)
        os.close(writing)
    with os.fdopen(reading) as answers:
        for line in answers:
            said = json.loads(line)
            if "ready" in said:
                return dict(said["ready"])
            if "failed" in said:
                child.wait(STOPPING_SECONDS)
                failure = said["failed"]
                raise failure_from(failure["code"], failure["status"], failure["message"])
            if said["told"] not in {"stopped", "failed"}:  # the reason follows, in a sentence
                told(said)
    time.sleep(0.05)
    raise StartFailed(
        f"The supervisor ended with status {child.poll()}."
        f" The end of {log}:\n{processes.last_lines(log, 30)}"
    )


def failure_from(code: str, status: int, message: str) -> Exception:
    """The error that a detached supervisor met, as if it had been met here."""
    from simplr.operations.start import errors

    kinds = {
        kind.code: kind
        for kind in (
            errors.AlreadyRunning,
            errors.PortTaken,
            errors.FolderUnsuitable,
            errors.NotPermitted,
        )
    }
    return kinds.get(code, StartFailed)(message)


def _with_sources(path: str) -> str:
    entries = [str(reach.SOURCES), *filter(None, path.split(os.pathsep))]
    return os.pathsep.join(dict.fromkeys(str(Path(entry).absolute()) for entry in entries))
