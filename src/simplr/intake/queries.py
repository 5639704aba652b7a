"""Reading uploads."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from simplr.intake.models import Upload
from simplr_core.errors import NotFound


def upload_of(upload_id: UUID) -> Upload:
    """One upload. The caller checks the right on its project. Raises NotFound."""
    upload = Upload.objects.select_related("project", "version").filter(pk=upload_id).first()
    if upload is None:
        raise NotFound
    return upload


def uploads_of(project_id: UUID) -> QuerySet[Upload]:
    """The uploads of a project, the newest first."""
    return Upload.objects.filter(project_id=project_id).order_by("-id")


def project_of_upload(upload_id: UUID) -> UUID:
    """The project whose right decides about an upload. Raises NotFound."""
    found = Upload.objects.filter(pk=upload_id).values_list("project_id", flat=True).first()
    if found is None:
        raise NotFound
    return found


def objects_referred_to(ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that an upload keeps."""
    wanted = set(ids)
    rows = Upload.objects.filter(Q(object_id__in=wanted) | Q(report_id__in=wanted))
    return {id_ for pair in rows.values_list("object_id", "report_id") for id_ in pair} & wanted
