"""Bringing an installation back from a backup and its root key, into an empty folder."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from simplr.operations.backup import dumps
from simplr.operations.backup.layout import FACTS, HEADS, ORDER, SETTINGS, Place, Snapshot
from simplr.operations.start import alone, control, server_work
from simplr.operations.start.errors import FolderUnsuitable
from simplr.operations.start.folder import DataFolder, Installation, write_privately
from simplr.operations.start.services import Services
from simplr.vault.keystores import FileKeyStore
from simplr.vault.keystores.file import read_key_file
from simplr.vault.keystores.keeping import take_copy
from simplr_core.errors import Refused

Told = Callable[[str], None]


class OtherRootKey(Refused):
    """This root key does not open the backup. Bring the copy of the one that it names."""

    code = "other-root-key"


@dataclass(frozen=True)
class Restored:
    """What a restore came to."""

    data: str
    snapshot: str
    taken_at: str
    objects: int
    erased: int
    ledger_size: int
    seconds: float


def restore(folder: DataFolder, place: Place, *, name: str, key_file: Path, told: Told) -> Restored:
    """Make the installation of a snapshot again, prove every object and the ledger, and stop.

    Call from the main thread. The folder is empty or not there yet. What is left when this raises
    does not start (`restoring` lies in it): remove the folder and restore again.
    """
    began = time.monotonic()
    _check_empty(folder)
    name = place.chosen(name)
    snapshot = place.snapshot(name)
    _check_key(key_file, snapshot)
    folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with control.locked(folder):
        services = _prepared(folder, snapshot, key_file)
        with alone.keys_and_databases(services, new=True) as cluster:
            server_work.load_settings(folder)
            from simplr.operations.backup import proving
            from simplr.vault import backups

            key = backups.SnapshotKey.opened(name, base64.b64decode(snapshot.wrapped_key))
            source = place.snapshots / name
            facts = json.loads(_read(key, source, FACTS))
            settings = json.loads(_read(key, source, SETTINGS))
            _remember(folder, settings)
            for part, database in ORDER:
                told(f"restoring {database}")
                with key.unseal(source / f"{part}.sf1", part=part) as stream:
                    dumps.restore(cluster, database, stream)
            heads = folder.path / "ledger" / "checkpoints.txt"
            write_privately(heads, _read(key, source, HEADS).decode(), mode=0o600)
            _own(services, heads)
            proven = proving.bring_objects(
                place,
                erased={UUID(id_) for id_ in facts["erased"]},
                told=told,
            )
            server_work.own_tree(folder.path / "objects")
            told("verifying the ledger")
            size = proving.ledger_size(snapshot.taken_at, proven.objects)
            proving.close()
        (folder.path / "restoring").unlink()
    return Restored(
        data=str(folder.path),
        snapshot=name,
        taken_at=snapshot.taken_at,
        objects=proven.objects,
        erased=proven.erased,
        ledger_size=size,
        seconds=round(time.monotonic() - began, 2),
    )


def _check_empty(folder: DataFolder) -> None:
    if folder.path.exists() and any(folder.path.iterdir()):
        raise FolderUnsuitable(
            f"{folder.path} is not empty: restore into a new folder, --data DIR."
        )


def _check_key(key_file: Path, snapshot: Snapshot) -> None:
    found = read_key_file(key_file)
    if found is None or not found.is_named(snapshot.root_key_id):
        named = found.id if found else "none"
        raise OtherRootKey(
            f"This backup opens with the root key {snapshot.root_key_id}; {key_file} holds {named}."
        )


def _prepared(folder: DataFolder, snapshot: Snapshot, key_file: Path) -> Services:
    """The folder of the installation with its root key in a file, and nothing else yet."""
    write_privately(folder.path / "restoring", snapshot.taken_at + "\n", mode=0o600)
    # The services are made by the folder, which is prepared as for a first start.
    (folder.path / "secret").mkdir(mode=0o700)
    account, web_account = server_work.accounts()
    folder.prepare(environment="", account=account, web_account=web_account)
    folder.update(id=snapshot.installation, root_key_id=snapshot.root_key_id)
    store = folder.path / "keys" / "root.key"
    take_copy(key_file, FileKeyStore(store))
    services = server_work.services_of(folder)
    _own(services, store)
    return services


def _own(services: Services, path: Path) -> None:
    if services.reached.web_account is not None:
        services.reached.web_account.own(path)


def _read(key: Any, source: Path, part: str) -> bytes:
    with key.unseal(source / f"{part}.sf1", part=part) as stream:
        return bytes(stream.read())


def _remember(folder: DataFolder, settings: dict[str, Any]) -> None:
    """What the installation remembered, but for where its key rests and where it listened."""
    before = Installation(**settings["installation"])
    folder.update(
        environment=before.environment,
        created_at=before.created_at,
        port=before.port,
        host=before.host,
        welcomed=before.welcomed,
    )
    for name, content in settings["secrets"].items():
        write_privately(folder.secret / name, content, mode=0o600)
