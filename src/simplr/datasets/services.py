"""Describing a table's version, and correcting what its fields mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.access.permissions import sees_personal
from simplr.base import events
from simplr.base.actors import Actor
from simplr.datasets.models import Field, Part
from simplr.resources.models import Version
from simplr_core.errors import Invalid, NotFound, Refused
from simplr_core.tables.schema import Personal, Schema


def describe_version(
    *,
    version: Version,
    schema: Schema,
    groups: Sequence[Sequence[str]],
    part_ids: Sequence[UUID],
    profile_ids: Sequence[UUID],
    counts: Mapping[str, Mapping[str, Any]],
    understanding: Mapping[str, Any],
) -> None:
    """Write the fields and parts of a new version, inside the caller's transaction."""
    parts = [
        Part(version=version, number=number, object_id=object_id)
        for number, object_id in enumerate(part_ids)
    ]
    Part.objects.bulk_create(parts)
    part_of = {name: parts[number] for number, names in enumerate(groups) for name in names}
    seen = {field["source_name"]: field for field in understanding.get("fields", [])}
    Field.objects.bulk_create(
        Field(
            version=version,
            part=part_of[field.name],
            position=position,
            name=field.name,
            source_name=field.source_name,
            title=field.title,
            meaning=field.meaning,
            type=field.type.value,
            format=field.format,
            personal=field.personal.value,
            personal_kind=seen.get(field.source_name, {}).get("personal_kind", "") or "",
            confidence=seen.get(field.source_name, {}).get("confidence", "") or "",
            evidence=seen.get(field.source_name, {}).get("evidence", "") or "",
            missing_codes=list(field.missing_codes),
            missing_count=counts.get(field.name, {}).get("missing"),
            distinct_count=counts.get(field.name, {}).get("distinct"),
            distinct_is_exact=bool(counts.get(field.name, {}).get("distinct_is_exact", True)),
            profile_id=profile_ids[position],
        )
        for position, field in enumerate(schema)
    )


@transaction.atomic
def change_field(*, version: Version, name: str, changes: Mapping[str, Any], actor: Actor) -> Field:
    """Correct meaning, title or the personal mark of a field of the newest version.

    A mark decides at once who sees the field. A field that shares a part with others keeps it
    until the next version is kept: what it hides is hidden by the child that unseals.
    Only who sees personal fields takes the mark off one: what he is shown is never widened by
    himself. Raises NotFound, Invalid or Refused.
    """
    field = Field.objects.select_for_update(of=("self",)).filter(version=version, name=name).first()
    if field is None:
        raise NotFound("There is no such field.")
    personal = changes.get("personal")
    if personal is not None:
        if personal not in {mark.value for mark in Personal}:
            raise Invalid("A field is personal, indirect or none.", field="personal")
        lowered = field.personal == Personal.PERSONAL != personal
        if lowered and not sees_personal(actor, version.resource_id):
            raise Refused("Only somebody who sees a personal field can say that it is none.")
        field.personal = personal
    for key in ("meaning", "title"):
        if changes.get(key) is not None:
            setattr(field, key, changes[key])
    field.save(update_fields=["personal", "meaning", "title"])
    events.record(
        code=events.Event.FIELD_CHANGED,
        actor=actor,
        node_id=version.resource_id,
        project_id=version.resource.project_id,
        subject=("field", field.id),
        details={"changed": sorted(k for k, v in changes.items() if v is not None)},
    )
    return field
