"""What a backup needs of the vault: a key of its own, sealed streams, and copies that are proven.

A snapshot's key is wrapped under the root key and bound to the snapshot; its parts are sealed in
the format of every object. Objects are copied as they lie, sealed under keys that only the vault
database of the snapshot holds, wrapped.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from blake3 import blake3

from simplr.vault import keys, services
from simplr.vault.models import SealedObject
from simplr.vault.objects import ObjectExists, StoreFull
from simplr_core.crypto import (
    FileDescriptorSource,
    Key,
    SealingWriter,
    UnsealingReader,
    context_of,
)
from simplr_core.errors import Corrupt

PIECE = 2**20


class CopyDiffers(Corrupt):
    """A copied object is not what was kept. Look for a failing disk, then copy it again."""

    code = "copy-differs"


class SupportsRead(Protocol):
    """What a part of a backup is read from."""

    def read(self, size: int = -1, /) -> bytes: ...


class SnapshotKey:
    """Seals the parts of one snapshot. Never shown."""

    def __init__(self, snapshot: str, key: Key) -> None:
        self._snapshot = snapshot
        self._key = key

    @classmethod
    def make(cls, snapshot: str) -> tuple[SnapshotKey, bytes, str]:
        """A new key, how it is wrapped, and the name of the root key that wraps it."""
        key = Key.generate()
        root_key_id = keys.agent().status().root_key_id or ""
        return cls(snapshot, key), keys.agent().wrap(key, aad=_whose(snapshot)), root_key_id

    @classmethod
    def opened(cls, snapshot: str, wrapped: bytes) -> SnapshotKey:
        """The key of a snapshot. Raises KeyUnusable under another root key."""
        return cls(snapshot, keys.agent().unwrap(wrapped, aad=_whose(snapshot)))

    def seal(self, source: SupportsRead, path: Path, *, part: str) -> int:
        """Seal a stream into a new file, durably; returns the length of what was sealed."""
        with _new_file(path) as file:
            writer = SealingWriter(
                file, key=self._key, context=self._context(part), expected_size=None
            )
            try:
                while piece := source.read(PIECE):
                    writer.write(piece)
                sealed = writer.close()
                file.flush()
                os.fsync(file.fileno())
            except OSError as error:
                raise StoreFull(f"{path} cannot be written: {error.strerror}.") from error
        return sealed.size

    def unseal(self, path: Path, *, part: str) -> UnsealingReader:
        """A reader of a part; it raises Corrupt for anything that was changed."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        return UnsealingReader(
            FileDescriptorSource(descriptor, owned=True),
            key=self._key,
            context=self._context(part),
        )

    def _context(self, part: str) -> bytes:
        return context_of("backup", self._snapshot, part)

    def __repr__(self) -> str:
        return f"<SnapshotKey {self._snapshot}>"


@dataclass(frozen=True)
class StoredObject:
    """One object that a backup holds a copy of."""

    id: UUID
    sealed_size: int


class Cursor(Protocol):
    """A cursor of the vault's database, Django's or psycopg's."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...

    def fetchall(self) -> list[Any]: ...


def stored_objects(cursor: Cursor) -> Iterator[StoredObject]:
    """Every object that can still be opened, as the cursor's transaction sees them."""
    after = UUID(int=0)
    while True:
        cursor.execute(
            "SELECT id, sealed_size FROM vault.vault_sealedobject WHERE stored_at IS NOT NULL"
            " AND wrapped IS NOT NULL AND id > %s ORDER BY id LIMIT 5000",
            [after],
        )
        rows = cursor.fetchall()
        yield from (StoredObject(id_, size) for id_, size in rows)
        if not rows:
            return
        after = rows[-1][0]


def is_erased(object_id: UUID) -> bool:
    """Whether the key of an object was destroyed meanwhile."""
    return not SealedObject.objects.filter(id=object_id, wrapped__isnull=False).exists()


def copy_object(object_id: UUID, path: Path) -> None:
    """Copy the sealed bytes of an object into a new file, durably, and prove the copy.

    Raises ObjectMissing, CopyDiffers or StoreFull; nothing is left at `path` then.
    """
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = services.store().open(object_id)
    try:
        with _new_file(partial) as file, open(source, "rb", closefd=False) as reading:
            try:
                while piece := reading.read(PIECE):
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            except OSError as error:
                raise StoreFull(f"{path} cannot be written: {error.strerror}.") from error
        check_copy(object_id, partial)
        partial.replace(path)
    finally:
        os.close(source)
        partial.unlink(missing_ok=True)


def put_back(object_id: UUID, path: Path) -> None:
    """Put the copy of an object into the store, and prove what lies there then.

    Raises CopyDiffers, Corrupt or StoreFull. One that is in the store already is only proven.
    """
    with contextlib.suppress(ObjectExists), path.open("rb") as copy:
        sink = services.store().create(object_id)
        try:
            while piece := copy.read(PIECE):
                sink.write(piece)
            sink.complete()
        except BaseException:
            sink.abandon()
            raise
    prove(object_id, services.store().fetch(object_id))


def check_copy(object_id: UUID, path: Path) -> None:
    """Open all of a copy and compare its digest with what was pinned. Raises CopyDiffers."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise CopyDiffers(f"The copy of object {object_id} is missing.") from None
    prove(object_id, descriptor)


def prove(object_id: UUID, descriptor: int) -> None:
    """Open all that a descriptor gives, close it, and compare with what was pinned.

    Raises Corrupt: CopyDiffers, or what reading sealed bytes raises.
    """
    kept = services.open_object(object_id)
    digest = blake3()
    with UnsealingReader(
        FileDescriptorSource(descriptor, owned=True),
        key=kept.key,
        context=kept.context,
        sealed_size=kept.sealed_size,
        header=kept.header,
    ) as reader:
        while piece := reader.read(PIECE):
            digest.update(piece)
    if digest.digest() != services.digests_of(object_id)[0]:
        raise CopyDiffers(f"Object {object_id} has another digest than was pinned.")


def _whose(snapshot: str) -> bytes:
    return context_of("backup-key", snapshot)


def _new_file(path: Path) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o600), "wb")
