"""What goes of sharing when a resource is erased: its releases, with their sealed conditions.

Maps of pseudonyms stay: they belong to the project, and other data sets of it use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from simplr.sharing.models import Release


def objects(resource_ids: Sequence[UUID]) -> set[UUID]:
    """A release keeps no object of its own."""
    return set()


def forget(resource_ids: Sequence[UUID]) -> None:
    """Remove the releases."""
    Release.objects.filter(resource_id__in=resource_ids).delete()
