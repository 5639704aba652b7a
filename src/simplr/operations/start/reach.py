"""Letting the service account reach the code where it lies under a closed home.

Root's checkout often lies under a home that only root may enter. Opening a home's permissions is
not ours to do. Instead the services get a private view of the file system (a mount namespace) in
which the closed folder holds nothing but the code, read-only; everybody else's view stays as it
is. Where that cannot be had, web and worker keep root, and the start line and doctor say so.
"""

from __future__ import annotations

import ctypes
import os
import site
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from simplr.operations.start.account import Account
from simplr.operations.start.processes import drop_to, libc

CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND = 1, 2, 4, 32, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18

SOURCES = Path(__file__).resolve().parents[3]
"""The folder that holds the package `simplr`: `src` of a checkout, or site-packages."""


@dataclass(frozen=True)
class Reach:
    """How the services run: as whom, and with which view of the file system."""

    account: Account | None
    enter: Callable[[], None] | None = None
    kept_root_because: str = ""

    @property
    def web_account(self) -> Account | None:
        """Whom web, worker and key agent drop to; None keeps the rights we have."""
        return None if self.kept_root_because else self.account


def reach_for(who: Account | None) -> Reach:
    """The best way to run the services as `who`, tried out in a child before it is chosen."""
    if who is None:
        return Reach(account=None)
    if as_account(who, code_is_readable):
        return Reach(account=who)
    view = PrivateView.over(closed_to(who, code_paths()))
    if as_account(who, code_is_readable, enter=view.enter):
        return Reach(account=who, enter=view.enter)
    return Reach(
        account=who,
        kept_root_because=(
            f"the account '{who.name}' cannot read {SOURCES} or {sys.prefix}, and a private view"
            " of the file system is not permitted here or does not help; install Simplr where"
            " everybody may read it, for example below /opt"
        ),
    )


def as_account(
    who: Account, question: Callable[[], bool], *, enter: Callable[[], None] | None = None
) -> bool:
    """The answer that `question` has for the account, asked in a short-lived child."""
    child = os.fork()
    if child == 0:
        answer = False
        try:
            if enter is not None:
                enter()
            drop_to(who)
            answer = question()
        except OSError:
            answer = False
        finally:
            os._exit(0 if answer else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def can_run(program: Path, who: Account) -> bool:
    """Whether the account may execute the program where it lies."""
    return as_account(who, lambda: os.access(program, os.X_OK | os.R_OK))


def can_enter(folder: Path, who: Account) -> bool:
    """Whether the account may pass through every existing folder on the way to `folder`."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    return as_account(who, lambda: os.access(existing, os.X_OK))


def code_is_readable() -> bool:
    """Whether interpreter, standard library, dependencies and our own code can be read."""
    return os.access(sys.executable, os.X_OK) and all(
        os.access(file, os.R_OK)
        for file in (os.__file__, psycopg.__file__, SOURCES / "simplr" / "__init__.py")
    )


def code_paths() -> dict[Path, Path]:
    """Every folder that a service reads code from, under each name it is reached by: name > real."""
    names = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix), SOURCES]
    names.append(SOURCES.parent / "clients")  # of a checkout: the R package is handed out from it
    names += [Path(entry) for entry in (*sys.path, *site.getsitepackages()) if entry]
    link = Path(sys.executable)
    while link.is_symlink():
        link = Path(os.path.normpath(link.parent / link.readlink()))
        names.append(link.parent.parent)
    absolute = [Path(os.path.abspath(name)) for name in names]
    found = {name: name.resolve() for name in absolute if name.is_dir()}
    found.update({real: real for real in list(found.values())})
    return found


def closed_to(who: Account, paths: dict[Path, Path]) -> dict[Path, dict[Path, Path]]:
    """The topmost folders that `who` may not pass through, and what is wanted from below each."""
    closed: dict[Path, dict[Path, Path]] = {}
    for name, real in paths.items():
        for ancestor in reversed(name.parents):
            if not as_account(who, lambda folder=ancestor: os.access(folder, os.X_OK)):  # type: ignore[misc]
                closed.setdefault(ancestor, {})[name] = real
                break
    return {
        top: {name: real for name, real in wanted.items() if not _is_below_another(name, wanted)}
        for top, wanted in closed.items()
    }


def _is_below_another(name: Path, names: Iterable[Path]) -> bool:
    return any(other in name.parents for other in names)


@dataclass(frozen=True)
class PrivateView:
    """A file system in which closed folders hold only what is named, read-only."""

    closed: dict[Path, dict[Path, Path]]

    @classmethod
    def over(cls, closed: dict[Path, dict[Path, Path]]) -> PrivateView:
        return cls(closed=closed)

    def enter(self) -> None:
        """Change this process's view, for itself and its children. Needs root's rights."""
        if libc.unshare(CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNS)")
        _mount("none", Path("/"), "", MS_REC | MS_PRIVATE)
        opened = {
            real: os.open(real, os.O_PATH | os.O_DIRECTORY)
            for wanted in self.closed.values()
            for real in wanted.values()
        }
        for top, wanted in self.closed.items():
            _mount("tmpfs", top, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
            mask = os.umask(0o022)
            for name, real in wanted.items():
                name.mkdir(parents=True, exist_ok=True)
                _mount(f"/proc/self/fd/{opened[real]}", name, "", MS_BIND | MS_REC)
                _mount("none", name, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)
            os.umask(mask)
            _mount("none", top, "", MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
        for descriptor in opened.values():
            os.close(descriptor)


def _mount(source: str, target: Path, kind: str, flags: int, options: str = "") -> None:
    done = libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        options.encode() or None,
    )
    if done != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")
