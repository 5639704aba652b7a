"""Files that are there completely or not at all, even after a power cut."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def _written_beside(path: Path, content: bytes, *, mode: int) -> Iterator[Path]:
    """A synced temporary file next to `path`, gone again afterwards."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Make a file that did not exist; FileExistsError, and nothing touched, if it does."""
    with _written_beside(path, content, mode=mode) as beside:
        os.link(beside, path)  # unlike a rename, a link never replaces
    _sync_folder(path.parent)


def replace_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put `content` in the place of what was there, in one step."""
    with _written_beside(path, content, mode=mode) as beside:
        beside.replace(path)
    _sync_folder(path.parent)


def move_file(path: Path, to: Path) -> None:
    """Put one file in the place of another of the same folder, in one step."""
    path.replace(to)
    _sync_folder(to.parent)
