"""A layer under the product that fails once: the n-th write, sync, link, removal, statement, commit
or call of the key agent. What fails, and how, is what disks, databases and processes really do.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from simplr.vault import objects
from simplr.vault.agent import AgentClient, NoKeyAgent
from simplr.vault.keystores import durable

KINDS = (
    "write",
    "sync",
    "link",
    "remove",
    "statement",
    "commit",
    "commit-unheard",
    "agent",
    "agent-unheard",
)
"""`…-unheard`: it was done, and the connection broke before the answer came."""


@dataclass
class Fault:
    """One fault: the n-th call of its kind. `met` says whether that many calls were made."""

    kind: str
    number: int
    calls: int = 0
    off: bool = False

    @property
    def met(self) -> bool:
        return self.calls >= self.number

    def due(self) -> bool:
        """Count a call; whether this is the one that fails."""
        if self.off:
            return False
        self.calls += 1
        return self.calls == self.number

    def stop(self) -> None:
        self.off = True


class FaultyOs:
    """`os` as a module of ours sees it, with the calls that can fail counted."""

    def __init__(self, inner: Any, fault: Fault, counted: dict[str, int]) -> None:
        self._inner = inner
        self._fault = fault
        self._counted = counted

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._inner, name)
        if name not in self._counted:
            return real

        def counted(*arguments: Any, **named: Any) -> Any:
            if self._fault.due():
                raise OSError(self._counted[name], os.strerror(self._counted[name]))
            return real(*arguments, **named)

        return counted


OF_OS = {
    "write": {"write": errno.ENOSPC},
    "sync": {"fsync": errno.EIO},
    "link": {"link": errno.EIO, "replace": errno.EIO},
}


@contextmanager
def failing(fault: Fault) -> Iterator[Fault]:
    """Let that one call fail as long as the block lasts."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        if fault.kind in OF_OS:
            for module in (objects, durable):
                patch.setattr(module, "os", FaultyOs(module.os, fault, OF_OS[fault.kind]))
        elif fault.kind == "remove":
            patch.setattr(Path, "unlink", _removing(fault))
        elif fault.kind == "statement":
            for alias in connections:
                stack.enter_context(connections[alias].execute_wrapper(_statements(fault)))
        elif fault.kind.startswith("commit"):
            patch.setattr(BaseDatabaseWrapper, "_commit", _commits(fault))
        else:
            patch.setattr(AgentClient, "_ask", _agent(fault))
        yield fault


def _removing(fault: Fault) -> Callable[..., None]:
    unlink = Path.unlink

    def removing(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".sf1" and path.exists() and fault.due():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        unlink(path, missing_ok=missing_ok)

    return removing


def _statements(fault: Fault) -> Callable[..., Any]:
    def wrapper(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if fault.due():
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)

    return wrapper


def _commits(fault: Fault) -> Callable[[BaseDatabaseWrapper], None]:
    commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]

    def commits(connection: BaseDatabaseWrapper) -> None:
        due = fault.due()
        if due and fault.kind == "commit":
            raise OperationalError("server closed the connection unexpectedly")
        commit(connection)
        if due:
            raise OperationalError("server closed the connection unexpectedly")

    return commits


def _agent(fault: Fault) -> Callable[..., list[bytes]]:
    ask = AgentClient._ask

    def asks(client: AgentClient, *request: bytes) -> list[bytes]:
        due = fault.due()
        if due and fault.kind == "agent":
            raise NoKeyAgent
        answer = ask(client, *request)
        if due:
            raise NoKeyAgent
        return answer

    return asks
