"""Background work of sharing: comparisons, mendings, and requests that nobody answers."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from simplr.base.jobs import Patient, app


@app.task(name="sharing.compare", retry=Patient())
def compare(comparison_id: str) -> None:
    """Make a comparison that was asked for, if it is still wanted and not there yet."""
    from simplr.sharing import comparing
    from simplr.sharing.models import Comparison

    row = (
        Comparison.objects.select_related("before", "after", "resource")
        .filter(pk=UUID(comparison_id))
        .first()
    )
    if row is not None and row.state == "waiting":
        comparing.make(row)


@app.task(name="sharing.mend", retry=Patient())
def mend(mending_id: str) -> None:
    """Write the version that somebody asked for, if it is still wanted and not there yet."""
    from simplr.base.actors import Actor
    from simplr.sharing import mending
    from simplr.sharing.models import Mending

    row = (
        Mending.objects.select_related("earlier__resource", "resource__node")
        .filter(pk=UUID(mending_id))
        .first()
    )
    if row is not None and row.state == "waiting":
        mending.make(row, actor=Actor(kind="person", person_id=row.person_id))


@app.periodic(cron="37 * * * *")
@app.task(name="sharing.lapse_requests", queueing_lock="lapse-requests", retry=Patient())
def lapse_requests(timestamp: int) -> int:
    """End requests for access that waited too long, remind of others; returns how many ended."""
    from simplr.access import asking

    ended, _reminded = asking.lapse_and_remind(now=timezone.now())
    return ended
