"""What a person changes in an understanding before the table is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType, Personal, Schema, SchemaInvalid
from simplr_core.tidy.cells import check_cell_format
from simplr_core.tidy.headers import snake_case
from simplr_core.tidy.media import PARQUET
from simplr_core.tidy.understanding import Confidence, FieldUnderstanding, Understanding

DEFAULT_FORMATS = {
    FieldType.BOOLEAN: "true|false",
    FieldType.DATE: "%Y-%m-%d",
    FieldType.TIME: "%H:%M:%S",
    FieldType.DATETIME: "%Y-%m-%d %H:%M:%S",
}
KNOWN = {"name", "new_name", "type", "format", "personal", "missing_codes", "title", "meaning"}


class OverrideInvalid(Invalid):
    """A change names a field of the file and says its new name, type, format or mark."""

    code = "override-invalid"


def with_overrides(
    understanding: Understanding, overrides: Sequence[Mapping[str, Any]]
) -> Understanding:
    """The understanding as the person corrected it: what `keep` will follow.

    Each override has the `name` of a field and what to change of it. A type that is given
    without a format takes the format that most values fit. Raises OverrideInvalid, SchemaInvalid
    or the reason why a format cannot be.
    """
    by_name: dict[str, Mapping[str, Any]] = {}
    for override in overrides:
        name = override.get("name")
        if not isinstance(name, str) or not set(override) <= KNOWN or name in by_name:
            raise OverrideInvalid
        by_name[name] = override
    known = {found.field.name for found in understanding.fields}
    if unknown := sorted(set(by_name) - known):
        raise OverrideInvalid("The file has no such field.", fields=unknown)
    changed = tuple(
        _changed(found, by_name[found.field.name], understanding)
        if found.field.name in by_name
        else found
        for found in understanding.fields
    )
    Schema(tuple(found.field for found in changed))
    return replace(understanding, fields=changed)


def _changed(
    found: FieldUnderstanding, override: Mapping[str, Any], whole: Understanding
) -> FieldUnderstanding:
    field = found.field
    try:
        kind = FieldType(override.get("type") or field.type)
        personal = Personal(override.get("personal") or field.personal)
    except ValueError as error:
        raise OverrideInvalid("There is no such type or mark.", field=field.name) from error
    codes = override.get("missing_codes")
    if codes is not None and not all(isinstance(code, str) for code in codes):
        raise OverrideInvalid("Missing codes are texts.", field=field.name)
    form = override.get("format")
    if form is None:
        form = field.format if kind is field.type else _best_format(found, kind)
    check_cell_format(kind, form)
    changed = Field(
        name=_new_name(field, override),
        source_name=field.source_name,
        type=kind,
        personal=personal,
        meaning=str(override.get("meaning") or field.meaning),
        missing_codes=field.missing_codes if codes is None else tuple(codes),
        format=form,
        title=str(override.get("title") or field.title),
    )
    if whole.media_type == PARQUET and kind is not field.type:
        raise OverrideInvalid("A Parquet file says its types itself.", field=field.name)
    if changed == field:
        return found
    return replace(
        found,
        field=changed,
        confidence=Confidence.CERTAIN if kind is not field.type else found.confidence,
        evidence="A person said so." if kind is not field.type else found.evidence,
    )


def _new_name(field: Field, override: Mapping[str, Any]) -> str:
    name = override.get("new_name")
    if not name:
        return field.name
    if not isinstance(name, str) or not snake_case(name):
        raise SchemaInvalid("A field name is letters, digits and underscores.")
    return snake_case(name)


def _best_format(found: FieldUnderstanding, kind: FieldType) -> str:
    fitting = [(n, form) for able, form, n in found.alternatives if able is kind]
    if fitting:
        return max(fitting, key=lambda fit: fit[0])[1]
    return DEFAULT_FORMATS.get(kind, "")
