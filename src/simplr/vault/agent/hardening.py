"""Keeping the memory of the key agent to itself, with what Linux offers without any rights."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_MCL_CURRENT = 1

_libc = ctypes.CDLL(None, use_errno=True)


def forbid_dumps() -> None:
    """No core dump, and no look into this process by others of the same user (ptrace, /proc)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_DUMPABLE) failed")


def lock_memory() -> bool:
    """Ask that what is in memory now stays out of swap; whether the system agreed.

    Only what is there now: locking what comes later would make allocations fail under a small
    RLIMIT_MEMLOCK. So this is called again once a key has been taken.
    """
    return bool(_libc.mlockall(_MCL_CURRENT) == 0)


def die_with_parent(parent: int) -> None:
    """End with the process that started this one, even if that one is killed.

    Linux ties this to the *thread* that forked: start the agent from a main thread.
    """
    if _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        raise SystemExit("The process that started the key agent is gone.")
