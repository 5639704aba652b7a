"""Background work: erasing what was ordered or has lain in the trash long enough, and scanning."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from simplr.base.jobs import Patient, app

SCAN_ROUND_SECONDS = 60.0
"""After so long a round of scanning lets other work go first, and goes on as another job."""


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


@app.task(name="resources.scan_original", retry=Patient())
def scan_original(original_id: str) -> bool:
    """Scan an original for malware; whether the scanner was asked."""
    from simplr.resources.scanning import services

    return services.scan_original(original_id=UUID(original_id))


@app.task(name="resources.scan_rest", lock="scan-rest", retry=Patient())
def scan_rest(after: str, before: str) -> None:
    """Scan what was not scanned, from one original on; `before` as in `order_scan`."""
    from simplr.resources.scanning import services

    until = time.monotonic() + SCAN_ROUND_SECONDS
    last = services.scan_round(
        after=UUID(after) if after else None,
        before=datetime.fromisoformat(before) if before else None,
        goes_on=lambda: time.monotonic() < until,
    )
    if last is not None:
        services.queue_round(after=str(last), before=before)
