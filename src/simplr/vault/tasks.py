"""Housekeeping of the store: what a kill left half written is swept every hour."""

from __future__ import annotations

from django.utils import timezone

from simplr.base import jobs
from simplr.vault import claims, fixity, rotation, services


@jobs.app.periodic(cron="41 * * * *")
@jobs.app.task(queueing_lock="sweep-objects")
def sweep_objects(timestamp: int) -> int:
    """Erase objects that nothing came to refer to within a day; returns how many."""
    return services.sweep(claimed=claims.claimed, now=timezone.now())


@jobs.app.periodic(cron="11 * * * *")
@jobs.app.task(queueing_lock="rewrap-objects")
def rewrap_objects(timestamp: int) -> int:
    """Finish what a rotation of project keys left behind; returns how many keys."""
    return rotation.rewrap_what_was_left()


@jobs.app.periodic(cron="23 * * * *")
@jobs.app.task(queueing_lock="check-objects")
def check_objects(timestamp: int) -> int:
    """Open what was not opened for long and compare its digest; returns how many are damaged."""
    return fixity.check_due(now=timezone.now()).damaged
