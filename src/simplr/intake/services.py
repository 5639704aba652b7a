"""Taking in: from the first byte of a file to the version that is kept.

    receiving ─> received ─> understanding ─> understood ─> keeping ─> kept
        └──────────┴──────────────┴───────────────┴────────────┴─> failed | cancelled

A body is sealed as it streams: no byte of it touches a disk in the clear. What was declared and
what arrived are compared before anything refers to it.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.access.permissions import standing
from simplr.base import events
from simplr.base.actors import Actor
from simplr.intake import adding, ending, queries, recipes, tasks
from simplr.intake.models import Upload, UploadState
from simplr.intake.queries import concerns
from simplr.projects import services as projects
from simplr.resources.models import Folder, Resource
from simplr.resources.services import CLASSIFICATIONS
from simplr.vault import services as vault
from simplr_core.errors import Conflict, Invalid, NotFound, Refused
from simplr_core.tidy.plans import KeepPlan, chosen_tables, plan_tables, tables_of

CHUNK = 256 * 1024
NOTE_EVERY_SECONDS = 1.0
"""How often it is written down how much has arrived, and asked whether it is still wanted."""


class CutOff(Invalid):
    """The file ended before all of it had arrived. Nothing was kept; put it again."""

    code = "upload-cut-off"
    status = 400


class DigestDiffers(Invalid):
    """What arrived is not what was sent. Nothing was kept; put it again."""

    code = "digest-differs"
    status = 400


class NameInvalid(Invalid):
    """A file needs a name of 1 to 255 characters without control characters."""

    code = "name-invalid"


class NotReady(Conflict):
    """The upload is not in the state that this needs. Look at it again."""

    code = "upload-not-ready"


class Body(Protocol):
    """Where the bytes come from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the sender says of a file before its bytes come."""

    name: str
    size: int
    digest: str = ""
    """`sha-256=:…:` (RFC 9530) or `sha-256=…` (RFC 3230), base64."""
    wanted_as: str = "auto"
    resource_id: UUID | None = None
    folder_id: UUID | None = None


_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Characters that change how others are shown: controls, directions, line separators."""


def shown_name(name: str) -> str:
    """The name as people see it. It never becomes a path. Raises NameInvalid."""
    text = unicodedata.normalize("NFC", name).strip()
    if any(unicodedata.category(character) in _NOT_SHOWN for character in text):
        raise NameInvalid(field="name")
    last = re.split(r"[\\/]", text)[-1].strip()
    if not last.strip(". ") or len(last) > 255:
        raise NameInvalid(field="name")
    return last


def sha256_in(digest: str) -> bytes | None:
    """The SHA-256 inside a digest header; None when there is none. Raises Invalid."""
    if not digest:
        return None
    found = re.search(r"sha-256=:?([A-Za-z0-9+/=]+):?", digest)
    if found is None:
        return None
    try:
        value = base64.b64decode(found.group(1), validate=True)
    except binascii.Error as error:
        raise Invalid("The digest is not base64.", field="Repr-Digest") from error
    if len(value) != 32:
        raise Invalid("A SHA-256 digest has 32 bytes.", field="Repr-Digest")
    return value


def receive(*, project_id: UUID, declared: Declared, body: Body, actor: Actor) -> Upload:
    """Take one file in, sealed as it streams, and queue its understanding.

    The caller has checked that the actor may write to the project. Raises QuotaFull,
    NameInvalid, CutOff, DigestDiffers, StoreFull or NotFound; then nothing is kept.
    """
    wanted_digest = sha256_in(declared.digest)
    upload = begin(project_id=project_id, declared=declared, actor=actor)
    try:
        object_id, digest = _seal_body(upload, body)
        if wanted_digest is not None and not compare_digest(digest, wanted_digest):
            vault.discard([object_id])
            raise DigestDiffers
    except BaseException as error:
        _give_up(upload, error, actor=actor)
        raise
    with transaction.atomic():
        locked = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if locked.state != UploadState.RECEIVING:
            # It was given up meanwhile, and its room given back.
            vault.discard([object_id])
            raise CutOff
        upload.object_id = object_id
        upload.received_bytes = upload.size
        upload.state = UploadState.RECEIVED
        upload.save(update_fields=["object_id", "received_bytes", "state", "changed_at"])
        events.record(
            code=events.Event.UPLOAD_RECEIVED,
            actor=actor,
            node_id=project_id,
            project_id=project_id,
            subject=("upload", upload.id),
            details={"size": upload.size},
        )
        vault.confirm([object_id])
        upload.job_id = tasks.understand.defer(upload_id=str(upload.id))
        upload.save(update_fields=["job_id"])
    return upload


def _is_folder_of(folder_id: UUID, project_id: UUID) -> bool:
    return Folder.objects.filter(pk=folder_id, project_id=project_id, node__in=standing()).exists()


@transaction.atomic
def begin(
    *,
    project_id: UUID,
    declared: Declared,
    actor: Actor,
    expires_at: datetime | None = None,
) -> Upload:
    """Set room aside for one file and note that it is on its way.

    With `expires_at` it may come by any number of requests. Raises QuotaFull, NameInvalid or
    NotFound.
    """
    name = shown_name(declared.name)
    if actor.person_id is None:
        raise Refused("Only a person can put files.")
    if declared.size < 0:
        raise Invalid("A size is not negative.", field="size")
    if (
        declared.resource_id is not None
        and not Resource.objects.filter(
            pk=declared.resource_id, project_id=project_id, node__in=standing()
        ).exists()
    ):
        raise NotFound("There is no such resource in this project.", field="resource")
    if declared.folder_id is not None and not _is_folder_of(declared.folder_id, project_id):
        raise NotFound("There is no such folder in this project.", field="folder")
    projects.reserve_bytes(project_id=project_id, size=declared.size)
    upload = Upload.objects.create(
        project_id=project_id,
        person_id=actor.person_id,
        resource_id=declared.resource_id,
        folder_id=declared.folder_id,
        name=name,
        wanted_as=declared.wanted_as,
        state=UploadState.RECEIVING,
        size=declared.size,
        expires_at=expires_at,
    )
    events.record(
        code=events.Event.UPLOAD_BEGUN,
        actor=actor,
        node_id=project_id,
        project_id=project_id,
        subject=("upload", upload.id),
        details={"size": declared.size},
    )
    return upload


def _seal_body(upload: Upload, body: Body) -> tuple[UUID, bytes]:
    """Seal and store the body; the object's id and the SHA-256 of what arrived."""
    new = vault.begin_object(project_id=upload.project_id, kind="original")
    try:
        writer = vault.ObjectWriter(new, expected_size=upload.size)
    except BaseException:
        vault.discard([new.id])
        raise
    noted_at = time.monotonic()
    try:
        left = upload.size
        while left:
            chunk = body.read(min(CHUNK, left))
            if not chunk:
                raise CutOff(arrived=upload.size - left, declared=upload.size)
            writer.write(chunk)
            left -= len(chunk)
            if time.monotonic() - noted_at > NOTE_EVERY_SECONDS:
                _note_arrived(upload, upload.size - left)
                noted_at = time.monotonic()
        sealed = writer.finish()
    except BaseException:
        writer.abandon()
        raise
    return new.id, sealed.sha256 or b""


def _note_arrived(upload: Upload, arrived: int) -> None:
    """A sign of life of this upload. Raises Cancelled when it is not wanted any more."""
    wanted = Upload.objects.filter(
        pk=upload.pk, state=UploadState.RECEIVING, cancel_asked_at=None
    ).update(received_bytes=arrived, changed_at=timezone.now())
    if not wanted:
        raise ending.Cancelled


def _give_up(upload: Upload, error: BaseException, *, actor: Actor) -> None:
    with transaction.atomic():
        locked = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if locked.state != UploadState.RECEIVING:
            return  # given up by others already, and its room given back
        if isinstance(error, ending.Cancelled):
            ending.end_cancelled(locked)
            locked.save()
            return
        locked.state = UploadState.FAILED
        locked.error_code = getattr(error, "code", CutOff.code)
        locked.error_message = getattr(error, "message", "")
        locked.save()
        projects.release_bytes(project_id=upload.project_id, size=upload.size)
        events.record(
            code=events.Event.UPLOAD_CUT_OFF,
            actor=actor,
            outcome="failed",
            node_id=upload.project_id,
            project_id=upload.project_id,
            subject=("upload", upload.id),
            details={"reason": getattr(error, "code", "connection-lost")},
        )


@transaction.atomic
def keep(*, upload_id: UUID, choices: dict[str, Any], actor: Actor) -> Upload:
    """Keep what was understood, with the steward's changes. Queues the work.

    `choices`: fields [{name, type?, personal?, new_name?, format?, missing_codes?}] or a recipe
    and skip_unfit, title, as; of a file with several tables, which of them: tables [{table,
    fields? or recipe? and skip_unfit?, title?}]; of the next version of a data set, `mode`,
    `key` and `widen` (see `simplr.intake.adding`). Raises NotFound, NotReady, Invalid, or Refused
    for taking the mark off a personal field of a file that somebody else put, or naming its values.
    """
    upload = Upload.objects.select_for_update(of=("self",)).filter(pk=upload_id).first()
    if upload is None or not concerns(upload, actor):
        raise NotFound
    if upload.state != UploadState.UNDERSTOOD:
        raise NotReady(state=upload.state)
    plans = _checked_plans(upload, choices, actor=actor)
    recipes.check_values(upload, plans, actor=actor)
    upload.overrides, upload.recipes = recipes.apart(upload, choices)
    upload.overrides["misfits"] = recipes.misfits_in(plans)
    upload.state = UploadState.KEEPING
    upload.progress = {}
    upload.error_code = upload.error_message = ""  # of a reading that could not be
    upload.job_id = tasks.keep.defer(
        upload_id=str(upload.id), person_id=str(actor.person_id or upload.person_id)
    )
    upload.save()
    return upload


def _checked_plans(
    upload: Upload, choices: dict[str, Any], *, actor: Actor
) -> list[tuple[int, KeepPlan]]:
    """What will be kept, by the number of the table: says at once what is wrong with a change."""
    if choices.get("classification", "internal") not in CLASSIFICATIONS:
        raise Invalid("This classification is not known.", field="classification")
    tables = tables_of(upload.understanding)
    as_ = choices.get("as") or ("table" if tables else "file")
    _check_resource(upload, as_=as_)
    plans: list[tuple[int, KeepPlan]] = []
    if as_ == "table":
        if not tables:
            raise Invalid("This file was not understood as a table. Keep it as a file.", field="as")
        if upload.resource_id is not None and len(tables) > 1:
            choices["tables"] = _the_next_version(upload, choices)
        for number, choice in chosen_tables(upload.understanding, choices):
            check_fields(table=tables[number], choice=choice)
        plans = plan_tables(upload.understanding, choices)
    adding.check_mode(upload, choices, as_=as_, actor=actor)
    return plans


def check_fields(*, table: Mapping[str, Any], choice: Mapping[str, Any]) -> None:
    """Return quietly if each field of a choice is in the table, once. Raises Invalid."""
    known = {field["name"] for field in table["fields"]}
    names = [field["name"] for field in choice.get("fields", [])]
    strangers = sorted(set(names) - known)
    if strangers:
        raise Invalid("There is no such field in this file.", fields=strangers)
    if len(set(names)) != len(names):
        raise Invalid("A field is changed twice.", field="fields")


def _the_next_version(upload: Upload, choices: dict[str, Any]) -> list[dict[str, Any]]:
    """The one table that becomes the next version: the one chosen, else the one of last time."""
    asked: list[dict[str, Any]] | None = choices.get("tables")
    if asked is not None and len(asked) == 1:
        return asked
    path = queries.path_to_renew(upload)
    same = [n for n, t in enumerate(tables_of(upload.understanding)) if t["path"] == path]
    if asked is not None or not same:
        raise Invalid("Say which one of the tables is the next version.", field="tables")
    return [{"table": same[0]}]


def _check_resource(upload: Upload, *, as_: str) -> None:
    """Refuse at once what would cost the upload later: another kind, or a resource that is gone."""
    if upload.resource_id is None:
        return
    resource = Resource.objects.filter(pk=upload.resource_id, node__in=standing()).first()
    if resource is None:
        raise Conflict("The resource that this was to renew was removed. Put the file anew.")
    if (resource.kind == "dataset") != (as_ == "table"):
        raise Invalid("A data set gets tables as versions, and a file gets files.", field="as")


@transaction.atomic
def cancel(*, upload_id: UUID, actor: Actor) -> Upload:
    """Stop an upload or throw an understood one away. What was kept stays.

    Raises NotFound or NotReady.
    """
    upload = Upload.objects.select_for_update(of=("self",)).filter(pk=upload_id).first()
    if upload is None or not concerns(upload, actor):
        raise NotFound
    if upload.state in {UploadState.KEPT, UploadState.FAILED, UploadState.CANCELLED}:
        raise NotReady(state=upload.state)
    upload.cancel_asked_at = timezone.now()
    waits = upload.is_resumable and upload.state == UploadState.RECEIVING
    if waits or upload.state in {UploadState.RECEIVED, UploadState.UNDERSTOOD}:
        ending.end_cancelled(upload)
    upload.save()
    events.record(
        code=events.Event.UPLOAD_CANCELLED,
        actor=actor,
        node_id=upload.project_id,
        project_id=upload.project_id,
        subject=("upload", upload.id),
    )
    return upload
