"""Putting the original of a version once more: a changed recipe then makes the next version of it.

The original is copied under a fresh key, as if it had been sent again: nothing that is kept of an
earlier version ever depends on a later one.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from simplr.access.permissions import sees_personal
from simplr.base.actors import Actor
from simplr.base.jobs import Patient, app
from simplr.intake import ending, joining
from simplr.intake.models import Upload, UploadState
from simplr.intake.services import Declared, begin
from simplr.resources import queries as resources
from simplr.resources.models import Version
from simplr.resources.scanning import rules as scanning
from simplr.vault import services as vault
from simplr_core.errors import Refused, SimplrError, Unavailable


@transaction.atomic
def put_again(*, dataset_id: UUID, version: str, actor: Actor) -> Upload:
    """Take the original of a version in once more, as the next version of its data set.

    The caller has checked that the actor may write to the data set. He must see personal fields,
    since the original holds all of them. Raises NotFound, Refused, FileInfected, FileNotScanned or
    QuotaFull.
    """
    row = resources.version_of(dataset_id, version)
    if not sees_personal(actor, dataset_id):
        raise Refused("Only somebody who sees all fields can take the original in again.")
    scanning.check_may_leave(row, actor=actor)
    upload = begin(
        project_id=row.resource.project_id,
        declared=Declared(
            name=row.original_name, size=row.size, wanted_as="table", resource_id=dataset_id
        ),
        actor=actor,
    )
    upload.state = UploadState.RECEIVED
    upload.job_id = copy_original.defer(upload_id=str(upload.id), version_id=str(row.pk))
    upload.save(update_fields=["state", "job_id", "changed_at"])
    return upload


@app.task(queue="intake", pass_context=False, retry=Patient())
def copy_original(upload_id: str, version_id: str) -> None:
    """Seal the original of a version once more, for an upload that waits for it."""
    waiting = Upload.objects.filter(pk=UUID(upload_id), state=UploadState.RECEIVED, object_id=None)
    upload = waiting.first()
    if upload is None:
        return
    try:
        object_id = _copied(upload, Version.objects.get(pk=UUID(version_id)))
        try:
            joining.note_joined(upload, object_id)
        except SimplrError:
            vault.discard([object_id])
            raise
    except Unavailable:
        raise
    except SimplrError as error:
        ending.fail(upload.id, error, during=UploadState.RECEIVED)


def _copied(upload: Upload, version: Version) -> UUID:
    new = vault.begin_object(project_id=upload.project_id, kind="original")
    writer = vault.ObjectWriter(new, expected_size=upload.size)
    try:
        if joining.copy(version.original_id, writer) != upload.size:
            raise joining.PieceMissing
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    return new.id
