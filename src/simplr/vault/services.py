"""Sealing and opening: the only server code that handles keys.

Order of writing (no transaction spans databases): the wrapped key and the object's row, then the
sealed bytes, then the row of another app that refers to them, then the confirmation. Whatever is
cut off in between stays unconfirmed, and the sweeper removes it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from simplr.base import events
from simplr.base.actors import SYSTEM
from simplr.base.ids import new_id
from simplr.vault import keys
from simplr.vault.models import ProjectKey, SealedObject
from simplr.vault.objects import ObjectSink, ObjectStore, WrittenTooSlowly, store_at
from simplr_core.crypto import (
    FileDescriptorSource,
    Key,
    SealingWriter,
    SigningKey,
    UnsealingReader,
    context_of,
    open_bytes,
    seal_bytes,
)
from simplr_core.crypto import Sealed as SealedFacts

UNCONFIRMED_FOR = timedelta(hours=24)
"""How long an object may wait for its row before the sweeper removes it."""


def store() -> ObjectStore:
    """Where objects lie."""
    return store_named(settings.ENV.objects_url)


def store_named(url: str) -> ObjectStore:
    """The store at a URL, with this machine's cache before one that is elsewhere."""
    cache = settings.ENV.data / "cache" / hashlib.sha256(url.encode()).hexdigest()[:16]
    return store_at(url, cache=cache, cache_bytes=settings.ENV.object_cache_bytes)


def check_open() -> None:
    """Return quietly while the root key is at hand; raise Sealed if not."""
    status = keys.agent().status()
    if status.sealed:
        keys.forget()
        raise keys.Sealed


def unseal(written_key: str) -> None:
    """Give the root key, as written down. Raises WrongRootKey or TooManyTries, which say no more."""
    keys.agent().unseal(written_key)


def seal_value(plain: bytes, *, project_id: UUID, context: bytes) -> bytes:
    """Seal a small value for a column, under the project's key. `context` names its place."""
    row, key = keys.current_key(project_id)
    return row.id.bytes + seal_bytes(
        plain, key=key.derive("values"), context=context_of("value", row.id, context.hex())
    )


def open_value(sealed: bytes, *, project_id: UUID, context: bytes) -> bytes:
    """The value that `seal_value` sealed for the same place. Raises Corrupt for another."""
    row = ProjectKey.objects.get(id=UUID(bytes=bytes(sealed[:16])), project_id=project_id)
    key = keys.key_of(row)
    return open_bytes(
        bytes(sealed[16:]),
        key=key.derive("values"),
        context=context_of("value", row.id, context.hex()),
    )


def open_values(sealed: Iterable[tuple[bytes, bytes]], *, project_id: UUID) -> list[bytes]:
    """Several values of one project, each with its context, with one look for their keys.

    Raises Corrupt for one that was not sealed for its place.
    """
    values = [(bytes(value), context) for value, context in sealed]
    ids = {UUID(bytes=value[:16]) for value, _context in values}
    rows = ProjectKey.objects.filter(project_id=project_id).in_bulk(ids)
    opened = []
    for value, context in values:
        row = rows.get(UUID(bytes=value[:16]))
        if row is None:
            raise keys.KeyDestroyed
        opened.append(
            open_bytes(
                value[16:],
                key=keys.key_of(row).derive("values"),
                context=context_of("value", row.id, context.hex()),
            )
        )
    return opened


def ledger_signing_key() -> SigningKey:
    """The key that signs checkpoints: one for the life of an installation, whatever wraps it."""
    return SigningKey(keys.ledger_key())


@dataclass(frozen=True, kw_only=True)
class NewObject:
    """An object about to be written: its row is there, its bytes are not."""

    id: UUID
    key: Key = field(repr=False)
    context: bytes

    def for_child(self) -> dict[str, Any]:
        """What a child needs to seal it."""
        return {"key": self.key.reveal(), "context": self.context}


@dataclass(frozen=True, kw_only=True)
class OpenObject:
    """A stored object with everything needed to read it."""

    id: UUID
    key: Key = field(repr=False)
    context: bytes
    header: bytes
    size: int
    sealed_size: int

    def open(self) -> int:
        """A read-only descriptor of the sealed bytes; the caller closes it."""
        return store().open(self.id)

    def for_child(self) -> dict[str, Any]:
        """What a child needs, beside the descriptor, to open it."""
        return {
            "key": self.key.reveal(),
            "context": self.context,
            "header": self.header,
            "sealed_size": self.sealed_size,
            "object": str(self.id),
        }

    def reader(self) -> UnsealingReader:
        """A seekable reader of the content in this process: for files, never for tables."""
        return UnsealingReader(
            FileDescriptorSource(self.open(), owned=True),
            key=self.key,
            context=self.context,
            sealed_size=self.sealed_size,
            header=self.header,
            object=str(self.id),
        )


def begin_object(*, project_id: UUID, kind: str) -> NewObject:
    """Make the key and the row of a new object. Nothing refers to it yet."""
    row, project_key = keys.current_key(project_id)
    object_id = new_id()
    key = Key.generate()
    context = context_of("object", object_id, kind, project_id)
    SealedObject.objects.create(
        id=object_id,
        project_key=row,
        kind=kind,
        context=context,
        wrapped=keys.wrap_under(key, under=project_key, object_id=object_id),
    )
    return NewObject(id=object_id, key=key, context=context)


def pin(*, new: NewObject, sealed: SealedFacts) -> None:
    """Note what the stored bytes must be from now on."""
    digests = seal_bytes(
        sealed.blake3 + (sealed.sha256 or b""),
        key=new.key.derive("digests"),
        context=context_of("digests", new.id),
    )
    pinned = SealedObject.objects.filter(id=new.id, erased_at=None).update(
        header=sealed.header,
        size=sealed.size,
        sealed_size=sealed.sealed_size,
        digests=digests,
        stored_at=timezone.now(),
    )
    if not pinned:
        raise WrittenTooSlowly


def digests_of(object_id: UUID) -> tuple[bytes, bytes]:
    """BLAKE3 and SHA-256 of an object's content; the second is empty if it was not asked for."""
    row = SealedObject.objects.get(id=object_id)
    opened = open_object(object_id)
    plain = open_bytes(
        bytes(row.digests or b""),
        key=opened.key.derive("digests"),
        context=context_of("digests", object_id),
    )
    return plain[:32], plain[32:]


class ObjectWriter:
    """Seals what is written and stores it; nothing is there until `finish`."""

    def __init__(self, new: NewObject, *, expected_size: int | None, sha256: bool = True) -> None:
        self.new = new
        self._sink: ObjectSink = store().create(new.id)
        self._seal = SealingWriter(
            self._sink,
            key=new.key,
            context=new.context,
            expected_size=expected_size,
            sha256=sha256,
        )

    def write(self, data: bytes) -> int:
        return self._seal.write(data)

    def finish(self) -> SealedFacts:
        """Complete the object, pin it, and return its facts."""
        sealed = self._seal.close()
        self._sink.complete()
        pin(new=self.new, sealed=sealed)
        return sealed

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._sink.abandon()
        discard([self.new.id])


def open_object(object_id: UUID) -> OpenObject:
    """The object with its unwrapped key. Raises KeyDestroyed or Corrupt."""
    row = SealedObject.objects.select_related("project_key").get(id=object_id)
    if row.wrapped is None or row.header is None or row.sealed_size is None or row.size is None:
        raise keys.KeyDestroyed
    key = keys.unwrap_under(
        bytes(row.wrapped), under=keys.key_of(row.project_key), object_id=object_id
    )
    return OpenObject(
        id=object_id,
        key=key,
        context=bytes(row.context),
        header=bytes(row.header),
        size=row.size,
        sealed_size=row.sealed_size,
    )


def confirm(object_ids: Iterable[UUID]) -> None:
    """Say, once the caller's transaction is committed, that these objects are referred to."""
    ids = list(object_ids)
    transaction.on_commit(
        lambda: SealedObject.objects.filter(id__in=ids).update(confirmed_at=timezone.now())
    )


def destroy_keys(object_ids: Iterable[UUID]) -> int:
    """Destroy the keys of objects: from now on nobody reads them. Returns how many were alive."""
    alive = SealedObject.objects.filter(id__in=list(object_ids), wrapped__isnull=False)
    return alive.update(wrapped=None, confirmed_at=None, erased_at=timezone.now())


def discard(object_ids: Iterable[UUID]) -> int:
    """Erase objects: destroy their keys first, then their bytes. Returns how many."""
    ids = list(object_ids)
    SealedObject.objects.filter(id__in=ids).update(wrapped=None, erased_at=timezone.now())
    for object_id in ids:
        store().delete(object_id)
    return len(ids)


def release(object_ids: Iterable[UUID]) -> None:
    """Say that these objects are about to lose what refers to them.

    If the caller is cut off before `discard`, the sweeper decides: it confirms them again if they
    are referred to after all, and else erases them.
    """
    SealedObject.objects.filter(id__in=list(object_ids)).update(confirmed_at=None)


def sweep(*, claimed: Callable[[Iterable[UUID]], set[UUID]], now: datetime) -> int:
    """Erase objects that were cut off while being written. Returns how many.

    `claimed(ids)` returns those of `ids` that a row refers to: they only missed their
    confirmation, and get it now.
    """
    before = now - UNCONFIRMED_FOR
    waiting = list(
        # One that was stored lately may be referred to any moment, however long it took.
        SealedObject.objects.filter(confirmed_at=None, erased_at=None, created_at__lt=before)
        .exclude(stored_at__gte=before)
        .values_list("id", flat=True)[:10_000]
    )
    referred = claimed(waiting)
    SealedObject.objects.filter(id__in=referred).update(confirmed_at=now)
    # Again for those erased lately: a kill may have come between the key and the bytes.
    for object_id in SealedObject.objects.filter(erased_at__gte=before).values_list(
        "id", flat=True
    ):
        store().delete(object_id)
    count = discard(id_ for id_ in waiting if id_ not in referred)
    if count:
        events.record(code=events.Event.OBJECT_SWEPT, actor=SYSTEM, details={"objects": count})
    return count


def open_descriptors(objects: dict[str, OpenObject]) -> dict[str, int]:
    """Descriptors of several objects, all or none."""
    opened: dict[str, int] = {}
    try:
        for name, item in objects.items():
            opened[name] = item.open()
    except BaseException:
        for descriptor in opened.values():
            os.close(descriptor)
        raise
    return opened
