"""Writing a dictionary: CSV, Table Schema, CSVW, or our own JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.dictionary.entries import Entry, Limits
from simplr_core.tables.formats import harmless
from simplr_core.tables.schema import FieldType

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "table-schema": "application/vnd.dataresource+json",
    "csvw": "application/csvm+json",
}
"""format -> media type"""

TABLE_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
TABLE_SCHEMA_TYPES = {
    FieldType.TEXT: "string",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.TIME: "time",
    FieldType.DATETIME: "datetime",
    FieldType.CATEGORY: "string",
}
_CSVW_TYPES = {FieldType.TEXT: "string", FieldType.CATEGORY: "string", FieldType.DECIMAL: "double"}

COLUMNS = (
    *("name", "title", "description", "type", "unit", "minimum", "maximum", "pattern"),
    *("categories", "missingValues", "personal", "key"),
)
_NUMBER = re.compile(r"[+-]?[0-9.]+")


class DictionaryFormatUnknown(Invalid):
    """A dictionary is written as json, csv, table-schema or csvw."""

    code = "dictionary-format-unknown"


def export(entries: Sequence[Entry], form: str, *, title: str = "") -> bytes:
    """The dictionary as a file. Raises DictionaryFormatUnknown."""
    match form:
        case "json":
            document: dict[str, Any] = {"fields": [entry.to_json() for entry in entries]}
        case "table-schema":
            document = _table_schema(entries)
        case "csvw":
            document = _csvw(entries, title)
        case "csv":
            return _csv(entries).encode()
        case _:
            raise DictionaryFormatUnknown
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _csv(entries: Sequence[Entry]) -> str:
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(COLUMNS)
    for entry in entries:
        limits = entry.limits or Limits()
        cells = (
            entry.name,
            entry.title,
            entry.meaning,
            entry.type.value,
            entry.unit,
            limits.minimum,
            limits.maximum,
            limits.pattern,
            listed((one.value, one.label) for one in limits.values),
            listed((code,) for code in entry.missing_codes),
            entry.personal.value,
            "yes" if entry.is_key else "no",
        )
        lines.writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """The cell, marked where a spreadsheet would run it; a number is none of these."""
    return cell if _NUMBER.fullmatch(cell) else harmless(cell)


def listed(items: Iterable[Sequence[str]]) -> str:
    """A list in one cell: `1, open | 2, closed`, as survey tools write it; marks are escaped."""
    return " | ".join(
        ", ".join(re.sub(r"([\\|,\n])", r"\\\1", part) for part in item if part) for item in items
    )


def _table_schema(entries: Sequence[Entry]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "$schema": TABLE_SCHEMA,
        "fields": [_table_schema_field(entry) for entry in entries],
    }
    if keys := [entry.name for entry in entries if entry.is_key]:
        document["primaryKey"] = keys
    return document


def _table_schema_field(entry: Entry) -> dict[str, Any]:
    limits = entry.limits or Limits()
    constraints: dict[str, Any] = {
        "minimum": _typed(limits.minimum, entry.type),
        "maximum": _typed(limits.maximum, entry.type),
        "pattern": limits.pattern,
    }
    field: dict[str, Any] = {
        "name": entry.name,
        "type": TABLE_SCHEMA_TYPES[entry.type],
        "title": entry.title,
        "description": entry.meaning,
        "unit": entry.unit,
        "personal": entry.personal.value,
        "missingValues": ["", *entry.missing_codes] if entry.missing_codes else None,
    }
    if entry.type in (FieldType.TEXT, FieldType.CATEGORY, FieldType.INTEGER):
        field["categories"] = [
            {"value": _typed(one.value, entry.type), "label": one.label or one.value}
            for one in limits.values
        ]
    else:
        constraints["enum"] = [_typed(one.value, entry.type) for one in limits.values]
    field["constraints"] = _said(constraints)
    return _said(field)


def _csvw(entries: Sequence[Entry], title: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_csvw_column(entry) for entry in entries]}
    if keys := [entry.name for entry in entries if entry.is_key]:
        schema["primaryKey"] = keys
    name = re.sub(r"[^\w.-]+", "-", title).strip("-") or "rows"
    return {"@context": "http://www.w3.org/ns/csvw", "url": f"{name}.csv", "tableSchema": schema}


def _csvw_column(entry: Entry) -> dict[str, Any]:
    limits = entry.limits or Limits()
    form = limits.pattern
    if not form and limits.values and entry.type in (FieldType.TEXT, FieldType.CATEGORY):
        form = "|".join(re.escape(one.value) for one in limits.values)
    datatype = _said(
        {
            "base": _CSVW_TYPES.get(entry.type, entry.type.value),
            "format": form,
            "minimum": limits.minimum,
            "maximum": limits.maximum,
        }
    )
    return _said(
        {
            "name": entry.name,
            "titles": entry.title or entry.name,
            "dc:description": entry.meaning,
            "schema:unitText": entry.unit,
            "datatype": datatype,
            "null": ["", *entry.missing_codes] if entry.missing_codes else None,
        }
    )


def _typed(text: str, kind: FieldType) -> Any:
    if not text:
        return ""
    if kind is FieldType.INTEGER:
        return int(text)
    if kind is FieldType.DECIMAL:
        return float(text)
    return text == "true" if kind is FieldType.BOOLEAN else text


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """What is said; a zero and a `false` are."""
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}
