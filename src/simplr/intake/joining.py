"""Makes one sealed object of the pieces of a resumable upload, then has it understood.

The object is sealed from its first byte to its last under a fresh key, by the same writer as an
upload by one request, so nothing later can tell the two apart. A joining that is cut off leaves an
unconfirmed object, which is swept; the pieces stay until the row refers to the whole.
"""

from __future__ import annotations

import time
from hmac import compare_digest
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.base.jobs import Patient, app
from simplr.intake import ending, metadata, services, tasks
from simplr.intake.models import Upload, UploadState
from simplr.vault import services as vault
from simplr_core.errors import Corrupt, SimplrError, Unavailable


class PieceMissing(Corrupt):
    """The pieces of an upload do not make up its length. Put the file again."""

    code = "piece-missing"


@app.task(queue="intake", pass_context=False, retry=Patient())
def join(upload_id: str) -> None:
    """Seal the pieces of a received upload as one object, in order, and compare its digest."""
    upload = Upload.objects.filter(
        pk=UUID(upload_id), state=UploadState.RECEIVED, object_id=None
    ).first()
    if upload is None:
        return
    try:
        new = vault.begin_object(project_id=upload.project_id, kind="original")
        _seal_whole(upload, new)
        try:
            note_joined(upload, new.id)
        except SimplrError:
            vault.discard([new.id])
            raise
    except Unavailable:
        raise
    except SimplrError as error:
        ending.fail(upload.id, error, during=UploadState.RECEIVED)


def copy(object_id: UUID, writer: vault.ObjectWriter) -> int:
    """Write what a piece holds, proven segment by segment; how much that is."""
    done = 0
    with vault.open_object(object_id).reader() as reader:
        while chunk := reader.read(services.CHUNK):
            done += writer.write(chunk)
    return done


def _seal_whole(upload: Upload, new: vault.NewObject) -> None:
    writer = vault.ObjectWriter(new, expected_size=upload.size)
    try:
        done, noted_at = 0, time.monotonic()
        for offset, object_id in upload.pieces.order_by("offset").values_list(
            "offset", "object_id"
        ):
            if offset != done:
                raise PieceMissing
            done += copy(object_id, writer)
            if time.monotonic() - noted_at > services.NOTE_EVERY_SECONDS:
                _note_progress(upload, done)
                noted_at = time.monotonic()
        if done != upload.size:
            raise PieceMissing
        sealed = writer.finish()
        header = metadata.opened(upload)
        wanted = services.sha256_in(metadata.declared_in(header, size=upload.size).digest)
        if wanted is not None and not compare_digest(sealed.sha256 or b"", wanted):
            raise services.DigestDiffers
    except BaseException:
        writer.abandon()
        raise


def _note_progress(upload: Upload, done: int) -> None:
    """A sign of life. Raises Superseded when the work is not wanted any more."""
    wanted = Upload.objects.filter(pk=upload.pk, state=UploadState.RECEIVED, object_id=None)
    progress = {"done": done, "total": upload.size}
    if not wanted.update(progress=progress, changed_at=timezone.now()):
        raise ending.Superseded


def note_joined(upload: Upload, object_id: UUID) -> None:
    """Say that the whole is here, and have it understood. Raises Superseded or Cancelled."""
    with transaction.atomic():
        ending.check_still_wanted(upload)
        if not Upload.objects.filter(pk=upload.pk, object_id=None).exists():
            raise ending.Superseded
        pieces = list(upload.pieces.values_list("object_id", flat=True))
        upload.pieces.all().delete()
        upload.object_id = object_id
        upload.progress = {}
        upload.job_id = tasks.understand.defer(upload_id=str(upload.id))
        upload.save(update_fields=["object_id", "progress", "job_id", "changed_at"])
        vault.confirm([object_id])
        vault.release(pieces)
        transaction.on_commit(lambda: vault.discard(pieces))
