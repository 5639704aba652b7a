"""Keys as the server uses them: wrapped in the vault database, unwrapped only in memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connections, transaction

from simplr.vault.agent import AgentClient
from simplr.vault.models import ProjectKey
from simplr_core.crypto import Key, context_of, unwrap, wrap
from simplr_core.errors import Corrupt, Unavailable

INSTALLATION = UUID(int=0)
"""Whose key seals what belongs to no project: factors of people, messages."""

LEDGER = UUID(int=1)
"""Whose key signs the ledger. It is never exchanged: a head of today verifies in ten years."""

_ROTATION = 0x73696D706C72
"""Of an advisory lock: keys are made beside each other, and never while a root key is staged."""

_KEPT_AT_MOST = 256
_KEPT_SECONDS = 300.0


class Sealed(Unavailable):
    """The store is sealed. An officer must unseal it with the root key."""

    code = "sealed"


class KeyDestroyed(Corrupt):
    """The key was destroyed, and with it everything that it sealed."""

    code = "key-destroyed"


class _Few:
    """A small, thread-safe memory of unwrapped keys that forgets by age and by use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[UUID, tuple[float, Key]] = OrderedDict()

    def get(self, id_: UUID) -> Key | None:
        with self._lock:
            entry = self._kept.get(id_)
            if entry is None or time.monotonic() - entry[0] > _KEPT_SECONDS:
                self._kept.pop(id_, None)
                return None
            self._kept.move_to_end(id_)
            return entry[1]

    def put(self, id_: UUID, key: Key) -> None:
        with self._lock:
            self._kept[id_] = (time.monotonic(), key)
            while len(self._kept) > _KEPT_AT_MOST:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_few = _Few()
_agent: AgentClient | None = None
_agent_lock = threading.Lock()


def agent() -> AgentClient:
    """The connection to the key agent that holds the root key."""
    global _agent
    with _agent_lock:
        if _agent is None:
            _agent = AgentClient(settings.ENV.key_agent)
        return _agent


def forget() -> None:
    """Drop every unwrapped key from memory, as on sealing."""
    _few.clear()


def aad_of(row: ProjectKey) -> bytes:
    """What a wrapped project key is bound to: its row, and the project it is for."""
    return context_of("project-key", row.id, row.project_id)


def _unwrapped(row: ProjectKey) -> Key:
    if row.destroyed_at is not None or row.wrapped is None:
        raise KeyDestroyed
    key = _few.get(row.id)
    if key is None:
        key = agent().unwrap(bytes(row.wrapped), aad=aad_of(row))
        _few.put(row.id, key)
    return key


def current_key(project_id: UUID) -> tuple[ProjectKey, Key]:
    """The project's key encryption key, made at first use."""
    row = ProjectKey.objects.filter(project_id=project_id, retired_at=None).first()
    if row is None:
        row = _make_key(project_id)
    return row, _unwrapped(row)


def key_of(row: ProjectKey) -> Key:
    """The key of one row, current or retired. Raises KeyDestroyed."""
    return _unwrapped(row)


def ledger_key() -> Key:
    """The seed of the key that signs the ledger; the first root key gave it, and any wraps it."""
    row = ProjectKey.objects.filter(project_id=LEDGER, retired_at=None).first()
    if row is None:
        row = _make_key(LEDGER, agent().derive_signing_seed("ledger"))
    return _unwrapped(row)


def _make_key(project_id: UUID, key: Key | None = None) -> ProjectKey:
    try:
        with transaction.atomic(using="vault"):
            row = new_key_row(project_id, key)
            row.save(force_insert=True)
    except IntegrityError:
        # Another process made one in the same moment; theirs counts.
        return ProjectKey.objects.get(project_id=project_id, retired_at=None)
    return row


def new_key_row(project_id: UUID, key: Key | None = None) -> ProjectKey:
    """A new key for a project, wrapped but not saved. Call, and save, in one transaction."""
    _wait_for_rotation(shared=True)
    row = ProjectKey(project_id=project_id, root_key_id=agent().status().root_key_id or "")
    row.wrapped = agent().wrap(key or Key.generate(), aad=aad_of(row))
    return row


def stage_root_key() -> str:
    """Let the key agent make the next root key and wrap under it from now on; returns its id.

    Whoever is making a key is waited for, so no key is saved later that the old one wrapped.
    """
    with transaction.atomic(using="vault"):
        _wait_for_rotation(shared=False)
        return agent().stage()


def _wait_for_rotation(*, shared: bool) -> None:
    with connections["vault"].cursor() as cursor:
        if shared:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_ROTATION])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ROTATION])


def wrap_under(key: Key, *, under: Key, object_id: UUID) -> bytes:
    """A data encryption key, wrapped for one object only."""
    return wrap(key, under=under, aad=context_of("object-key", object_id))


def unwrap_under(wrapped: bytes, *, under: Key, object_id: UUID) -> Key:
    """The data encryption key of one object."""
    return unwrap(wrapped, under=under, aad=context_of("object-key", object_id))
