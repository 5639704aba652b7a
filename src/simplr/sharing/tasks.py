"""Background work of sharing: comparisons and mendings that are too large to wait for."""

from __future__ import annotations

from uuid import UUID

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
