"""What goes of sharing when a resource is erased: its comparisons, mendings and releases, and what
people wrote when they asked for it.

Maps of pseudonyms stay: they belong to the project, and other data sets of it use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from simplr.access.asking import forget_texts
from simplr.sharing.models import Comparison, Mending, Release


def objects(resource_ids: Sequence[UUID]) -> set[UUID]:
    """What was found in comparisons, and what mendings ask. A release keeps no object of its own."""
    compared = Comparison.objects.filter(resource_id__in=resource_ids)
    asked = Mending.objects.filter(resource_id__in=resource_ids)
    ids = (*compared.values_list("object_id", flat=True), *asked.values_list("asked_id", flat=True))
    return {id_ for id_ in ids if id_ is not None}


def forget(resource_ids: Sequence[UUID]) -> None:
    """Remove the comparisons, the mendings, the releases, and the texts of requests for access."""
    Mending.objects.filter(resource_id__in=resource_ids).delete()
    Comparison.objects.filter(resource_id__in=resource_ids).delete()
    Release.objects.filter(resource_id__in=resource_ids).delete()
    forget_texts(resource_ids)
