"""What goes of a table when its resource is erased: parts, profiles, comments, and what its fields mean."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from simplr.datasets.models import Comment, Field, Part, Structure


def objects(resource_ids: Sequence[UUID]) -> set[UUID]:
    """The sealed parts and profiles of every version."""
    parts = Part.objects.filter(version__resource_id__in=resource_ids)
    profiles = Field.objects.filter(
        version__resource_id__in=resource_ids, profile_id__isnull=False
    ).values_list("profile_id", flat=True)
    return {*parts.values_list("object_id", flat=True), *(id_ for id_ in profiles if id_)}


def forget(resource_ids: Sequence[UUID]) -> None:
    """Remove comments, fields and parts."""
    Comment.objects.filter(resource_id__in=resource_ids).delete()
    Structure.objects.filter(version__resource_id__in=resource_ids).delete()
    Field.objects.filter(version__resource_id__in=resource_ids).delete()
    Part.objects.filter(version__resource_id__in=resource_ids).delete()
