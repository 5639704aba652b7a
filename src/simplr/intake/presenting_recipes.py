"""The steps of a recipe and what was tried of them, as the page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from simplr.intake.posted import added_in
from simplr.sharing.presenting.recipes import sentence

_REASONS = {
    "empty-row": gettext_lazy("empty"),
    "total-row": gettext_lazy("a total"),
    "repeated-row": gettext_lazy("comes again"),
}
_OWN = ("drop_rows", "distinct", "trim", "replace", "spell", "drop_fields", "unpivot")
"""What is not shown as the fields are: the other steps are their names, types, codes and marks."""


def steps(known: Mapping[str, Any], sent: Mapping[str, str], prefix: str) -> list[dict[str, Any]]:
    """The steps of a table that may be switched: a sentence, why, and whether they are on."""
    proposed = [step for step in known.get("proposed", []) if step["kind"] in _OWN]
    return [_step(step, n, sent, f"{prefix}step-{n}") for n, step in enumerate(proposed)]


def _step(
    step: Mapping[str, Any], number: int, sent: Mapping[str, str], name: str
) -> dict[str, Any]:
    is_shown = step["kind"] == "spell" and "to" in step
    return {
        "number": number,
        "name": name,
        "is_on": name in sent if sent else step["on"],
        "text": sentence(step),
        "confidence": step["confidence"],
        "evidence": step["evidence"],
        "was": step["to"] if is_shown else None,
        "to": (sent.get(f"{name}-to") or step["to"]) if is_shown else None,
    }


def added(sent: Mapping[str, str], prefix: str) -> list[dict[str, Any]]:
    """The replacements that were added so far, and an empty line for the next."""
    lines = [*added_in(sent, prefix), {"field": "", "value": "", "by": ""}]
    return [{**line, "name": f"{prefix}add-{n}"} for n, line in enumerate(lines)]


def counts(known: Mapping[str, Any]) -> dict[str, Any]:
    """In, kept and put aside, with what the steps that are on put aside."""
    found = dict(known.get("counts") or {})
    steps = known.get("steps", []) if found else []
    dropped = sum(s["changes"] or 0 for s in steps if s["kind"] == "drop_rows" and s["on"])
    if dropped and found["quarantined_rows"] + dropped <= found["in"]:
        found["kept"] -= dropped
        found["quarantined_rows"] += dropped
    return found


def trial(tried: Mapping[str, Any]) -> dict[str, Any]:
    """Rows before and after, and what each step changed in the rows that were tried."""
    return {
        "row_count": tried["row_count"],
        "is_whole": tried["is_whole"],
        "kept": tried["kept"],
        "aside": tried["aside"],
        "made": tried["made"],
        "misfits": [misfit["text"] for misfit in tried["misfits"]],
        "steps": [
            {"text": sentence(step), "changes": step["changes"]}
            for step in tried["steps"]
            if step["kind"] in _OWN and step["on"] and step["changes"]
        ],
        "unreadable": [
            {"field": field, "count": count} for field, count in tried["unreadable"].items()
        ],
        "fields": tried["fields"],
        "rows": [_row(row, tried) for row in tried["rows"]],
    }


def _row(row: Mapping[str, Any], tried: Mapping[str, Any]) -> dict[str, Any]:
    gone = set(tried["dropped"])
    return {
        "row": row["row"],
        "aside": _REASONS.get(row["aside"], row["aside"]),
        "cells": [
            {
                "before": before,
                "after": after,
                "is_changed": not row["aside"] and name not in gone and (after or "") != before,
                "is_gone": bool(row["aside"]) or name in gone,
            }
            for name, before, after in zip(
                tried["fields"], row["before"], row["after"], strict=True
            )
        ],
    }
