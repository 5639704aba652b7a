"""How an upload ends without being kept: failed, cancelled, or cut off by a kill.

Every ending goes through here and looks at the state under a lock first, so that room is given
back exactly once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from simplr.access.authentication import actor_again
from simplr.access.permissions import decide
from simplr.base import events
from simplr.base.actors import SYSTEM, Actor
from simplr.intake.models import Upload, UploadState
from simplr.projects import services as projects
from simplr.vault import services as vault
from simplr_core.errors import Conflict, Refused, SimplrError

log = logging.getLogger("simplr.intake")


_READING = (UploadState.RECEIVED, UploadState.UNDERSTANDING)


class Cancelled(Conflict):
    """The upload was cancelled."""

    code = "upload-cancelled"


class Superseded(Conflict):
    """Another worker did this work meanwhile."""

    code = "superseded"


class Interrupted(Conflict):
    """It was cut off by a restart. What had arrived was thrown away; put it again."""

    code = "upload-interrupted"


class ReadingInterrupted(Conflict):
    """Reading it in another way was cut off by a restart. It is as it was understood before."""

    code = "reading-interrupted"


class RightEnded(Refused):
    """The right to put files into this project ended before this file was kept."""

    code = "right-ended"


def check_still_allowed(upload: Upload, actor: Actor) -> None:
    """Raise RightEnded unless the person for whom the work is done may still do it.

    He asked for it a while ago: licence, membership or the person himself may have ended since.
    """
    now = actor_again(actor, now=timezone.now())
    if not decide(actor=now, action="write", node_id=upload.project_id).allowed:
        raise RightEnded


class UploadExpired(Conflict):
    """No more of it arrived in time. What had arrived was thrown away; begin it again."""

    code = "upload-expired"
    status = 410


def reason_of(upload: Upload) -> SimplrError:
    """Why an upload that nobody works on any more ends."""
    if upload.cancel_asked_at is not None:
        return Cancelled()
    if upload.is_resumable and upload.state == UploadState.RECEIVING:
        return UploadExpired()
    if upload.understanding and upload.state in _READING:
        return ReadingInterrupted()
    return Interrupted()


def check_still_wanted(upload: Upload) -> None:
    """Lock the row; raise Superseded or Cancelled if what was done is not wanted any more."""
    row = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if row.state != upload.state:
        raise Superseded
    if row.cancel_asked_at is not None:
        raise Cancelled


def fail(upload_id: UUID, error: SimplrError, *, during: str) -> None:
    """Note why it failed; the person can read it. A cancelled one is not a failure.

    Nothing happens unless the upload still is in the state `during`: then it has gone on, or has
    ended and given its room back already.
    """
    with transaction.atomic():
        upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload_id)
        if upload.state != during or isinstance(error, Superseded):
            return
        log.warning("upload %s ended: %s", upload.id, error.code)
        if isinstance(error, Cancelled):
            end_cancelled(upload)
        elif upload.understanding and during in _READING:
            # It was understood before, and was to be read otherwise: it is as it was.
            upload.state = UploadState.UNDERSTOOD
            upload.error_code, upload.error_message = error.code, error.message
            upload.progress = {}
        else:
            upload.state = UploadState.FAILED
            upload.error_code = error.code
            upload.error_message = error.message
            let_go(upload)
            events.record(
                code=events.Event.UPLOAD_FAILED,
                actor=SYSTEM,
                outcome="failed",
                node_id=upload.project_id,
                project_id=upload.project_id,
                subject=("upload", upload.id),
                details={"reason": error.code},
            )
        upload.save()


def end_cancelled(upload: Upload) -> None:
    """Leave nothing of a cancelled upload but its row. The caller saves."""
    upload.state = UploadState.CANCELLED
    let_go(upload)


def let_go(upload: Upload) -> None:
    """Erase the sealed bytes of an upload that became nothing, and give its room back."""
    ids = [id_ for id_ in (upload.object_id, upload.report_id) if id_ is not None]
    ids += upload.pieces.values_list("object_id", flat=True)
    upload.pieces.all().delete()
    upload.object_id = upload.report_id = None
    upload.understanding = {}
    projects.release_bytes(project_id=upload.project_id, size=upload.size)
    # Cut off between here and the end, they are left to the sweeper.
    vault.release(ids)
    transaction.on_commit(lambda: vault.discard(ids))


def interrupted(*, now: datetime) -> list[Upload]:
    """Uploads that nobody works on any more: silent while arriving, or left by a dead job.

    A resumable one is silent for as long as it may wait for its sender.
    """
    silent = now - timedelta(seconds=settings.ENV.upload_silent_seconds)
    arriving = Upload.objects.filter(state=UploadState.RECEIVING).filter(
        Q(expires_at=None, changed_at__lt=silent) | Q(expires_at__lt=now)
    )
    waiting = Upload.objects.filter(
        state__in=(UploadState.RECEIVED, UploadState.UNDERSTANDING, UploadState.KEEPING),
        changed_at__lt=now - timedelta(minutes=2),
    )
    alive = _living_jobs(row.job_id for row in waiting if row.job_id is not None)
    return [*arriving, *(row for row in waiting if row.job_id not in alive)]


def _living_jobs(ids: Iterable[int]) -> set[int]:
    rows = ProcrastinateJob.objects.filter(id__in=list(ids), status__in=("todo", "doing"))
    return set(rows.values_list("id", flat=True))
