"""From an understood upload to versions: a child seals each table, then the rows are written at once.

All tables that are kept of one file are kept together or not at all. The original is one sealed
object beside all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.base import events
from simplr.base.actors import Actor
from simplr.datasets import dictionary_services as dictionaries
from simplr.datasets import making
from simplr.datasets.making import Made
from simplr.intake import adding, recipes
from simplr.intake.ending import Cancelled, check_still_allowed, check_still_wanted
from simplr.intake.models import Upload, UploadState
from simplr.resources import queries as versions
from simplr.resources import services as resources
from simplr.resources import texts
from simplr.resources.models import Mode, Resource, Version
from simplr.vault import services as vault
from simplr_core.errors import Conflict, SimplrError
from simplr_core.tidy.plans import KeepPlan, chosen_tables, plan_tables, tables_of

MOST_ATTEMPTS = 5
"""How often rows are written anew because another version was kept meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the file, sealed, and how it came to be."""

    number: int
    made: Made
    lineage: resources.Lineage


def progress_of(upload_id: UUID) -> Callable[[Mapping[str, Any]], None]:
    """Notes how far a child is, and stops it once the upload is not wanted any more."""

    def note(message: Mapping[str, Any]) -> None:
        progress = dict(message.get("progress", {}))
        Upload.objects.filter(pk=upload_id).update(progress=progress, changed_at=timezone.now())
        if Upload.objects.filter(pk=upload_id, cancel_asked_at__isnull=False).exists():
            raise Cancelled

    return note


def keep_file(upload: Upload, *, actor: Actor) -> None:
    """Keep the bytes as they are: the version of a file, and the text of a document beside it."""
    media_type = upload.understanding.get("container") or upload.understanding.get(
        "media_type", "application/octet-stream"
    )
    text = texts.text_beside(
        project_id=upload.project_id,
        original_id=_original(upload),
        media_type=media_type,
        progress=progress_of(upload.id),
    )
    try:
        _note_file(upload, media_type, text, actor=actor)
    except SimplrError:
        vault.discard(text.ids)
        raise


def _note_file(upload: Upload, media_type: str, text: texts.Beside, *, actor: Actor) -> None:
    with transaction.atomic():
        check_still_wanted(upload)
        check_still_allowed(upload, actor)
        resource = _resource_for(upload, kind="file", title=_title(upload), actor=actor)
        version = resources.add_version(
            resource=resource,
            owner_id=upload.person_id,
            original_id=_original(upload),
            original_name=upload.name,
            media_type=media_type,
            size=upload.size,
            text_id=text.id,
            text_refusal=text.refusal,
            actor=actor,
            lineage=resources.Lineage(upload_id=upload.id),
        )
        _finish(upload, versions=[version], actor=actor)
        vault.confirm(text.ids)


def keep_tables(upload: Upload, *, actor: Actor) -> None:
    """Keep every chosen table as a data set's version. Raises what makes one of them impossible.

    What is added to a data set is added to its newest version: to another one, should that come
    while this is written.
    """
    for attempt in range(MOST_ATTEMPTS):
        try:
            _keep_tables_once(upload, actor=actor)
        except resources.VersionSuperseded:
            if attempt == MOST_ATTEMPTS - 1:
                raise
        else:
            return


def _keep_tables_once(upload: Upload, *, actor: Actor) -> None:
    tables: list[Table] = []
    room = making.MOST_GROWTH * upload.size + making.ROOM_FOR_ANY
    try:
        for number, plan in plan_tables(upload.understanding, recipes.choices_of(upload)):
            tables.append(_seal_table(upload, number, _as_marked(upload, plan), room=room))
            room -= tables[-1].made.stored_bytes
    except BaseException:
        vault.discard([id_ for table in tables for id_ in table.made.ids])
        raise
    try:
        _note_kept(upload, tables, actor=actor)
    except SimplrError:
        # Only what was decided here: after a lost connection the rows may have been committed.
        vault.discard([id_ for table in tables for id_ in table.made.ids])
        raise


def _as_marked(upload: Upload, plan: KeepPlan) -> KeepPlan:
    """A field that was personal stays so in the next version, under a key of its own."""
    if upload.resource_id is None:
        return plan
    return plan.with_marks(dictionaries.marks_before(resource_id=upload.resource_id))


def _seal_table(upload: Upload, number: int, plan: KeepPlan, *, room: int) -> Table:
    file = _file(upload, number)
    if upload.overrides.get("mode", Mode.REPLACE) == Mode.REPLACE:
        made = making.seal_table(
            project_id=upload.project_id,
            job="simplr_core.tidy.jobs:keep",
            read=making.Read(
                arguments={**file.arguments, "name": upload.name, "plan": plan.to_json()},
                objects=file.objects,
            ),
            schema=plan.schema,
            groups=plan.groups,
            has_recipe=True,
            progress=progress_of(upload.id),
            most_bytes=room,
        )
        return Table(number=number, made=made, lineage=resources.Lineage(upload_id=upload.id))
    return _add_to_newest(upload, number, plan, file, room=room)


def _file(upload: Upload, number: int) -> making.Read:
    """What a child needs to read a table of the file: the original, and the values of its steps."""
    objects = {"original": vault.open_object(_original(upload))}
    if upload.report_id is not None:
        objects["report"] = vault.open_object(upload.report_id)
    arguments: dict[str, Any] = {name: item.for_child() for name, item in objects.items()}
    return making.Read(arguments={**arguments, "table": number}, objects=objects)


def _add_to_newest(
    upload: Upload, number: int, plan: KeepPlan, file: making.Read, *, room: int
) -> Table:
    choices = upload.overrides
    if upload.resource_id is None:
        raise Conflict("The data set that this was to be added to was removed. Put the file anew.")
    earlier = versions.version_of(upload.resource_id)
    fitted = adding.fitted(plan, earlier, widen=bool(choices.get("widen")))
    read = making.kept_version(earlier)
    made = making.seal_table(
        project_id=upload.project_id,
        job=f"simplr_core.tidy.jobs:{choices['mode']}",
        read=making.Read(
            arguments={
                **file.arguments,
                "plan": fitted.plan.to_json(),
                "earlier": read.arguments,
                "schema": fitted.schema.to_json(),
                "groups": fitted.groups,
                "key": choices.get("key", []),
            },
            objects={**read.objects, **file.objects},
        ),
        schema=fitted.schema,
        groups=fitted.groups,
        has_recipe=True,
        progress=progress_of(upload.id),
        most_bytes=room + making.MOST_GROWTH * read.stored_bytes,
    )
    lineage = resources.Lineage(
        mode=choices["mode"],
        key=choices.get("key", []),
        earlier_id=earlier.pk,
        upload_id=upload.id,
        changes=made.changes,
    )
    return Table(number=number, made=made, lineage=lineage)


def _note_kept(upload: Upload, kept: list[Table], *, actor: Actor) -> None:
    tables = tables_of(upload.understanding)
    choices = dict(chosen_tables(upload.understanding, upload.overrides))
    with transaction.atomic():
        check_still_wanted(upload)
        check_still_allowed(upload, actor)
        added = []
        for table in kept:
            title = _title(upload, tables, table.number, choices[table.number])
            added.append(_add_version(upload, tables[table.number], table, title, actor=actor))
        _count_anew(upload, kept)
        _finish(upload, versions=added, actor=actor)
        vault.confirm([id_ for table in kept for id_ in table.made.ids])


def _add_version(
    upload: Upload, understood: Mapping[str, Any], table: Table, title: str, *, actor: Actor
) -> Version:
    return making.add_version(
        resource=_resource_for(upload, kind="dataset", title=title, actor=actor),
        made=table.made,
        source=making.Source(
            original_id=_original(upload),
            name=upload.name,
            media_type=upload.understanding.get("container") or understood["media_type"],
            size=upload.size,
            table_path=understood.get("path", ()),
        ),
        understanding=understood,
        lineage=table.lineage,
        owner_id=upload.person_id,
        actor=actor,
    )


def _count_anew(upload: Upload, kept: list[Table]) -> None:
    """What was corrected may have changed what fits."""
    counts = {table.number: table.made.counts_of_file for table in kept}
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
