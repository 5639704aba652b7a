"""What goes of intake when a resource is erased: the uploads that became it, or were about to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from simplr.intake import ending
from simplr.intake.models import Upload, UploadState
from simplr.resources.models import Version

_ENDED = (UploadState.KEPT, UploadState.FAILED, UploadState.CANCELLED)


def objects(resource_ids: Sequence[UUID]) -> set[UUID]:
    """The originals and reports of uploads that were kept, if only as one of several tables."""
    rows = Upload.objects.filter(_of(resource_ids) | _in_part(resource_ids), state__in=_ENDED)
    pairs = rows.values_list("object_id", "report_id")
    return {id_ for pair in pairs for id_ in pair if id_ is not None}


def forget(resource_ids: Sequence[UUID]) -> None:
    """Remove ended uploads; end those on their way to become a version of what goes.

    An upload that became other data sets too keeps its row, without the sample of its rows.
    """
    rows = Upload.objects.select_for_update(of=("self",)).filter(_of(resource_ids))
    for upload in rows.exclude(state__in=_ENDED):
        ending.end_cancelled(upload)
        upload.resource_id = upload.version_id = None
        upload.save()
    Upload.objects.filter(_of(resource_ids), state__in=_ENDED).delete()
    Upload.objects.filter(_in_part(resource_ids)).update(report_id=None)


def _of(resource_ids: Sequence[UUID]) -> Q:
    return Q(resource_id__in=resource_ids) | Q(version__resource_id__in=resource_ids)


def _in_part(resource_ids: Sequence[UUID]) -> Q:
    """Uploads that became these among others."""
    originals = Version.objects.filter(resource_id__in=resource_ids).values("original_id")
    return Q(object_id__in=originals)
