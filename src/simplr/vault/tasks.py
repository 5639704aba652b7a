"""Housekeeping of the store: what a kill left half written is swept every hour."""

from __future__ import annotations

from django.utils import timezone

from simplr.base import jobs
from simplr.vault import claims, services


@jobs.app.periodic(cron="41 * * * *")
@jobs.app.task(queueing_lock="sweep-objects")
def sweep_objects(timestamp: int) -> int:
    """Erase objects that nothing came to refer to within a day; returns how many."""
    return services.sweep(claimed=claims.claimed, now=timezone.now())
