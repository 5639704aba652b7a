"""From an understood upload to versions: a child seals each table, then the rows are written at once.

All tables that are kept of one file are kept together or not at all. The original is one sealed
object beside all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.datasets import services as datasets
from simplr.intake.ending import Cancelled, check_still_allowed, check_still_wanted
from simplr.intake.models import Upload, UploadState
from simplr.resources import services as resources
from simplr.resources.models import Resource, Version
from simplr.vault import receiving
from simplr.vault import services as vault
from simplr_core.errors import Conflict, SimplrError
from simplr_core.tables.sealed import Sealed
from simplr_core.tidy.jobs import KeepPlan, chosen_tables, plan_tables, tables_of

MOST_GROWTH = 50
ROOM_FOR_ANY = 1 << 30
"""Sealed results may take fifty times the file and one gibibyte: short cells that do not fit are
noted with their reasons. More than that is a file made to fill the disk."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """The sealed objects of one table, the plan they follow, and what the child said of them."""

    number: int
    plan: KeepPlan
    parts: list[UUID]
    quarantine: UUID
    profiles: list[UUID]
    result: Mapping[str, Any]

    @property
    def ids(self) -> list[UUID]:
        return [*self.parts, self.quarantine, *self.profiles]

    @property
    def stored_bytes(self) -> int:
        return sum(int(facts["sealed_size"]) for facts in self.result["objects"].values())


def progress_of(upload_id: UUID) -> Callable[[Mapping[str, Any]], None]:
    """Notes how far a child is, and stops it once the upload is not wanted any more."""

    def note(message: Mapping[str, Any]) -> None:
        progress = dict(message.get("progress", {}))
        Upload.objects.filter(pk=upload_id).update(progress=progress, changed_at=timezone.now())
        if Upload.objects.filter(pk=upload_id, cancel_asked_at__isnull=False).exists():
            raise Cancelled

    return note


def keep_file(upload: Upload, *, actor: Actor) -> None:
    """Keep the bytes as they are: the version of a file."""
    with transaction.atomic():
        check_still_wanted(upload)
        check_still_allowed(upload, actor)
        resource = _resource_for(upload, kind="file", title=_title(upload), actor=actor)
        version = resources.add_version(
            resource=resource,
            owner_id=upload.person_id,
            original_id=_original(upload),
            original_name=upload.name,
            media_type=upload.understanding.get("container")
            or upload.understanding.get("media_type", "application/octet-stream"),
            size=upload.size,
            actor=actor,
        )
        _finish(upload, versions=[version], actor=actor)


def keep_tables(upload: Upload, *, actor: Actor) -> None:
    """Keep every chosen table as a data set's version. Raises what makes one of them impossible."""
    made: list[Made] = []
    room = MOST_GROWTH * upload.size + ROOM_FOR_ANY
    try:
        for number, plan in plan_tables(upload.understanding, upload.overrides):
            made.append(_seal_table(upload, number, plan, room=room))
            room -= made[-1].stored_bytes
    except BaseException:
        vault.discard([id_ for table in made for id_ in table.ids])
        raise
    try:
        _note_kept(upload, made, actor=actor)
    except SimplrError:
        # Only what was decided here: after a lost connection the rows may have been committed.
        vault.discard([id_ for table in made for id_ in table.ids])
        raise


def _seal_table(upload: Upload, number: int, plan: KeepPlan, *, room: int) -> Made:
    original = vault.open_object(_original(upload))

    def begin(kind: str) -> vault.NewObject:
        return vault.begin_object(project_id=upload.project_id, kind=kind)

    parts = [begin("part") for _ in plan.groups]
    quarantine = begin("quarantine")
    profiles = [begin("profile") for _ in plan.schema]
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
            dict(enumerate([*parts, quarantine, *profiles], start=1)),
            progress=progress_of(upload.id),
            facts=_facts_of_keeping,
            most_bytes=room,
        )
    finally:
        os.close(descriptor)
    return Made(
        number=number,
        plan=plan,
        parts=[part.id for part in parts],
        quarantine=quarantine.id,
        profiles=[profile.id for profile in profiles],
        result=result,
    )


def _facts_of_keeping(result: Mapping[str, Any]) -> dict[int, Sealed]:
    return {
        int(channel): receiving.sealed_facts(facts) for channel, facts in result["objects"].items()
    }


def _note_kept(upload: Upload, made: list[Made], *, actor: Actor) -> None:
    tables = tables_of(upload.understanding)
    choices = dict(chosen_tables(upload.understanding, upload.overrides))
    with transaction.atomic():
        check_still_wanted(upload)
        check_still_allowed(upload, actor)
        versions = []
        for table in made:
            title = _title(upload, tables, table.number, choices[table.number])
            versions.append(_add_version(upload, tables[table.number], table, title, actor=actor))
        _count_anew(upload, made)
        _finish(upload, versions=versions, actor=actor)
        vault.confirm([id_ for table in made for id_ in table.ids])


def _add_version(
    upload: Upload, understood: Mapping[str, Any], table: Made, title: str, *, actor: Actor
) -> Version:
    version = resources.add_version(
        resource=_resource_for(upload, kind="dataset", title=title, actor=actor),
        owner_id=upload.person_id,
        original_id=_original(upload),
        original_name=upload.name,
        media_type=upload.understanding.get("container") or understood["media_type"],
        size=upload.size,
        actor=actor,
        rows=dict(table.result["counts"]),
        quarantine_id=table.quarantine,
        table_path=table.plan.understanding.path,
    )
    datasets.describe_version(
        version=version,
        schema=table.plan.schema,
        groups=table.plan.groups,
        part_ids=table.parts,
        profile_ids=table.profiles,
        counts={facts["name"]: facts for facts in table.result["fields"]},
        understanding=understood,
    )
    return version


def _count_anew(upload: Upload, made: list[Made]) -> None:
    """What was corrected may have changed what fits."""
    counts = {table.number: dict(table.result["counts"]) for table in made}
    if upload.understanding["kind"] == "table":
        upload.understanding = {**upload.understanding, "counts": counts[0]}
        return
    upload.understanding = {
        **upload.understanding,
        "tables": [
            {**table, "counts": counts.get(number, table["counts"])}
            for number, table in enumerate(upload.understanding["tables"])
        ],
    }


def _title(
    upload: Upload,
    tables: list[Mapping[str, Any]] | None = None,
    number: int = 0,
    choice: Mapping[str, Any] | None = None,
) -> str:
    """What a table is called: as was said, else by the file, and by its own name among several."""
    if choice and choice.get("title"):
        return str(choice["title"])
    whole = upload.overrides.get("title") or upload.name.rsplit(".", 1)[0] or upload.name
    own = tables[number].get("name", "") if tables and len(tables) > 1 else ""
    return f"{whole}: {own}" if own else str(whole)


def _resource_for(upload: Upload, *, kind: str, title: str, actor: Actor) -> Resource:
    if upload.resource is not None:
        if upload.resource.kind != kind:
            raise Conflict("A data set gets tables as versions, and a file gets files.")
        return upload.resource
    return resources.add_resource(
        project_id=upload.project_id,
        kind=kind,
        title=title,
        owner_id=upload.person_id,
        actor=actor,
        classification=upload.overrides.get("classification", ""),
        folder_id=upload.folder_id,
    )


def _original(upload: Upload) -> UUID:
    if upload.object_id is None:
        raise Conflict("The file is not here.")
    return upload.object_id


def _finish(upload: Upload, *, versions: list[Version], actor: Actor) -> None:
    """Say what it became. Of several, the first stands on the upload itself."""
    upload.version_id = versions[0].node_id
    upload.resource_id = versions[0].resource_id
    upload.state = UploadState.KEPT
    upload.progress = {}
    upload.save()
    for version in versions:
        events.record(
            code=events.Event.UPLOAD_KEPT,
            actor=actor,
            node_id=version.resource_id,
            project_id=upload.project_id,
            subject=("upload", upload.id),
            details={"version": str(version.node_id)},
        )
