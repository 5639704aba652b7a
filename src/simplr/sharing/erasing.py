"""What goes of sharing when a resource is erased: its comparisons, and its releases.

Maps of pseudonyms stay: they belong to the project, and other data sets of it use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from simplr.sharing.models import Comparison, Release


def objects(resource_ids: Sequence[UUID]) -> set[UUID]:
    """What was found in comparisons. A release keeps no object of its own."""
    rows = Comparison.objects.filter(resource_id__in=resource_ids, object_id__isnull=False)
    return {id_ for id_ in rows.values_list("object_id", flat=True) if id_ is not None}


def forget(resource_ids: Sequence[UUID]) -> None:
    """Remove the comparisons and the releases."""
    Comparison.objects.filter(resource_id__in=resource_ids).delete()
    Release.objects.filter(resource_id__in=resource_ids).delete()
