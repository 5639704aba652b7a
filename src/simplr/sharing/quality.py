"""The quality of a data set as its reader may know it: over the fields that he may see.

The counts of a field that is hidden from somebody tell of its values, so they are in no sum that
is shown to him. Under a release there is no score: it was counted over all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from simplr.base.actors import Actor
from simplr.datasets import queries as datasets
from simplr.sharing.views_of_data import DataView, view_for
from simplr_core.errors import Refused
from simplr_core.quality import FieldCounts, Score, TableCounts, score

_TEXTS = ("text", "category")


class QualityNotReleased(Refused):
    """A release has no quality score: it is counted over all rows of the data set."""

    code = "quality-not-released"


@dataclass(frozen=True, kw_only=True)
class Quality:
    """A score, and how many of the fields stand behind it."""

    score: Score
    field_count: int
    hidden_count: int


def quality_of(actor: Actor, *, dataset_id: UUID, version: str = "") -> Quality:
    """The score that the actor may know. Raises QualityNotReleased, or what `view_for` raises."""
    view = view_for(actor, dataset_id=dataset_id, action="read", version=version)
    if view.release_id is not None:
        raise QualityNotReleased
    return quality_behind(view)


def quality_behind(view: DataView) -> Quality:
    """The score over the fields that a view of the whole shows."""
    shown = {item.name for item in view.fields}
    rows = datasets.fields_of(view.version)
    counted = [
        FieldCounts(
            name=row.name,
            missing=row.missing_count,
            quarantined=row.quarantined_count,
            distinct=row.distinct_count,
            inconsistent=row.inconsistent_count,
            is_text=row.type in _TEXTS,
            is_key=row.is_key,
        )
        for row in rows
        if row.name in shown
    ]
    table = TableCounts(
        rows_in=(view.version.rows_in or 0) + view.version.rows_made,
        kept=view.version.rows_kept or 0,
    )
    return Quality(
        score=score(table, counted), field_count=len(counted), hidden_count=len(rows) - len(counted)
    )
