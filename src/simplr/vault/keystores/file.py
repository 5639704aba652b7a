"""The root key in a file that only its owner can read: the default."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from simplr.vault.keystores.durable import create_file, move_file
from simplr.vault.keystores.port import STAGED, KeyStoreTaken, KeyStoreUnusable, Problem
from simplr.vault.keystores.written import RootKeyUnreadable, read_root_key, write_root_key
from simplr_core.crypto import Key

_LARGEST = 4096


class FileKeyStore:
    """Keeps the key in one file of mode 0600. Whoever has that file and the data reads all."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()

    def open(self) -> Key | None:
        return read_key_file(self._path)

    def create(self, key: Key) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            create_file(self._path, (write_root_key(key) + "\n").encode())
        except FileExistsError:
            raise KeyStoreTaken(f"The key file {self._path} exists already.") from None

    def staged_id(self) -> str | None:
        staged = self._staged()
        return staged.name.partition(STAGED)[2] if staged else None

    def stage(self, key: Key) -> None:
        if self._staged() is not None:
            raise KeyStoreTaken(f"Beside {self._path} another key waits to follow it.")
        path = self._path.with_name(f"{self._path.name}{STAGED}{key.id}")
        create_file(path, (write_root_key(key) + "\n").encode())

    def open_staged(self) -> Key | None:
        staged = self._staged()
        return read_key_file(staged) if staged else None

    def promote(self, key_id: str) -> None:
        staged = self._path.with_name(f"{self._path.name}{STAGED}{key_id}")
        if staged.exists():
            move_file(staged, self._path)

    def files(self) -> list[Path]:
        folder = self._path.parent
        alone = set(folder.iterdir()) <= {self._path}
        return [folder, self._path] if alone else [self._path]

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def _staged(self) -> Path | None:
        return next(iter(sorted(self._path.parent.glob(f"{self._path.name}{STAGED}*"))), None)

    def describe(self) -> str:
        return f"the key file {self._path}"

    def doctor(self) -> list[Problem]:
        try:
            found = self._path.lstat()
        except FileNotFoundError:
            return [
                Problem(f"The key file {self._path} is missing.", "Restore it, or unseal by hand.")
            ]
        problems = []
        if not stat.S_ISREG(found.st_mode):
            problems.append(
                Problem(f"{self._path} is not an ordinary file.", "Put the key file itself there.")
            )
        elif found.st_mode & 0o077:
            problems.append(
                Problem(f"Others can reach {self._path}.", f"Run: chmod 600 {self._path}")
            )
        folder = self._path.parent
        if folder.stat().st_mode & 0o022:
            problems.append(
                Problem(f"Others can replace files in {folder}.", f"Run: chmod go-w {folder}")
            )
        return problems


def read_key_file(path: Path) -> Key | None:
    """The root key that a private file holds; None where there is no file.

    Raises KeyStoreUnusable for a file that others can reach, a link, or one without a root key.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KeyStoreUnusable(f"The key file {path} cannot be opened: {error.strerror}.") from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise KeyStoreUnusable(f"The key file {path} is not an ordinary file.")
        if found.st_mode & 0o077:
            raise KeyStoreUnusable(
                f"The key file {path} can be reached by others. Run: chmod 600 {path}"
            )
        content = file.read(_LARGEST)
    try:
        return read_root_key(content.decode())
    except (RootKeyUnreadable, UnicodeDecodeError):
        raise KeyStoreUnusable(
            f"The key file {path} holds no root key. Restore it from its copy."
        ) from None
