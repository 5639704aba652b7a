"""Taking one file in by any number of requests: what was acknowledged stays, whatever is killed.

    begin ─> append ─> append ─> … ─> received ─> (joined) ─> understood

What arrives is sealed in pieces. A piece is a whole sealed object with a key of its own: one writer
seals it in one go, and nobody ever goes on with it. It is acknowledged by the transaction that moves
the offset past it. So whatever is killed when, no key seals two things, and every acknowledged byte
lies sealed on the disk. When all have arrived, `joining` makes of them the one object that
an upload by one request makes. Why so: docs/decisions/0033-resumable-uploads.md.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.errors import TooLarge
from simplr.intake import joining, metadata, queries, services
from simplr.intake.ending import UploadExpired, check_still_allowed
from simplr.intake.models import Upload, UploadPiece, UploadState
from simplr.vault import services as vault
from simplr_core.errors import Conflict, Invalid, SimplrError

PIECE = 16 * 1024 * 1024
PIECE_SECONDS = 5.0
"""A piece ends at this size or after this time: so much a kill may cost that was not acknowledged."""
SMALL_PIECE = 1024 * 1024
"""A last piece below this is sealed again, as the beginning of the next one, so that a sender of
crumbs leaves no crumbs."""
LOOK_EVERY_SECONDS = 0.4
CHECKSUMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}


class OffsetDiffers(Conflict):
    """The upload has arrived up to another byte than this. Ask how far it is, and go on there."""

    code = "offset-differs"


class UploadEnded(Conflict):
    """This upload was given up. Begin it again."""

    code = "upload-ended"
    status = 410


class TooMuchSent(Invalid):
    """This would make the upload longer than was said when it began. Nothing of it was taken."""

    code = "too-much-sent"
    status = 413


class ChecksumDiffers(Invalid):
    """What arrived is not what its checksum says. It was thrown away; send it again."""

    code = "checksum-differs"
    status = 460


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """What the sender says that the body of one request hashes to."""

    algorithm: str
    """One of CHECKSUMS."""
    value: bytes


@transaction.atomic
def begin(*, project_id: UUID, size: int, header: str, actor: Actor) -> Upload:
    """Set room aside for a file that comes by any number of requests.

    `header` is what its sender says of it. An empty file is received at once. The caller has
    checked that the actor may write to the project. Raises TooLarge, MetadataInvalid, QuotaFull,
    NameInvalid or NotFound.
    """
    if size > settings.ENV.upload_limit_bytes:
        raise TooLarge(limit=settings.ENV.upload_limit_bytes)
    declared = metadata.declared_in(header, size=size)
    upload = services.begin(
        project_id=project_id, declared=declared, actor=actor, expires_at=_expiry()
    )
    upload.metadata = metadata.seal(header, upload=upload)
    upload.save(update_fields=["metadata"])
    if upload.size == 0:
        _note_received(upload, actor=actor)
    return upload


def current(*, upload_id: UUID, actor: Actor) -> Upload:
    """The actor's own resumable upload, unless it ended. Raises NotFound, UploadEnded, UploadExpired."""
    upload = queries.resumable_of(upload_id, actor=actor)
    if upload.error_code == UploadExpired.code or _is_expired(upload):
        raise UploadExpired
    if upload.state in {UploadState.FAILED, UploadState.CANCELLED}:
        raise UploadEnded
    return upload


def append(
    *,
    upload_id: UUID,
    offset: int,
    length: int,
    body: services.Body,
    actor: Actor,
    checksum: Checksum | None = None,
) -> Upload:
    """Take what arrives from `offset` on; the upload as it is then, with what is acknowledged.

    If the body breaks off, what came of it is kept, except under a checksum, which only speaks of
    all of it. While bytes arrive it is asked again whether the actor may. Of several that send from
    one offset, exactly one is taken. Raises NotFound, UploadEnded, UploadExpired, OffsetDiffers,
    TooMuchSent, ChecksumDiffers, RightEnded or StoreFull.
    """
    upload = current(upload_id=upload_id, actor=actor)
    if offset != upload.received_bytes:
        raise OffsetDiffers(offset=upload.received_bytes)
    if length > upload.size - offset:
        raise TooMuchSent(left=upload.size - offset)
    arriving = _Arriving(body, length=length, checksum=checksum)
    while arriving.left:
        _take_piece(upload, arriving, actor=actor)
    return upload


class _Arriving:
    """The body of one request, read no further than its length; it may break off before."""

    def __init__(self, body: services.Body, *, length: int, checksum: Checksum | None) -> None:
        self._body = body
        self.left = length
        self.checksum = checksum
        self._hash = CHECKSUMS[checksum.algorithm](usedforsecurity=False) if checksum else None
        self._broke_off = False

    def read(self, size: int) -> bytes:
        try:
            chunk = self._body.read(min(size, self.left))
        except OSError:  # the connection is gone; what came before it is good
            chunk = b""
        if not chunk:
            self._broke_off, self.left = self.left > 0, 0
        self.left -= len(chunk)
        if self._hash is not None:
            self._hash.update(chunk)
        return chunk

    def check_sum(self) -> None:
        """Raise ChecksumDiffers unless all arrived as its sender hashed it."""
        if self.checksum is None or self._hash is None:
            return
        if self._broke_off or not compare_digest(self._hash.digest(), self.checksum.value):
            raise ChecksumDiffers


def _take_piece(upload: Upload, arriving: _Arriving, *, actor: Actor) -> None:
    """Seal and store one piece of what arrives, then acknowledge it."""
    small = _small_end_of(upload)
    new = vault.begin_object(project_id=upload.project_id, kind="piece")
    try:
        writer = vault.ObjectWriter(new, expected_size=None, sha256=False)
    except BaseException:
        vault.discard([new.id])
        raise
    try:
        before = joining.copy(small.object_id, writer) if small is not None else 0
        taken = _fill(writer, arriving, upload, room=PIECE - before, actor=actor)
        arriving.check_sum()
        if taken:
            writer.finish()
    except BaseException:
        writer.abandon()
        raise
    if not taken:
        writer.abandon()
        return
    try:
        _acknowledge(upload, new.id, size=before + taken, instead_of=small, actor=actor)
    except SimplrError:
        # Only what was decided here: after a lost connection it may be acknowledged all the same.
        vault.discard([new.id])
        raise
    upload.received_bytes += taken


def _small_end_of(upload: Upload) -> UploadPiece | None:
    last = upload.pieces.order_by("-offset").first()
    if last is None or last.size >= SMALL_PIECE:
        return None
    # Another request may have gone on meanwhile; then this one is refused when it acknowledges.
    return last if last.offset + last.size == upload.received_bytes else None


def _fill(
    writer: vault.ObjectWriter,
    arriving: _Arriving,
    upload: Upload,
    *,
    room: int,
    actor: Actor,
) -> int:
    """Seal what arrives until the piece is full or old enough; how much. A checksum wants it all."""
    taken, looked_at = 0, time.monotonic()
    ends_at = looked_at + PIECE_SECONDS
    while arriving.left and (arriving.checksum is not None or taken < room):
        chunk = arriving.read(min(services.CHUNK, room - taken) if room > taken else services.CHUNK)
        writer.write(chunk)
        taken += len(chunk)
        now = time.monotonic()
        if now >= ends_at and arriving.checksum is None:
            break
        if now - looked_at > LOOK_EVERY_SECONDS:
            check_still_allowed(upload, actor)
            _check_in_turn(upload)
            looked_at = now
    return taken


def _check_in_turn(upload: Upload) -> None:
    """Return quietly while the upload stands where this request began; raise why not."""
    now = Upload.objects.get(pk=upload.pk)
    if now.state != UploadState.RECEIVING:
        raise UploadEnded
    if now.received_bytes != upload.received_bytes:
        raise OffsetDiffers(offset=now.received_bytes)


@transaction.atomic
def _acknowledge(
    upload: Upload, object_id: UUID, *, size: int, instead_of: UploadPiece | None, actor: Actor
) -> None:
    """Move the offset past a piece that is stored. Of several with one offset, the first wins."""
    begins = upload.received_bytes if instead_of is None else instead_of.offset
    moved = Upload.objects.filter(
        pk=upload.pk, state=UploadState.RECEIVING, received_bytes=upload.received_bytes
    ).update(received_bytes=begins + size, changed_at=timezone.now(), expires_at=_expiry())
    if not moved:
        _check_in_turn(upload)
        raise OffsetDiffers
    if instead_of is not None:
        old = instead_of.object_id
        instead_of.delete()
        vault.release([old])
        transaction.on_commit(lambda: vault.discard([old]))
    UploadPiece.objects.create(upload=upload, offset=begins, size=size, object_id=object_id)
    vault.confirm([object_id])
    if begins + size == upload.size:
        _note_received(upload, actor=actor)


def _note_received(upload: Upload, *, actor: Actor) -> None:
    """All of it has arrived and lies sealed: queue what makes one object of it."""
    upload.state = UploadState.RECEIVED
    upload.job_id = joining.join.defer(upload_id=str(upload.id))
    upload.save(update_fields=["state", "job_id"])
    events.record(
        code=events.Event.UPLOAD_RECEIVED,
        actor=actor,
        node_id=upload.project_id,
        project_id=upload.project_id,
        subject=("upload", upload.id),
        details={"size": upload.size},
    )


def _expiry() -> datetime:
    return timezone.now() + timedelta(seconds=settings.ENV.upload_waits_seconds)


def _is_expired(upload: Upload) -> bool:
    waits = upload.state == UploadState.RECEIVING
    return waits and upload.expires_at is not None and upload.expires_at <= timezone.now()
