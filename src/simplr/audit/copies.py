"""Second places for checkpoints: whoever rewrites the database must rewrite these too.

The first is `DIR/ledger/checkpoints.txt`; `SIMPLR_LEDGER_COPY` names another, best on a machine
that the database's administrator does not rule: a file, or a URL of an object store.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from simplr_core.errors import Corrupt
from simplr_core.ledger import SignedCheckpoint, read_checkpoints

_NOTE_LINES = 7
_TAIL_BYTES = 8192


class CopyDamaged(Corrupt):
    """The second copy of the checkpoints ends with something that was not written by us."""

    code = "ledger-copy-damaged"


class Copy(Protocol):
    """A place that takes checkpoints in their order and gives them back."""

    def append(self, checkpoints: Iterable[SignedCheckpoint]) -> int:
        """Add those that are newer than the newest one here; how many were added."""

    def newest_size(self) -> int:
        """The size that the newest checkpoint here covers; -1 when there is none."""

    def read(self) -> list[SignedCheckpoint]:
        """All of them. Raises Corrupt when they cannot be read."""


class FileCopy:
    """One file, only ever appended to; each note is on the disk before `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, checkpoints: Iterable[SignedCheckpoint]) -> int:
        """Add what is newer. Completes a note that a crash cut; never touches anything else."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked() as descriptor:
            newest, rest = _last_note(descriptor)
            added = 0
            for signed in checkpoints:
                if signed.checkpoint.size <= newest:
                    continue
                text = (("\n" if newest >= 0 else "") + signed.text).encode()
                if not text.startswith(rest):
                    raise CopyDamaged
                _write_all(descriptor, text[len(rest) :])
                newest, rest = signed.checkpoint.size, b""
                added += 1
            if added:
                os.fsync(descriptor)
            return added

    def newest_size(self) -> int:
        if not self.path.exists():
            return -1
        with self._locked() as descriptor:
            return _last_note(descriptor)[0]

    def read(self) -> list[SignedCheckpoint]:
        if not self.path.exists():
            return []
        with self._locked() as descriptor:
            newest, rest = _last_note(descriptor)
            data = self.path.read_bytes()
        text = data[: len(data) - len(rest)].decode("utf-8", "replace")
        return read_checkpoints(text) if newest >= 0 else []

    @contextmanager
    def _locked(self) -> Iterator[int]:
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if is_new:
                _sync_folder(self.path.parent)
            yield descriptor
        finally:
            os.close(descriptor)


class ObjectCopy:
    """An object store by URL (`s3://…`, `gs://…`, `file:///…`): one object a checkpoint.

    Objects are created, never replaced; give the key of this installation no right to delete.
    """

    def __init__(self, url: str) -> None:
        from obstore.store import from_url

        self._store: Any = from_url(url)

    def append(self, checkpoints: Iterable[SignedCheckpoint]) -> int:
        import obstore
        from obstore.exceptions import AlreadyExistsError

        added = 0
        for signed in checkpoints:
            name = f"checkpoint-{signed.checkpoint.size:020}.txt"
            try:
                obstore.put(self._store, name, signed.text.encode(), mode="create")
            except AlreadyExistsError:
                continue
            added += 1
        return added

    def newest_size(self) -> int:
        return max((int(name[11:31]) for name in self._names()), default=-1)

    def read(self) -> list[SignedCheckpoint]:
        import obstore

        return [
            SignedCheckpoint.parse(bytes(obstore.get(self._store, name).bytes()).decode())
            for name in sorted(self._names())
        ]

    def _names(self) -> list[str]:
        import obstore

        return [
            str(item["path"])
            for page in obstore.list(self._store, prefix="")
            for item in page
            if str(item["path"]).startswith("checkpoint-")
        ]


def copies() -> list[Copy]:
    """Every second place of this installation."""
    places: list[Copy] = [FileCopy(settings.ENV.data / "ledger" / "checkpoints.txt")]
    second = settings.ENV.ledger_copy
    if "://" in second:
        places.append(ObjectCopy(second))
    elif second:
        places.append(FileCopy(Path(second)))
    return places


def _last_note(descriptor: int) -> tuple[int, bytes]:
    """The size of the last whole note (-1 if none), and what stands after it."""
    length = os.fstat(descriptor).st_size
    start = max(0, length - _TAIL_BYTES)
    tail = os.pread(descriptor, length - start, start)
    if start:
        tail = tail[tail.index(b"\n") + 1 :]
    lines = tail.splitlines(keepends=True)
    for end in range(len(lines), _NOTE_LINES - 1, -1):
        try:
            signed = SignedCheckpoint.parse(b"".join(lines[end - _NOTE_LINES : end]).decode())
        except (Corrupt, UnicodeDecodeError):
            continue
        return signed.checkpoint.size, b"".join(lines[end:])
    if start:
        raise CopyDamaged
    return -1, b"".join(lines)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
