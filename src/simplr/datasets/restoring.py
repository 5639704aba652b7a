"""Bringing an old version back: as a new one, so that none of those in between is lost.

The new version refers to the same sealed objects as the old one. That is right because objects are
erased with their whole data set, never with one of its versions; nothing is copied or opened.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from simplr.base import events
from simplr.base.actors import Actor
from simplr.datasets import queries, structures
from simplr.datasets.models import Field, Part
from simplr.resources import queries as versions
from simplr.resources import services as resources
from simplr.resources.models import Mode, Resource, Version
from simplr.resources.scanning import rules as scanning
from simplr_core.errors import Conflict, NotFound


class VersionIsCurrent(Conflict):
    """This version is the current one already. Nothing was changed."""

    code = "version-is-current"


@transaction.atomic
def restore_version(*, resource_id: UUID, version: str, actor: Actor) -> Version:
    """Make the version `version` (id or number) the newest once more, with all that was put aside.

    A field that was marked as personal since stays marked: bringing a version back lays nothing
    open. The caller has checked the right to write. Raises NotFound, VersionIsCurrent, FileInfected
    or FileNotScanned.
    """
    resource = (
        Resource.objects.select_for_update(of=("self",))
        .filter(pk=resource_id, node__deleted_at=None)
        .first()
    )
    if resource is None or actor.person_id is None:
        raise NotFound
    old = versions.version_of(resource_id, version)
    if old.pk == versions.version_of(resource_id).pk:
        raise VersionIsCurrent
    scanning.check_may_leave(old, actor=actor)  # whoever brings it back is its keeper from then on
    restored = resources.add_version(
        resource=resource,
        owner_id=actor.person_id,
        original_id=old.original_id,
        original_name=old.original_name,
        media_type=old.media_type,
        size=old.size,
        actor=actor,
        rows=_counts(old),
        quarantine_id=old.quarantine_id,
        recipe_id=old.recipe_id,
        text_id=old.text_id,
        text_refusal=old.text_refusal,
        table_path=old.table_path,
        lineage=resources.Lineage(mode=Mode.RESTORE, earlier_id=old.pk),
    )
    _describe_as(restored, old)
    structures.copied(to=restored, of=old)
    events.record(
        code=events.Event.VERSION_RESTORED,
        actor=actor,
        node_id=resource_id,
        project_id=resource.project_id,
        subject=("version", restored.pk),
        details={"number": restored.number, "from": str(old.pk)},
    )
    return restored


def _counts(version: Version) -> dict[str, int]:
    named = {
        "in": version.rows_in,
        "kept": version.rows_kept,
        "quarantined_rows": version.rows_quarantined,
        "quarantined_cells": version.cells_quarantined,
        "made": version.rows_made,
        "each": version.rows_each,
    }
    return {name: count for name, count in named.items() if count is not None}


def _describe_as(restored: Version, old: Version) -> None:
    parts = {
        part.pk: Part(version=restored, number=part.number, object_id=part.object_id)
        for part in Part.objects.filter(version=old)
    }
    Part.objects.bulk_create(parts.values())
    copied = []
    for field in queries.fields_of(old):
        values = {
            each.attname: getattr(field, each.attname)
            for each in Field._meta.concrete_fields
            if each.attname not in {"id", "version_id", "part_id"}
        }
        copied.append(Field(version=restored, part=parts[field.part_id], **values))
    Field.objects.bulk_create(copied)
