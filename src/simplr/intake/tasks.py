"""The two pieces of background work on an upload: understanding it, and keeping it.

Both are idempotent: each looks at the state when it begins and, under a lock, once more before it
ends, so that two workers that believe in the same job keep one version. Objects of an attempt that
was cut off stay unconfirmed and are swept. What is away for a while (a sealed store, a full disk)
is waited for; only what the file itself makes impossible ends an upload.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.base import children, events
from simplr.base.actors import SYSTEM, Actor
from simplr.base.jobs import Patient, app
from simplr.datasets import services as datasets
from simplr.intake.ending import (
    Cancelled,
    Superseded,
    check_still_allowed,
    check_still_wanted,
    end_cancelled,
    fail,
    interrupted,
    reason_of,
)
from simplr.intake.models import Upload, UploadState
from simplr.resources import services as resources
from simplr.resources.models import Resource
from simplr.vault import receiving
from simplr.vault import services as vault
from simplr_core.errors import Conflict, SimplrError, Unavailable
from simplr_core.tables.sealed import Sealed
from simplr_core.tidy.jobs import KeepPlan, plan_keep


def _progress_of(upload_id: UUID) -> Any:
    def note(message: Mapping[str, Any]) -> None:
        progress = dict(message.get("progress", {}))
        Upload.objects.filter(pk=upload_id).update(progress=progress, changed_at=timezone.now())
        if Upload.objects.filter(pk=upload_id, cancel_asked_at__isnull=False).exists():
            raise Cancelled

    return note


def _claim(upload_id: UUID, *, before: tuple[str, ...], during: str) -> Upload | None:
    """The upload, now in state `during`; None when the work is not wanted (any more)."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update(of=("self",)).filter(pk=upload_id).first()
        if upload is None or upload.state not in {*before, during}:
            return None
        if upload.cancel_asked_at is not None:
            end_cancelled(upload)
            upload.save()
            return None
        upload.state = during
        upload.save(update_fields=["state", "changed_at"])
        return upload


MOST_GROWTH = 50
ROOM_FOR_ANY = 1 << 30
"""Sealed results may take fifty times the file and one gibibyte: short cells that do not fit are
noted with their reasons. More than that is a file made to fill the disk."""


@app.task(queue="intake", pass_context=False, retry=Patient())
def understand(upload_id: str) -> None:
    """Read the file in a child and note what it is. The parts made of values are sealed there."""
    upload = _claim(
        UUID(upload_id), before=(UploadState.RECEIVED,), during=UploadState.UNDERSTANDING
    )
    if upload is None or upload.object_id is None:
        return
    try:
        original = vault.open_object(upload.object_id)
        report = vault.begin_object(project_id=upload.project_id, kind="report")
        descriptor = original.open()
        try:
            child = children.start(
                job="simplr_core.tidy.jobs:understand",
                arguments={
                    "original": original.for_child(),
                    "name": upload.name,
                    "wanted_as": upload.wanted_as,
                    "report": report.for_child(),
                },
                files={"original": descriptor},
            )
            result = receiving.store_from_child(
                child,
                {1: report},
                progress=_progress_of(upload.id),
                facts=lambda result: (
                    {1: receiving.sealed_facts(result["report"])} if result["report"] else {}
                ),
            )
        finally:
            os.close(descriptor)
    except Unavailable:
        raise
    except SimplrError as error:
        fail(upload.id, error, during=UploadState.UNDERSTANDING)
        return
    try:
        _note_understood(upload, report=report, result=result)
    except (Cancelled, Superseded) as error:
        vault.discard([report.id])
        fail(upload.id, error, during=UploadState.UNDERSTANDING)


def _note_understood(upload: Upload, *, report: vault.NewObject, result: Mapping[str, Any]) -> None:
    with transaction.atomic():
        check_still_wanted(upload)
        upload.understanding = result["understanding"]
        upload.report_id = report.id if result["report"] else None
        upload.state = UploadState.UNDERSTOOD
        upload.progress = {}
        upload.save()
        counts = upload.understanding.get("counts") or {}
        events.record(
            code=events.Event.UPLOAD_UNDERSTOOD,
            actor=SYSTEM,
            node_id=upload.project_id,
            project_id=upload.project_id,
            subject=("upload", upload.id),
            details={"kind": upload.understanding.get("kind", ""), **counts},
        )
        vault.confirm([report.id])


@app.task(queue="intake", pass_context=False, retry=Patient())
def keep(upload_id: str, person_id: str) -> None:
    """Write the sealed parts, quarantine and profiles, then the rows that refer to them."""
    upload = _claim(UUID(upload_id), before=(UploadState.KEEPING,), during=UploadState.KEEPING)
    if upload is None or upload.object_id is None:
        return
    actor = Actor(kind="person", person_id=UUID(person_id))
    try:
        check_still_allowed(upload, actor)
        as_table = (
            upload.understanding.get("kind") == "table" and upload.overrides.get("as") != "file"
        )
        if as_table:
            _keep_table(upload, actor=actor)
        else:
            _keep_file(upload, actor=actor)
    except Unavailable:
        raise
    except SimplrError as error:
        fail(upload.id, error, during=UploadState.KEEPING)


def _resource_for(upload: Upload, *, kind: str, actor: Actor) -> Resource:
    if upload.resource is not None:
        if upload.resource.kind != kind:
            raise Conflict("A data set gets tables as versions, and a file gets files.")
        return upload.resource
    title = upload.overrides.get("title") or upload.name.rsplit(".", 1)[0] or upload.name
    return resources.add_resource(
        project_id=upload.project_id,
        kind=kind,
        title=title,
        owner_id=upload.person_id,
        actor=actor,
        classification=upload.overrides.get("classification", ""),
        folder_id=upload.folder_id,
    )


def _keep_file(upload: Upload, *, actor: Actor) -> None:
    with transaction.atomic():
        check_still_wanted(upload)
        check_still_allowed(upload, actor)
        resource = _resource_for(upload, kind="file", actor=actor)
        version = resources.add_version(
            resource=resource,
            owner_id=upload.person_id,
            original_id=_original(upload),
            original_name=upload.name,
            media_type=upload.understanding.get("media_type", "application/octet-stream"),
            size=upload.size,
            actor=actor,
        )
        _finish(upload, version_id=version.node_id, resource_id=resource.pk, actor=actor)


def _original(upload: Upload) -> UUID:
    if upload.object_id is None:
        raise Conflict("The file is not here.")
    return upload.object_id


def _keep_table(upload: Upload, *, actor: Actor) -> None:
    plan = plan_keep(upload.understanding, upload.overrides)
    schema, groups = plan.schema, plan.groups
    original = vault.open_object(_original(upload))

    def begin(kind: str) -> vault.NewObject:
        return vault.begin_object(project_id=upload.project_id, kind=kind)

    parts = [begin("part") for _ in groups]
    quarantine = begin("quarantine")
    profiles = [begin("profile") for _ in schema]
    objects = dict(enumerate([*parts, quarantine, *profiles], start=1))
    descriptor = original.open()
    try:
        child = children.start(
            job="simplr_core.tidy.jobs:keep",
            arguments={
                "original": original.for_child(),
                "name": upload.name,
                "plan": plan.to_json(),
                "parts": [part.for_child() for part in parts],
                "quarantine": quarantine.for_child(),
                "profiles": [profile.for_child() for profile in profiles],
            },
            files={"original": descriptor},
        )
        result = receiving.store_from_child(
            child,
            objects,
            progress=_progress_of(upload.id),
            facts=_facts_of_keeping,
            most_bytes=MOST_GROWTH * upload.size + ROOM_FOR_ANY,
        )
    finally:
        os.close(descriptor)
    made = _Made(
        parts=[part.id for part in parts],
        quarantine=quarantine.id,
        profiles=[profile.id for profile in profiles],
    )
    try:
        _note_kept(upload, plan=plan, made=made, result=result, actor=actor)
    except SimplrError:
        # Only what was decided here: after a lost connection the rows may have been committed.
        vault.discard(made.ids)
        raise


@dataclass(frozen=True, kw_only=True)
class _Made:
    """The sealed objects of one keeping."""

    parts: list[UUID]
    quarantine: UUID
    profiles: list[UUID]

    @property
    def ids(self) -> list[UUID]:
        return [*self.parts, self.quarantine, *self.profiles]


def _note_kept(
    upload: Upload, *, plan: KeepPlan, made: _Made, result: Mapping[str, Any], actor: Actor
) -> None:
    with transaction.atomic():
        check_still_wanted(upload)
        check_still_allowed(upload, actor)
        resource = _resource_for(upload, kind="dataset", actor=actor)
        version = resources.add_version(
            resource=resource,
            owner_id=upload.person_id,
            original_id=_original(upload),
            original_name=upload.name,
            media_type=upload.understanding.get("media_type", "text/csv"),
            size=upload.size,
            actor=actor,
            rows=dict(result["counts"]),
            quarantine_id=made.quarantine,
        )
        datasets.describe_version(
            version=version,
            schema=plan.schema,
            groups=plan.groups,
            part_ids=made.parts,
            profile_ids=made.profiles,
            counts={facts["name"]: facts for facts in result["fields"]},
            understanding=upload.understanding,
        )
        # What was corrected may have changed what fits.
        upload.understanding = {**upload.understanding, "counts": dict(result["counts"])}
        _finish(upload, version_id=version.node_id, resource_id=resource.pk, actor=actor)
        vault.confirm(made.ids)


def _facts_of_keeping(result: Mapping[str, Any]) -> dict[int, Sealed]:
    return {
        int(channel): receiving.sealed_facts(facts) for channel, facts in result["objects"].items()
    }


def _finish(upload: Upload, *, version_id: UUID, resource_id: UUID, actor: Actor) -> None:
    upload.version_id = version_id
    upload.resource_id = resource_id
    upload.state = UploadState.KEPT
    upload.progress = {}
    upload.save()
    events.record(
        code=events.Event.UPLOAD_KEPT,
        actor=actor,
        node_id=resource_id,
        project_id=upload.project_id,
        subject=("upload", upload.id),
        details={"version": str(version_id)},
    )


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="end-interrupted-uploads")
def end_interrupted_uploads(timestamp: int) -> int:
    """Fail uploads that a kill left behind, and give their room back; returns how many."""
    left = interrupted(now=timezone.now())
    for upload in left:
        fail(
            upload.id,
            reason_of(upload),
            during=upload.state,
        )
    return len(left)
