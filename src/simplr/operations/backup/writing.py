"""Taking a snapshot of a running installation. Runs with the server's settings loaded."""

from __future__ import annotations

import base64
import fcntl
import io
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from simplr import VERSION
from simplr.audit import services as audit
from simplr.base import events
from simplr.base.actors import SYSTEM
from simplr.operations.backup import dumps
from simplr.operations.backup.layout import FACTS, FORMAT, HEADS, ORDER, SETTINGS, Place, Snapshot
from simplr.operations.start.folder import DataFolder
from simplr.operations.start.postgres import Cluster
from simplr.vault import backups
from simplr.vault.objects import ObjectMissing

Told = Callable[[str], None]


@dataclass(frozen=True)
class Taken:
    """What a backup came to."""

    place: str
    snapshot: str
    root_key_id: str
    objects: int
    objects_copied: int
    bytes_copied: int
    dumps_bytes: int
    ledger_size: int
    snapshots_removed: int
    objects_removed: int
    seconds: float


def take(
    folder: DataFolder, cluster: Cluster, place: Place, *, keep: int | None, told: Told
) -> Taken:
    """Take a snapshot, prove every object that is copied, and let older snapshots go.

    Raises what the parts raise, and then leaves nothing that counts: objects that were copied are
    there for the next one.
    """
    place.prepare(folder.installation().id)
    with place.locked():
        return _taken(folder, cluster, place, keep=keep, told=told)


def _taken(
    folder: DataFolder, cluster: Cluster, place: Place, *, keep: int | None, told: Told
) -> Taken:
    began = time.monotonic()
    name, target = place.begin()
    key, wrapped, root_key_id = backups.SnapshotKey.make(name)
    ledger_size = audit.seal_now().size
    sizes = {HEADS: key.seal(io.BytesIO(_heads(folder)), target / f"{HEADS}.sf1", part=HEADS)}
    for part, database in ORDER[:-1]:
        told(f"dumping {database}")
        with dumps.dumped(cluster, database) as stream:
            sizes[part] = key.seal(stream, target / f"{part}.sf1", part=part)
    part, database = ORDER[-1]
    told(f"dumping {database}")
    objects: list[backups.StoredObject] = []
    with psycopg.connect(cluster.superuser_url(database)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = connection.execute("SELECT pg_export_snapshot()").fetchone()
        with dumps.dumped(cluster, database, snapshot=str(found[0] if found else "")) as stream:
            sizes[part] = key.seal(stream, target / f"{part}.sf1", part=part)
        objects.extend(backups.stored_objects(connection.cursor()))
    told(f"copying {len(objects)} objects")
    kept, erased, copied, length = _copy(place, objects, told)
    settings = json.dumps(_settings(folder)).encode()
    sizes[SETTINGS] = key.seal(io.BytesIO(settings), target / f"{SETTINGS}.sf1", part=SETTINGS)
    facts = {"sizes": sizes, "erased": [str(id_) for id_ in erased], "ledger_size": ledger_size}
    key.seal(io.BytesIO(json.dumps(facts).encode()), target / f"{FACTS}.sf1", part=FACTS)
    snapshot = Snapshot(
        format=FORMAT,
        installation=folder.installation().id,
        taken_at=datetime.now(UTC).isoformat(timespec="seconds"),
        release=VERSION,
        root_key_id=root_key_id,
        wrapped_key=base64.b64encode(wrapped).decode(),
        postgres=cluster.major_version,
    )
    place.complete(name, snapshot, kept)
    removed = place.prune(keep=keep) if keep is not None else (0, 0)
    taken = Taken(
        place=str(place.path),
        snapshot=name,
        root_key_id=root_key_id,
        objects=len(kept),
        objects_copied=copied,
        bytes_copied=length,
        dumps_bytes=sum(sizes.values()),
        ledger_size=ledger_size,
        snapshots_removed=removed[0],
        objects_removed=removed[1],
        seconds=round(time.monotonic() - began, 2),
    )
    with transaction.atomic():
        events.record(
            code=events.Event.BACKUP_TAKEN,
            actor=SYSTEM,
            details={
                "objects": taken.objects,
                "bytes": taken.bytes_copied,
                "ledger": taken.ledger_size,
                "root_key": root_key_id,
            },
        )
    return taken


def _copy(
    place: Place, objects: list[backups.StoredObject], told: Told
) -> tuple[list[UUID], list[UUID], int, int]:
    """Those that are there by now, those that were erased meanwhile, and how many were new."""
    kept: list[UUID] = []
    erased: list[UUID] = []
    copied = length = 0
    said = time.monotonic()
    for one in objects:
        path = place.object_path(one.id)
        if not (path.exists() and path.stat().st_size == one.sealed_size):
            try:
                backups.copy_object(one.id, path)
            except ObjectMissing:
                if not backups.is_erased(one.id):
                    raise
                erased.append(one.id)
                continue
            copied += 1
            length += one.sealed_size
        kept.append(one.id)
        if time.monotonic() - said > 5:
            said = time.monotonic()
            told(f"{len(kept)} of {len(objects)} objects, {length / 1e6:.0f} MB copied")
    return kept, erased, copied, length


def _heads(folder: DataFolder) -> bytes:
    path = folder.path / "ledger" / "checkpoints.txt"
    if not path.exists():
        return b""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return file.read()


def _settings(folder: DataFolder) -> dict[str, Any]:
    """What the installation remembers, and the secrets of its own that no database holds."""
    secrets = {
        name: (folder.secret / name).read_text()
        for name in ("django-key", "tls-certificate.pem", "tls-key.pem")
        if (folder.secret / name).exists()
    }
    return {"installation": asdict(folder.installation()), "secrets": secrets}


def check(place: Place, name: str, told: Told) -> int:
    """Open every object of a snapshot and compare it with what was pinned; returns how many.

    Raises CopyDiffers or Corrupt for the first that is wrong. Erased ones are passed over: their
    keys are gone, here and in every later backup.
    """
    count = 0
    for object_id in place.object_ids(name):
        if backups.is_erased(object_id):
            continue
        backups.check_copy(object_id, place.object_path(object_id))
        count += 1
    told(f"{count} objects are whole")
    return count
