"""Changing the dictionary of a data set: one field, or all that an imported file says.

Title, meaning, unit and key lie in clear, as names do. Limits (allowed values, range, pattern) are
made of cell values: they are sealed under the project's key, and who does not see the values of a
field neither sees nor writes what they may be.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.access.permissions import sees_personal
from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.datasets import dictionary_queries, queries
from simplr.datasets.models import Field
from simplr.resources.models import Version
from simplr.vault import services as vault
from simplr_core.errors import Invalid, NotFound, Refused
from simplr_core.tables.dictionary import (
    Comparison,
    Entry,
    Limits,
    ReadDictionary,
    check_limits,
    compare,
)
from simplr_core.tables.schema import Personal
from simplr_core.tidy.measures import unit_in


class LimitsHidden(Refused):
    """Only somebody who sees the values of a field says what they may be."""

    code = "limits-hidden"


class DictionaryWrong(Invalid):
    """Nothing was changed. Mend what is named, and send the dictionary again."""

    code = "dictionary-wrong"


def read_file(*, content: bytes) -> ReadDictionary:
    """What a dictionary that somebody sent says, read in a child. Raises what it raises."""
    with children.start(
        job="simplr_core.tidy.jobs:read_dictionary",
        arguments={"content": content},
        files={},
        limits=children.PREVIEW,
    ) as child:
        return ReadDictionary.from_json(child.finish())


def preview_dictionary(*, version: Version, read: ReadDictionary, actor: Actor) -> Comparison:
    """What taking over a dictionary would change. Nothing is changed."""
    shown = dictionary_queries.names_with_limits(actor, version)
    return compare(dictionary_queries.entries_of(version, limits_of=shown), read)


@transaction.atomic
def import_dictionary(*, version: Version, read: ReadDictionary, actor: Actor) -> Comparison:
    """Take over what a dictionary says, all of it or nothing.

    Raises DictionaryWrong with the rows and fields that are wrong, or Refused where a personal
    mark would be taken off by somebody who does not see it.
    """
    list(Field.objects.select_for_update(of=("self",)).filter(version=version))
    found = preview_dictionary(version=version, read=read, actor=actor)
    if found.problems:
        raise DictionaryWrong(problems=[problem.to_json() for problem in found.problems])
    for entry in found.entries:
        _write(queries.field_of(version, entry.name), entry, actor=actor)
    if found.entries:
        events.record(
            code=events.Event.DICTIONARY_IMPORTED,
            actor=actor,
            node_id=version.resource_id,
            project_id=version.resource.project_id,
            subject=("version", version.pk),
            details={"fields": len(found.entries), "changes": len(found.changes)},
        )
    return found


@transaction.atomic
def change_field(*, version: Version, name: str, changes: Mapping[str, Any], actor: Actor) -> Field:
    """Correct what is said of a field of the newest version; None leaves a thing as it is.

    A mark decides at once who sees the field. A field that shares a part with others keeps it
    until the next version is kept: what it hides is hidden by the child that unseals.
    Only who sees personal fields takes the mark off one: what he is shown is never widened by
    himself. Raises NotFound, Invalid, LimitsInvalid, LimitsHidden or Refused.
    """
    field = Field.objects.select_for_update(of=("self",)).filter(version=version, name=name).first()
    if field is None:
        raise NotFound("There is no such field.")
    said = {key: value for key, value in changes.items() if value is not None}
    before = dictionary_queries.entry_for(actor, version, name)
    _write(field, _changed(before, said), actor=actor)
    events.record(
        code=events.Event.FIELD_CHANGED,
        actor=actor,
        node_id=version.resource_id,
        project_id=version.resource.project_id,
        subject=("field", field.id),
        details={"changed": sorted(said)},
    )
    return field


def _changed(before: Entry, said: Mapping[str, Any]) -> Entry:
    if said.get("personal", "none") not in {mark.value for mark in Personal}:
        raise Invalid("A field is personal, indirect or none.", field="personal")
    limits = {key: said[key] for key in Limits().to_json() if key in said}
    if limits:
        if before.limits is None:
            raise LimitsHidden
        after = Limits.from_json({**before.limits.to_json(), **limits})
        check_limits(after, before.type)
        before = replace(before, limits=after)
    plain = {key: said[key] for key in ("title", "meaning", "unit") if key in said}
    return replace(
        before,
        **plain,
        is_key=bool(said.get("key", before.is_key)),
        personal=Personal(said.get("personal", before.personal)),
    )


def _write(field: Field, entry: Entry, *, actor: Actor) -> None:
    version = field.version
    lowered = field.personal == Personal.PERSONAL != entry.personal
    if lowered and not sees_personal(actor, version.resource_id):
        raise Refused("Only somebody who sees a personal field can say that it is none.")
    field.personal = entry.personal.value
    field.title, field.meaning = entry.title, entry.meaning
    field.unit, field.is_key = entry.unit, entry.is_key
    if entry.limits is not None:
        field.limits = _sealed(entry.limits, field)
    field.save(update_fields=["personal", "title", "meaning", "unit", "is_key", "limits"])


def _sealed(limits: Limits, field: Field) -> bytes | None:
    if not limits:
        return None
    resource = field.version.resource
    return vault.seal_value(
        json.dumps(limits.to_json(), ensure_ascii=False).encode(),
        project_id=resource.project_id,
        context=dictionary_queries.place_of(resource.pk, field.name),
    )


def carry_on(*, version: Version) -> None:
    """Give the fields of a new version what the dictionary said before, matched by name.

    What was said of the new file itself stands; the personal mark is the business of reading.
    """
    earlier = queries.version_before(version)
    if earlier is None:
        return
    before = {field.name: field for field in queries.fields_of(earlier)}
    changed = []
    for field in queries.fields_of(version):
        known = before.get(field.name)
        if known is None:
            continue
        field.title = field.title or known.title
        field.meaning = field.meaning or known.meaning
        if not field.unit or field.unit == unit_in(known.format):
            field.unit = known.unit
        field.is_key = field.is_key or known.is_key
        field.limits = known.limits if field.limits is None else field.limits
        changed.append(field)
    Field.objects.bulk_update(changed, ["title", "meaning", "unit", "is_key", "limits"], 500)


def marks_before(*, resource_id: UUID) -> dict[str, str]:
    """The personal marks that people gave the fields of the newest version, by name."""
    newest = queries.newest_version(resource_id)
    return {} if newest is None else {f.name: f.personal for f in queries.fields_of(newest)}
