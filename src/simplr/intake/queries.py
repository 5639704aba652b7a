"""Reading uploads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from simplr.access.permissions import decide, nodes_reached, sees_personal, standing
from simplr.base.actors import Actor
from simplr.datasets import queries as datasets
from simplr.intake.models import Upload, UploadPiece
from simplr.resources.models import BY_UPLOAD, Resource, Version
from simplr_core.access import Action
from simplr_core.errors import NotFound


def upload_of(upload_id: UUID, *, actor: Actor) -> Upload:
    """One upload that concerns the actor, who may write to its project. Raises NotFound."""
    upload = (
        Upload.objects.select_related("project", "version", "resource").filter(pk=upload_id).first()
    )
    if upload is None or not concerns(upload, actor):
        raise NotFound
    return upload


def concerns(upload: Upload, actor: Actor) -> bool:
    """Whether the actor may know of an upload: his own, or any where he reads the project."""
    if actor.person_id is not None and upload.person_id == actor.person_id:
        return True
    return decide(actor=actor, action="read", node_id=upload.project_id).allowed


def _concerning(found: QuerySet[Upload], actor: Actor) -> QuerySet[Upload]:
    """`concerns`, as a query."""
    read = nodes_reached(actor, action=Action.READ).filter(kind="project").values("id")
    return found.filter(Q(person_id=actor.person_id) | Q(project_id__in=read))


def resumable_of(upload_id: UUID, *, actor: Actor) -> Upload:
    """A resumable upload of the actor's own; nobody else knows of it. Raises NotFound."""
    found = Upload.objects.filter(pk=upload_id, expires_at__isnull=False)
    upload = found.filter(person_id=actor.person_id).first() if actor.person_id else None
    if upload is None:
        raise NotFound
    return upload


def sees_all_of(upload: Upload, actor: Actor) -> bool:
    """Whether the actor sees all of a file: his own, or any where he sees personal fields."""
    return upload.person_id == actor.person_id or sees_personal(actor, upload.project_id)


def results_of(uploads: Iterable[Upload], *, actor: Actor) -> dict[UUID, list[dict[str, Any]]]:
    """What each kept upload became: one version, or one for each table that was kept of it.

    Cells in quarantine are counted over the fields that the actor may see.
    """
    by_original = {row.object_id: row.id for row in uploads if row.state == "kept"}
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = Version.objects.filter(
        original_id__in=[id_ for id_ in by_original if id_], mode__in=BY_UPLOAD
    ).annotate(field_count=Count("fields"))
    for row in rows.order_by("node_id"):
        found.setdefault(by_original[row.original_id], []).append(
            {
                "resource": row.resource_id,
                "version": row.node_id,
                "table_path": row.table_path,
                "field_count": row.field_count or None,
                "counts": {
                    "in": row.rows_in,
                    "kept": row.rows_kept,
                    "quarantined_rows": row.rows_quarantined,
                    "quarantined_cells": datasets.cells_aside(
                        row, personal=sees_personal(actor, row.resource_id)
                    ),
                    **({"made": row.rows_made} if row.rows_made else {}),
                }
                if row.rows_in is not None
                else None,
            }
        )
    return found


def uploads_of(project_id: UUID, *, actor: Actor) -> QuerySet[Upload]:
    """The uploads of a project, the newest first: his own for somebody who may only put files."""
    return _concerning(Upload.objects.filter(project_id=project_id), actor).order_by("-id")


def open_uploads(project_id: UUID, *, actor: Actor) -> list[Upload]:
    """Uploads that became nothing yet, and those that ended lately, the newest first."""
    lately = timezone.now() - timedelta(hours=12)
    rows = uploads_of(project_id, actor=actor).filter(
        ~Q(state__in=["kept", "failed", "cancelled"]) | Q(changed_at__gt=lately)
    )
    return list(rows.order_by("-id")[:200])


def resource_to_renew(project_id: UUID, resource_id: str) -> dict[str, Any] | None:
    """The resource that the next file becomes a version of, if it is in this project."""
    try:
        row = Resource.objects.filter(
            pk=UUID(resource_id), project_id=project_id, node__in=standing()
        ).first()
    except ValueError:
        return None
    return {"id": row.pk, "title": row.title} if row else None


def path_to_renew(upload: Upload) -> list[str] | None:
    """Which table of a file the newest version came from, where the upload is to be the next."""
    if upload.resource_id is None:
        return None
    last = Version.objects.filter(resource_id=upload.resource_id).order_by("-number").first()
    return list(last.table_path) if last is not None else None


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
    found = {id_ for pair in rows.values_list("object_id", "report_id") for id_ in pair if id_}
    pieces = UploadPiece.objects.filter(object_id__in=wanted)
    return (found & wanted) | set(pieces.values_list("object_id", flat=True))


def waiting_in(project_ids: Iterable[UUID], *, actor: Actor) -> list[Upload]:
    """Uploads of some projects that wait for a look, the newest first."""
    known = list(project_ids)
    if not known:
        return []
    rows = Upload.objects.filter(project_id__in=known, state="understood")
    return list(_concerning(rows, actor).select_related("project").order_by("-id")[:50])


def running_in(project_ids: Iterable[UUID], *, actor: Actor) -> list[Upload]:
    """Uploads of some projects that are being received, understood or kept, the newest first."""
    known = list(project_ids)
    if not known:
        return []
    states = ["receiving", "received", "understanding", "keeping"]
    lately = timezone.now() - timedelta(hours=12)
    rows = Upload.objects.filter(project_id__in=known, state__in=states, changed_at__gt=lately)
    return list(_concerning(rows, actor).select_related("project").order_by("-id")[:20])
