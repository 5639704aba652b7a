"""Whether the service account can reach the code, and letting it where a home is closed.

Root's checkout often lies under a home that only root may enter. Opening a home's permissions is
not ours to do. Instead the services get a private view of the file system in which the closed
folder holds nothing but the code, read-only; everybody else's view stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from simplr.operations.start.account import Account
from simplr.operations.start.processes import drop_to


def as_account(who: Account, question: Callable[[], bool]) -> bool:
    """The answer that `question` has for the account, asked in a short-lived child."""
    child = os.fork()
    if child == 0:
        answer = False
        try:
            drop_to(who)
            answer = question()
        finally:
            os._exit(0 if answer else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def can_run(program: Path, who: Account) -> bool:
    """Whether the account may execute the program where it lies."""
    return as_account(who, lambda: os.access(program, os.X_OK | os.R_OK))
