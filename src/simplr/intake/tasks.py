"""The two pieces of background work on an upload: understanding it, and keeping it.

Both are idempotent: each looks at the state when it begins and, under a lock, once more before it
ends, so that two workers that believe in the same job keep one version. Objects of an attempt that
was cut off stay unconfirmed and are swept. What is away for a while (a sealed store, a full disk)
is waited for; only what the file itself makes impossible ends an upload.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.base import children, events
from simplr.base.actors import SYSTEM, Actor
from simplr.base.jobs import Patient, app
from simplr.intake import recipes
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
from simplr.intake.keeping import keep_file, keep_tables, progress_of
from simplr.intake.models import Upload, UploadState
from simplr.vault import receiving
from simplr.vault import services as vault
from simplr_core.errors import SimplrError, Unavailable
from simplr_core.tidy.plans import counts_in, tables_of


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
        earlier = recipes.earlier_of(upload)
        descriptors = vault.open_descriptors(
            {"original": original, **({"recipe": earlier.recipe} if earlier else {})}
        )
        try:
            child = children.start(
                job="simplr_core.tidy.jobs:understand",
                arguments={
                    "original": original.for_child(),
                    "name": upload.name,
                    "wanted_as": upload.wanted_as,
                    **({} if upload.read_as is None else {"read_as": upload.read_as}),
                    "report": report.for_child(),
                    **({"earlier": earlier.for_child()} if earlier else {}),
                },
                files=descriptors,
            )
            result = receiving.store_from_child(
                child,
                {1: report},
                progress=progress_of(upload.id),
                facts=lambda result: (
                    {1: receiving.sealed_facts(result["report"])} if result["report"] else {}
                ),
            )
        finally:
            for descriptor in descriptors.values():
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
        before = upload.report_id
        upload.understanding = result["understanding"]
        upload.report_id = report.id if result["report"] else None
        upload.state = UploadState.UNDERSTOOD
        upload.progress = {}
        upload.save()
        counts = counts_in(upload.understanding)
        events.record(
            code=events.Event.UPLOAD_UNDERSTOOD,
            actor=SYSTEM,
            node_id=upload.project_id,
            project_id=upload.project_id,
            subject=("upload", upload.id),
            details={"kind": upload.understanding.get("kind", ""), **counts},
        )
        vault.confirm([report.id])
        if before is not None:
            vault.release([before])
            transaction.on_commit(lambda: vault.discard([before]))


@app.task(queue="intake", pass_context=False, retry=Patient())
def keep(upload_id: str, person_id: str) -> None:
    """Write the sealed parts, quarantine and profiles, then the rows that refer to them."""
    upload = _claim(UUID(upload_id), before=(UploadState.KEEPING,), during=UploadState.KEEPING)
    if upload is None or upload.object_id is None:
        return
    actor = Actor(kind="person", person_id=UUID(person_id))
    try:
        check_still_allowed(upload, actor)
        as_file = upload.overrides.get("as") == "file"
        if tables_of(upload.understanding) and not as_file:
            keep_tables(upload, actor=actor)
        else:
            keep_file(upload, actor=actor)
    except Unavailable:
        raise
    except SimplrError as error:
        fail(upload.id, error, during=UploadState.KEEPING)


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
