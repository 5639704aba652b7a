"""A mending that is worked on: the version it makes, how it ends, and who may still ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from simplr.access.authentication import actor_again
from simplr.access.permissions import decide
from simplr.base import events
from simplr.base.actors import Actor
from simplr.datasets import making
from simplr.datasets import queries as datasets
from simplr.resources import queries as resources
from simplr.resources import services as versions
from simplr.resources.models import Mode, Version
from simplr.sharing import quarantine
from simplr.sharing.models import Mending
from simplr.sharing.views_of_data import DataView
from simplr.vault import services as vault
from simplr.vault.services import OpenObject
from simplr_core.errors import Conflict, NotFound, Refused, SimplrError, Unavailable
from simplr_core.tables.schema import Field, FieldType, Schema
from simplr_core.tables.sealed import column_groups

MADE_WITHIN = timedelta(minutes=2)
"""How long somebody may wait for one that is made at once; after that, it was cut off."""


class MendingSuperseded(Conflict):
    """Another version was kept meanwhile. Look at what is in its quarantine, and mend that."""

    code = "mending-superseded"


class UnpivotedMended(Conflict):
    """Rows made by unpivoting are mended in the recipe: do it again with a changed one."""

    code = "unpivoted-mended"


class MendingCancelled(Conflict):
    """The mending was cancelled. Nothing was changed."""

    code = "mending-cancelled"


class MendingInterrupted(Conflict):
    """It was cut off by a restart. Nothing was changed; mend it again."""

    code = "mending-interrupted"


class MendingRightEnded(Refused):
    """The right to change this data set ended before it was mended."""

    code = "right-ended"


def seen_by(actor: Actor, *, dataset_id: UUID, version: str = "") -> DataView:
    """The newest version as the actor may mend it.

    Raises what `view_of` raises; MendingSuperseded if `version` is another one, since what is mended
    is what its maker has looked at; UnpivotedMended where a row of the file is several by now.
    """
    view = quarantine.view_of(actor, dataset_id=dataset_id, version="")
    if version and resources.version_of(dataset_id, version).pk != view.version.pk:
        raise MendingSuperseded
    if view.version.rows_made:
        raise UnpivotedMended
    return view


def hidden_from(view: DataView) -> set[str]:
    """Names of fields that the view does not show."""
    return set(view.schema.names) - {item.name for item in view.fields}


def objects_of(version: Version, asked_id: UUID) -> dict[str, OpenObject]:
    """What a child opens besides the version: what was asked, and the recipe, if there is one."""
    objects = {"asked": vault.open_object(asked_id)}
    if version.recipe_id is not None:
        objects["earlier_recipe"] = vault.open_object(version.recipe_id)
    return objects


def make(row: Mending, *, actor: Actor) -> None:
    """Write the version, or note what makes it impossible. What was asked goes with the end."""
    try:
        _write(row, actor=actor)
    except Unavailable:
        raise
    except SimplrError as error:
        end(row, error)


def make_at_once(row: Mending, *, actor: Actor) -> None:
    """Write the version while somebody waits; raise what makes it impossible."""
    try:
        _write(row, actor=actor)
    except SimplrError as error:
        end(row, error)
        raise


def end(row: Mending, error: SimplrError) -> None:
    """Note that nothing comes of it, and why."""
    with transaction.atomic():
        locked = Mending.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
        if locked is None or locked.state != "waiting":
            return
        locked.error_code, locked.error_message = error.code, error.message
        _forget_asked(locked)
        locked.save()
    row.refresh_from_db()


def _forget_asked(row: Mending) -> None:
    gone = [row.asked_id] if row.asked_id else []
    row.asked_id, row.progress = None, {}
    vault.release(gone)
    transaction.on_commit(lambda: vault.discard(gone))


def _write(row: Mending, *, actor: Actor) -> None:
    view = _still_seen(row, actor)
    made = _made(row, view)
    try:
        with transaction.atomic():
            locked = Mending.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
            if locked is None or locked.state != "waiting":
                raise MendingSuperseded
            if locked.cancel_asked_at is not None:
                raise MendingCancelled
            _still_seen(row, actor)
            row.made = _add_version(row, made, actor=actor)
            row.progress = {}
            _forget_asked(row)
            row.save(update_fields=["made", "progress", "asked_id"])
            vault.confirm(made.ids)
    except versions.VersionSuperseded as error:
        vault.discard(made.ids)
        raise MendingSuperseded from error
    except SimplrError:
        vault.discard(made.ids)
        raise


def _still_seen(row: Mending, actor: Actor) -> DataView:
    """The version as the person may mend it now: what he asked for, he may still do and see."""
    now = actor_again(actor, now=timezone.now())
    if not decide(actor=now, action="write", node_id=row.resource_id).allowed:
        raise MendingRightEnded
    return seen_by(now, dataset_id=row.resource_id, version=str(row.earlier_id))


def _made(row: Mending, view: DataView) -> making.Made:
    if row.asked_id is None:
        raise MendingSuperseded
    read = making.kept_version(row.earlier)
    schema = Schema(tuple(_as_read(each, row.reading) for each in view.schema))
    groups = [list(names) for names in column_groups(schema)]
    objects = objects_of(row.earlier, row.asked_id)
    return making.seal_table(
        project_id=row.resource.project_id,
        job="simplr_core.tidy.jobs:mend",
        read=making.Read(
            arguments={
                **{name: item.for_child() for name, item in objects.items()},
                "earlier": read.arguments,
                "schema": schema.to_json(),
                "groups": groups,
                "hide": sorted(hidden_from(view)),
                "edited": row.edited,
            },
            objects={**read.objects, **objects},
        ),
        schema=schema,
        groups=groups,
        has_recipe="earlier_recipe" in objects,
        progress=_progress_of(row.id),
        most_bytes=making.MOST_GROWTH * read.stored_bytes + making.ROOM_FOR_ANY,
    )


def _as_read(each: Field, reading: Mapping[str, Any]) -> Field:
    if each.name not in reading:
        return each
    said = reading[each.name]
    return replace(
        each,
        type=FieldType(said["type"]),
        format=said["format"],
        missing_codes=tuple(said["missing_codes"]),
    )


def _progress_of(mending_id: UUID) -> Callable[[Mapping[str, Any]], None]:
    def note(message: Mapping[str, Any]) -> None:
        mine = Mending.objects.filter(pk=mending_id)
        mine.update(progress=dict(message.get("progress", {})))
        if mine.filter(cancel_asked_at__isnull=False).exists():
            raise MendingCancelled

    return note


def _add_version(row: Mending, made: making.Made, *, actor: Actor) -> Version:
    earlier = row.earlier
    version = making.add_version(
        resource=row.resource,
        made=made,
        source=making.Source(
            original_id=earlier.original_id,
            name=earlier.original_name,
            media_type=earlier.media_type,
            size=earlier.size,
            table_path=earlier.table_path,
        ),
        understanding={
            "fields": [
                {
                    "source_name": field.source_name,
                    "personal_kind": field.personal_kind,
                    "confidence": field.confidence,
                    "evidence": field.evidence,
                }
                for field in datasets.fields_of(earlier)
            ]
        },
        lineage=versions.Lineage(mode=Mode.MEND, earlier_id=earlier.pk, changes=made.changes),
        owner_id=row.person_id,
        actor=actor,
    )
    events.record(
        code=events.Event.QUARANTINE_MENDED,
        actor=actor,
        node_id=row.resource_id,
        project_id=row.resource.project_id,
        subject=("version", version.pk),
        details={"from": str(earlier.pk), **made.changes},
    )
    return version


def mending_for(actor: Actor, *, dataset_id: UUID, mending_id: UUID) -> Mending:
    """A mending of a data set that the actor may see whole. Raises what `view_of` raises, or NotFound."""
    quarantine.view_of(actor, dataset_id=dataset_id, version="")
    row = (
        Mending.objects.select_related("earlier", "resource", "made")
        .filter(pk=mending_id, resource_id=dataset_id)
        .first()
    )
    if row is None:
        raise NotFound
    if row.state == "waiting" and not _is_worked_on(row):
        end(row, MendingInterrupted())
    return row


def _is_worked_on(row: Mending) -> bool:
    if row.job_id is None:
        return timezone.now() - row.created_at < MADE_WITHIN
    return ProcrastinateJob.objects.filter(id=row.job_id, status__in=("todo", "doing")).exists()


def cancel(row: Mending) -> None:
    """Ask that nothing comes of it. One that has ended stays as it is."""
    Mending.objects.filter(pk=row.pk, made=None, error_code="").update(
        cancel_asked_at=timezone.now()
    )
    if (
        row.job_id is not None
        and not ProcrastinateJob.objects.filter(id=row.job_id, status="doing").exists()
    ):
        end(row, MendingCancelled())
    row.refresh_from_db()


def document(row: Mending, *, personal: bool, actor: Actor) -> dict[str, Any]:
    """A mending as programs are told of it, by one who does or does not see personal fields.

    Whoever does not is told how many cells came back of his own mendings alone: others may have
    mended cells that are hidden from him.
    """
    made = row.made
    changes = dict(made.changes) if made else {}
    if not personal and row.person_id != actor.person_id:
        changes.pop("mended_cells", None)
    return {
        "id": row.id,
        "state": row.state,
        "earlier": row.earlier.number,
        "version": made.number if made else None,
        "changes": changes,
        "rows_kept": made.rows_kept if made else None,
        "rows_quarantined": made.rows_quarantined if made else None,
        "cells_quarantined": datasets.cells_aside(made, personal=personal) if made else None,
        "progress": row.progress,
        "error": {"code": row.error_code, "message": row.error_message} if row.error_code else None,
    }
