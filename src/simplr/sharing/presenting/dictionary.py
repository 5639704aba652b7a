"""A dictionary as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simplr_core.tables.dictionary import Comparison, Entry

SHOWN_VALUES = 12
FORMAT_WORDS = {
    "csv": "CSV",
    "table-schema": "Table Schema",
    "csvw": "CSVW",
    "json": "JSON",
}
_PROPERTIES = {
    "name": gettext_lazy("Name"),
    "title": gettext_lazy("Title"),
    "meaning": gettext_lazy("Meaning"),
    "unit": gettext_lazy("Unit"),
    "type": gettext_lazy("Type"),
    "values": gettext_lazy("Allowed values"),
    "minimum": gettext_lazy("Lowest"),
    "maximum": gettext_lazy("Highest"),
    "pattern": gettext_lazy("Pattern"),
    "key": gettext_lazy("Part of the key"),
    "personal": gettext_lazy("About people"),
    "missing_codes": gettext_lazy("Missing is"),
}


def entry(one: Entry) -> dict[str, Any]:
    """One field: what it means, and what it may hold, if the reader may know."""
    limits = one.limits
    values = limits.values if limits else ()
    return {
        "name": one.name,
        "title": one.title,
        "meaning": one.meaning,
        "type": one.type.value,
        "unit": one.unit,
        "personal": one.personal.value,
        "key": one.is_key,
        "hidden": limits is None,
        "values": [{"value": v.value, "label": v.label} for v in values[:SHOWN_VALUES]],
        "more": max(0, len(values) - SHOWN_VALUES),
        "minimum": limits.minimum if limits else "",
        "maximum": limits.maximum if limits else "",
        "pattern": limits.pattern if limits else "",
        "missing_codes": ", ".join(one.missing_codes),
    }


def comparison(found: Comparison) -> dict[str, Any]:
    """What a file would change, and what is wrong with it."""
    return {
        "changes": [
            {
                "field": change.field,
                "property": _PROPERTIES[change.property],
                "before": written(change.before),
                "after": written(change.after),
            }
            for change in found.changes
        ],
        "differences": [
            {
                "field": one.field,
                "property": _PROPERTIES[one.property],
                "before": written(one.ours),
                "after": written(one.theirs),
            }
            for one in found.differences
        ],
        "problems": [
            {
                "row": problem.row,
                "field": problem.field,
                "property": _PROPERTIES[problem.property],
                "message": problem.message,
            }
            for problem in found.problems
        ],
        "unmentioned": ", ".join(found.unmentioned),
        "ignored_columns": ", ".join(found.ignored_columns),
        "field_count": len(found.entries),
    }


def written(value: Any) -> str:
    """A property's value as text; a list with a comma between."""
    if value is None or value in ("", []):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Sequence) and not isinstance(value, str):
        shown = [_listed(one) for one in value[:SHOWN_VALUES]]
        return ", ".join(shown) + (" …" if len(value) > SHOWN_VALUES else "")
    return str(value)


def _listed(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    return f"{one['value']} = {one['label']}" if one["label"] else str(one["value"])
