"""How the installation stands, for those who may know nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.models import Min

from simplr import VERSION
from simplr.base.events import Event
from simplr.base.models import Event as EventRow
from simplr.vault import keys
from simplr.vault.models import ProjectKey, SealedObject


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
    used_since: datetime | None
    """When it wrapped its first key; None while it wrapped none."""
    project_keys: int
    data_keys: int


def key_counts() -> KeyCounts:
    """Counts of the keys that still open something. Nothing of any key."""
    root_key_id = keys.agent().status().root_key_id or ""
    wrapped = ProjectKey.objects.filter(root_key_id=root_key_id)
    return KeyCounts(
        root_key_id=root_key_id,
        used_since=_staged_at(root_key_id) or wrapped.aggregate(first=Min("created_at"))["first"],
        project_keys=ProjectKey.objects.filter(wrapped__isnull=False)
        .exclude(project_id=keys.LEDGER)
        .count(),
        data_keys=SealedObject.objects.filter(wrapped__isnull=False).count(),
    )


def _staged_at(root_key_id: str) -> datetime | None:
    """When a root key took over from another; None for the first one of an installation."""
    rotated = EventRow.objects.filter(
        code=Event.ROOT_KEY_ROTATED.value, details__root_key=root_key_id
    )
    return rotated.order_by("-at").values_list("at", flat=True).first()
