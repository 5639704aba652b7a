"""How the installation stands, for those who may know nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connections

from simplr import VERSION
from simplr.vault import keys
from simplr.vault.models import ProjectKey, RootKeyMark, SealedObject


@dataclass(frozen=True, kw_only=True)
class Health:
    """What anyone may know: it runs, and whether it is sealed."""

    status: str
    version: str


def health() -> Health:
    """Ask every database and the key agent. Raises what they raise when one does not answer."""
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
    return Health(status="sealed" if keys.agent().is_sealed() else "ok", version=VERSION)


@dataclass(frozen=True, kw_only=True)
class KeyStoreState:
    """What the page for unsealing shows."""

    sealed: bool
    key_store: str


def key_store_state() -> KeyStoreState:
    """Whether the store is sealed, and where its root key is looked for."""
    status = keys.agent().status()
    return KeyStoreState(sealed=status.sealed, key_store=status.key_store)


@dataclass(frozen=True, kw_only=True)
class KeyCounts:
    """How many keys there are, and the public name of the one above them all."""

    root_key_id: str
    made_at: datetime | None
    project_keys: int
    data_keys: int


def key_counts() -> KeyCounts:
    """Counts of the keys that still open something. Nothing of any key."""
    mark = RootKeyMark.objects.order_by("created_at").last()
    return KeyCounts(
        root_key_id=mark.root_key_id if mark else "",
        made_at=mark.created_at if mark else None,
        project_keys=ProjectKey.objects.filter(wrapped__isnull=False).count(),
        data_keys=SealedObject.objects.filter(wrapped__isnull=False).count(),
    )
