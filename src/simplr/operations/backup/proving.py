"""The end of a restore, with the server's settings loaded: objects and ledger are proven."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import connections, transaction

from simplr.audit import queries as ledger
from simplr.audit import services as audit
from simplr.base import events
from simplr.base.actors import SYSTEM
from simplr.operations.backup.layout import Place
from simplr.vault import backups
from simplr.vault import services as vault
from simplr_core.errors import Corrupt


class RestoredWrongly(Corrupt):
    """What was restored is not what was backed up. Restore another snapshot."""

    code = "restored-wrongly"


@dataclass(frozen=True)
class Proven:
    """How many objects are there and whole, and how many were erased since they were listed."""

    objects: int
    erased: int


def bring_objects(place: Place, *, erased: set[UUID], told: Callable[[str], None]) -> Proven:
    """Put every object back that a key in the restored vault opens, and compare its digest.

    Raises RestoredWrongly for one that is missing or is not what was pinned.
    """
    if erased:
        vault.discard(erased)
    with connections["vault"].cursor() as cursor:
        wanted = list(backups.stored_objects(cursor))
    told(f"bringing back {len(wanted)} objects")
    said = time.monotonic()
    for count, one in enumerate(wanted, start=1):
        path = place.object_path(one.id)
        if not path.exists():
            raise RestoredWrongly(f"The backup lacks object {one.id}, which its snapshot needs.")
        backups.put_back(one.id, path)
        if time.monotonic() - said > 5:
            said = time.monotonic()
            told(f"{count} of {len(wanted)} objects")
    return Proven(objects=len(wanted), erased=len(erased))


def ledger_size(taken_at: str, objects: int) -> int:
    """Verify the ledger, note the restore in it, and seal that; returns its size.

    Raises RestoredWrongly, with the first bad entry.
    """
    found = ledger.verify()
    if found.finding is not None:
        raise RestoredWrongly(f"The ledger does not verify. {found.finding.sentence}")
    with transaction.atomic():
        events.record(
            code=events.Event.INSTALLATION_RESTORED,
            actor=SYSTEM,
            details={"taken_at": taken_at, "objects": objects, "ledger": found.size},
        )
    audit.seal_now()
    again = ledger.verify()
    if again.finding is not None:
        raise RestoredWrongly(f"The ledger does not go on. {again.finding.sentence}")
    return again.size


def close() -> None:
    """Let every connection go, so that the databases can stop."""
    connections.close_all()
