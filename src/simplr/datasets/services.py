"""Describing a table's version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from simplr.datasets import dictionary_services
from simplr.datasets.models import Field, Part
from simplr.resources.models import Version
from simplr_core.tables.schema import Schema
from simplr_core.tidy.measures import unit_in


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
    """Write the fields and parts of a new version, inside the caller's transaction.

    What the dictionary said of fields with the same names before is carried on.
    """
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
            unit=unit_in(field.format),
            personal=field.personal.value,
            personal_kind=seen.get(field.source_name, {}).get("personal_kind", "") or "",
            confidence=seen.get(field.source_name, {}).get("confidence", "") or "",
            evidence=seen.get(field.source_name, {}).get("evidence", "") or "",
            missing_codes=list(field.missing_codes),
            missing_count=counts.get(field.name, {}).get("missing"),
            distinct_count=counts.get(field.name, {}).get("distinct"),
            distinct_is_exact=bool(counts.get(field.name, {}).get("distinct_is_exact", True)),
            quarantined_count=counts.get(field.name, {}).get("quarantined"),
            inconsistent_count=counts.get(field.name, {}).get("inconsistent"),
            profile_id=profile_ids[position],
        )
        for position, field in enumerate(schema)
    )
    dictionary_services.carry_on(version=version)
