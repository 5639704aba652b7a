"""What a steward changed on the page of an understanding: only what differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simplr.base.numbers import whole_number
from simplr_core.tidy.plans import StepChanges, changed_choice

MOST_ADDED = 50
WRITTEN = {"tab": "\t", "blank": " ", "none": ""}
"""Words for characters that a form cannot show."""
MOST_STEPS = 2_000


def choices_in(tables: list[Any], posted: Mapping[str, str]) -> dict[str, Any]:
    """The choices by which a file is kept. Raises what is wrong with a correction."""
    choices: dict[str, Any] = {"fields": []}
    if len(tables) > 1:
        choices = {
            "tables": [
                {"table": number, **table_choice(number, table, posted, prefix=f"t{number}-")}
                for number, table in enumerate(tables)
                if posted.get(f"t{number}-keep")
            ]
        }
    elif tables:
        choices = table_choice(0, tables[0], posted, prefix="")
    if posted.get("title", "").strip():
        choices["title"] = posted["title"].strip()[:200]
    if posted.get("classification"):
        choices["classification"] = posted["classification"]
    return choices | _mode_choices(posted)


def _mode_choices(posted: Mapping[str, str]) -> dict[str, Any]:
    """How the rows come into a data set that is there."""
    mode = posted.get("mode", "")
    if mode not in {"append", "upsert"}:
        return {}
    chosen: dict[str, Any] = {"mode": mode, "widen": bool(posted.get("widen"))}
    typed = [name.strip() for name in posted.get("key", "").split(",") if name.strip()]
    return chosen | ({"key": typed} if typed and mode == "upsert" else {})


def table_choice(
    number: int, table: Any, posted: Mapping[str, str], *, prefix: str
) -> dict[str, Any]:
    """What was changed of one table: its fields, or with its steps a whole recipe."""
    choice = changed_choice(table, _field_choices(table, posted, prefix), _steps(posted, prefix))
    if prefix and posted.get(f"{prefix}title", "").strip():
        choice["title"] = posted[f"{prefix}title"].strip()[:200]
    return choice


def _steps(posted: Mapping[str, str], prefix: str) -> StepChanges:
    numbers = range(min(whole_number(posted.get(f"{prefix}steps", "")) or 0, MOST_STEPS))
    spelled = {n: _anew(posted, f"{prefix}step-{n}") for n in numbers}
    return StepChanges(
        switched={n: f"{prefix}step-{n}" in posted for n in numbers},
        spelled={n: to for n, to in spelled.items() if to},
        added=added_in(posted, prefix),
    )


def _anew(posted: Mapping[str, str], name: str) -> str:
    """The spelling that was written over the proposed one; empty where it was left."""
    to = posted.get(f"{name}-to", "").strip()
    return "" if to == posted.get(f"{name}-was", "").strip() else to


def added_in(posted: Mapping[str, str], prefix: str) -> list[dict[str, str]]:
    """The replacements that were added, line by line; a line without a value says nothing."""
    found = []
    for line in range(MOST_ADDED):
        start = f"{prefix}add-{line}-"
        field, value = posted.get(f"{start}field", ""), posted.get(f"{start}value", "")
        if field and value.strip():
            by = posted.get(f"{start}by", "").strip()
            found.append({"field": field, "value": value.strip(), "by": by})
    return found


def reading_in(posted: Mapping[str, str]) -> dict[str, Any]:
    """What a form says of how a text is read; what it leaves to be recognised is not in it."""
    found: dict[str, Any] = {}
    for name in ("encoding", "delimiter", "quote"):
        if said := posted.get(f"read-{name}", ""):
            found[name] = WRITTEN.get(said, said)
    if other := posted.get("read-delimiter-other", "").strip():
        found["delimiter"] = WRITTEN.get(other, other)
    for name in ("preamble_rows", "header_rows"):
        if typed := posted.get(f"read-{name}", "").strip():
            number = whole_number(typed)
            found[name] = typed if number is None else number
    return found


def _field_choices(table: Any, posted: Mapping[str, str], prefix: str) -> list[dict[str, Any]]:
    fields = []
    for position, field in enumerate(table.get("fields", [])):
        change = _field_change(field, posted, f"{prefix}field-{position}-")
        if change:
            fields.append({"name": field["name"], **change})
    return fields


def _field_change(field: Any, posted: Mapping[str, str], start: str) -> dict[str, Any]:
    change: dict[str, Any] = {}
    name = posted.get(f"{start}name", "").strip()
    if name and name != field["name"]:
        change["new_name"] = name
    kind = posted.get(f"{start}type", "")
    if kind and kind != field["type"]:
        change["type"] = kind
    form = posted.get(f"{start}format")
    if form is not None and form.strip() != field.get("format", "") and "type" not in change:
        change["format"] = form.strip()
    personal = posted.get(f"{start}personal", "")
    if personal and personal != field["personal"]:
        change["personal"] = personal
    missing = posted.get(f"{start}missing")
    if missing is not None and missing != ", ".join(field.get("missing_codes", [])):
        change["missing_codes"] = [code.strip() for code in missing.split(",")]
    return change
