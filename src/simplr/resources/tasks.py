"""Background work of the trash: erasing what was ordered, and what has lain there long enough."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from simplr.base.jobs import Patient, app


@app.task(name="resources.erase", retry=Patient())
def erase(node_id: str) -> int:
    """Destroy the keys of a thing, forget its rows, delete its bytes; returns how many objects."""
    from simplr.resources import trash_services

    return trash_services.erase(node_id=UUID(node_id))


def erase_again(node_id: UUID) -> None:
    """Queue an erasure that was begun, unless it waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        erase.configure(queueing_lock=f"erase-{node_id}").defer(node_id=str(node_id))


@app.periodic(cron="23 * * * *")
@app.task(name="resources.empty_trash", queueing_lock="empty-trash", retry=Patient())
def empty_trash(timestamp: int) -> int:
    """Order the erasure of all whose time in the trash is over; returns how many."""
    from simplr.resources import trash_services

    return trash_services.end_the_overdue(now=timezone.now())
