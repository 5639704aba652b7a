"""Reading the fields and parts of a version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from simplr.datasets.models import Field, Part
from simplr.resources.models import Version
from simplr_core.tables.schema import Field as CoreField
from simplr_core.tables.schema import FieldType, Personal, Schema


def fields_of(version: Version) -> list[Field]:
    """Every field of a version, in the order of the file."""
    return list(Field.objects.filter(version=version).select_related("part").order_by("position"))


def schema_of(fields: Iterable[Field]) -> Schema:
    """The core's schema of these fields."""
    return Schema(
        tuple(
            CoreField(
                name=field.name,
                source_name=field.source_name,
                type=FieldType(field.type),
                personal=Personal(field.personal),
                meaning=field.meaning,
                missing_codes=tuple(field.missing_codes),
                format=field.format,
                title=field.title,
            )
            for field in fields
        )
    )


@dataclass(frozen=True, kw_only=True)
class PartFields:
    """One part of a version and the fields in it."""

    object_id: UUID
    names: tuple[str, ...]


def parts_with(version: Version, names: Iterable[str]) -> list[PartFields]:
    """The parts that hold these fields, and no other. Without any field: the first part."""
    wanted = set(names)
    fields = fields_of(version)
    parts = []
    for part in Part.objects.filter(version=version).order_by("number"):
        inside = tuple(field.name for field in fields if field.part_id == part.id)
        if wanted & set(inside) or (not wanted and part.number == 0):
            parts.append(PartFields(object_id=part.object_id, names=inside))
    return parts


def objects_referred_to(ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that a part or a profile keeps."""
    wanted = list(ids)
    parts = Part.objects.filter(object_id__in=wanted).values_list("object_id", flat=True)
    profiles = Field.objects.filter(profile_id__in=wanted).values_list("profile_id", flat=True)
    return {id_ for id_ in (*parts, *profiles) if id_ is not None}
