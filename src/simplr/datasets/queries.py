"""Reading the fields and parts of a version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from simplr.accounts.models import Person
from simplr.base.models import Event
from simplr.datasets.models import Field, Part
from simplr.resources.models import Version
from simplr_core.errors import NotFound
from simplr_core.tables.schema import Field as CoreField
from simplr_core.tables.schema import FieldType, Personal, Schema


def fields_of(version: Version) -> list[Field]:
    """Every field of a version, in the order of the file, each with the mark that holds now.

    What was marked as personal in a later version is personal in the earlier ones too: nobody
    reads by an old version what he is not shown of the new one.
    """
    fields = list(Field.objects.filter(version=version).select_related("part").order_by("position"))
    return _as_marked_later(version, fields)


def _as_marked_later(version: Version, fields: list[Field]) -> list[Field]:
    marked = set(
        Field.objects.filter(
            version__resource_id=version.resource_id,
            version__number__gt=version.number,
            personal=Personal.PERSONAL,
        ).values_list("name", flat=True)
    )
    for field in fields:
        if field.name in marked:
            field.personal = Personal.PERSONAL.value
    return fields


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


def parts_of(version: Version) -> list[PartFields]:
    """Every part of a version with its fields."""
    names: dict[UUID, list[str]] = {}
    for field in fields_of(version):
        names.setdefault(field.part_id, []).append(field.name)
    return [
        PartFields(object_id=part.object_id, names=tuple(names.get(part.id, ())))
        for part in Part.objects.filter(version=version).order_by("number")
    ]


def objects_referred_to(ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that a part or a profile keeps."""
    wanted = list(ids)
    parts = Part.objects.filter(object_id__in=wanted).values_list("object_id", flat=True)
    profiles = Field.objects.filter(profile_id__in=wanted).values_list("profile_id", flat=True)
    return {id_ for id_ in (*parts, *profiles) if id_ is not None}


def field_of(version: Version, name: str) -> Field:
    """One field of a version. Raises NotFound."""
    field = Field.objects.filter(version=version, name=name).first()
    if field is None:
        raise NotFound("There is no such field.")
    return _as_marked_later(version, [field])[0]


def cells_aside(version: Version, *, personal: bool) -> int | None:
    """How many cells lie in quarantine, to somebody who does or does not see personal fields.

    With a sum over all fields, whoever sees the count of some knows that of the others. None where
    they were not counted by field.
    """
    if personal:
        return version.cells_quarantined
    counts = [
        field.quarantined_count
        for field in fields_of(version)
        if field.personal != Personal.PERSONAL
    ]
    return None if None in counts else sum(count or 0 for count in counts)


def version_before(version: Version) -> Version | None:
    """The version of the same data set that came before; None for the first one."""
    earlier = Version.objects.filter(
        resource_id=version.resource_id, number__lt=version.number, node__deleted_at=None
    )
    return earlier.order_by("-number").first()


def newest_version(resource_id: UUID) -> Version | None:
    """The newest version of a data set, if it has one."""
    kept = Version.objects.filter(resource_id=resource_id, node__deleted_at=None)
    return kept.order_by("-number").first()


def versions_with_owners(resource_id: UUID) -> list[Version]:
    """The versions of a data set, the newest first, with who kept them and how many fields."""
    return list(
        Version.objects.filter(resource_id=resource_id, node__deleted_at=None)
        .select_related("node__owner", "earlier")
        .annotate(field_count=Count("fields"))
        .order_by("-number")[:500]
    )


def events_about(node_id: UUID) -> QuerySet[Event]:
    """What happened to a data set, the newest first. The caller has checked the right."""
    return Event.objects.filter(node_id=node_id).order_by("-id")


def names_of_people(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of some people."""
    return dict(Person.objects.filter(id__in=set(ids)).values_list("id", "name"))
