"""Reading the dictionary of a data set; limits are opened only of fields that the caller names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from simplr.access.permissions import decide
from simplr.base.actors import Actor
from simplr.datasets import queries
from simplr.datasets.models import Field
from simplr.resources.models import Version
from simplr.vault import services as vault
from simplr_core.tables.dictionary import Entry, Limits, entry_of
from simplr_core.tables.schema import Personal


def place_of(resource_id: UUID, name: str) -> bytes:
    """The context that binds sealed limits to a field of a data set, in whichever version."""
    return b"limits" + resource_id.bytes + sha256(name.encode()).digest()


def names_with_limits(actor: Actor, version: Version) -> set[str]:
    """The fields whose limits the actor may see: those whose values he may read as they are."""
    verdict = decide(actor=actor, action="read", node_id=version.resource_id)
    if not verdict.allowed or verdict.release_id is not None:
        return set()
    return {
        field.name
        for field in queries.fields_of(version)
        if verdict.personal or field.personal != Personal.PERSONAL
    }


def entries_of(version: Version, *, limits_of: Iterable[str]) -> list[Entry]:
    """The dictionary of a version, all its fields; limits only of those named."""
    fields = queries.fields_of(version)
    wanted = set(limits_of)
    opened = _opened([field for field in fields if field.name in wanted], version)
    return [
        entry_of(core, unit=row.unit, is_key=row.is_key, limits=opened.get(row.name))
        for row, core in zip(fields, queries.schema_of(fields), strict=True)
    ]


def entry_for(actor: Actor, version: Version, name: str) -> Entry:
    """One field's entry as the actor may see it. Raises NotFound."""
    queries.field_of(version, name)
    shown = names_with_limits(actor, version) & {name}
    return next(one for one in entries_of(version, limits_of=shown) if one.name == name)


def _opened(fields: list[Field], version: Version) -> dict[str, Limits]:
    found = {field.name: Limits() for field in fields}
    sealed = [(field.name, bytes(field.limits)) for field in fields if field.limits is not None]
    if sealed:
        values = vault.open_values(
            ((value, place_of(version.resource_id, name)) for name, value in sealed),
            project_id=version.resource.project_id,
        )
        for (name, _sealed), value in zip(sealed, values, strict=True):
            found[name] = Limits.from_json(json.loads(value))
    return found
