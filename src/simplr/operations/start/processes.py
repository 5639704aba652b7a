"""Starting child processes that die with us, and finding the ones that outlived their parent.

Linux only: a child asks the kernel to be signalled when the thread that forked it ends, so every
child is started from the main thread. The request is lost when a process changes its user: it is
made after the change.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from simplr.operations.start.account import Account

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(death_signal: int, parent: int) -> None:
    """Be signalled when the parent ends; end now if it already has."""
    if libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(111)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent was killed, so that they can be ended."""
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def forbid_dumps() -> None:
    """No core file of this process or of any that it starts: their memory holds keys and cells."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def drop_to(account: Account) -> None:
    """Give up root for good."""
    os.setgroups([])
    os.setresgid(account.gid, account.gid, account.gid)
    os.setresuid(account.uid, account.uid, account.uid)


def spawn(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path | None,
    account: Account | None = None,
    death_signal: int = signal.SIGKILL,
    enter: Callable[[], None] | None = None,
    hand_over: Sequence[int] = (),
    output: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in `folder`, in a session of its own, as `account`; it dies with us.

    `enter` runs in the child while it still has our rights (a private view of the file system).
    What it says is appended to `log`, or goes to the open descriptor `output`; the descriptors in
    `hand_over` keep their numbers. Must be called from the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(
            "a child dies with the thread that forked it: start it from the main one"
        )
    parent = os.getpid()

    def prepare() -> None:
        os.umask(0o077)
        if enter is not None:
            enter()
        if account is not None:
            drop_to(account)
        die_with_parent(death_signal, parent)

    opened = open_log(log, account) if log is not None and output is None else None
    told = output if output is not None else opened
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if told is None else told,
            stderr=subprocess.DEVNULL if told is None else subprocess.STDOUT,
            start_new_session=True,
            pass_fds=tuple(hand_over),
            preexec_fn=prepare,
        )
    finally:
        if opened is not None:
            os.close(opened)


def open_log(log: Path, account: Account | None) -> int:
    """Open `log` for appending, private to the account; nothing is followed out of the folder."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(log, flags, 0o600)
    if account is not None:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def is_alive(pid: int) -> bool:
    """Whether a process with this number runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in ("Z", "X")


def program_of(pid: int) -> str:
    """The short name of the program that runs under this number, or nothing."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def children_of(pid: int) -> list[int]:
    """The numbers of the direct children of a process."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def end_group(leader: int, signal_number: int) -> None:
    """Signal every process of a child's group; quiet when none is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal_number)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, to show why a part did not start."""
    try:
        with log.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 16_384))
            lines = stream.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-count:])
