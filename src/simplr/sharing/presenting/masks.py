"""Masks in words: what a steward chooses from, and what each means for the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simplr_core.privacy import masks
from simplr_core.tables.schema import Field

PERIODS = [
    ("day", gettext_lazy("day")),
    ("week", gettext_lazy("week")),
    ("month", gettext_lazy("month")),
    ("quarter", gettext_lazy("quarter")),
    ("year", gettext_lazy("year")),
]
_LABELS: Mapping[str, Promise] = {
    "keep": gettext_lazy("As it is"),
    "pseudonym": gettext_lazy("Random pseudonym"),
    "truncate-date": gettext_lazy("Truncated date"),
    "generalise-number": gettext_lazy("Rounded down"),
    "top-code": gettext_lazy("Top-coded"),
    "redact": gettext_lazy("Redacted"),
}
_SETTINGS: Mapping[str, tuple[str, Promise, str]] = {
    "truncate-date": ("to", gettext_lazy("to the"), "month"),
    "generalise-number": ("step", gettext_lazy("in steps of"), "10"),
    "top-code": ("at", gettext_lazy("at"), ""),
    "redact": ("text", gettext_lazy("as"), "***"),
}
"""kind -> (setting, its label, what it is at first)"""


def offered(
    field: Field, chosen: Mapping[str, Any], typed: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The masks that a field can have, one of them chosen, with their settings as typed."""
    found = []
    for kind in (mask.kind for mask in masks.suitable_masks(field)):
        if kind == "hide":
            continue  # what is not ticked is hidden
        by = None
        if kind in _SETTINGS:
            setting, label, first = _SETTINGS[kind]
            is_chosen = chosen.get("kind") == kind
            value = typed.get(kind, str(chosen.get(setting, first)) if is_chosen else first)
            by = {"label": label, "value": value, "choices": PERIODS if setting == "to" else []}
            by["is_text"] = kind == "redact"
        found.append(
            {
                "value": kind,
                "label": _LABELS[kind],
                "chosen": chosen.get("kind", "keep") == kind,
                "by": by,
            }
        )
    return found


def mask_from_form(kind: str, typed: str) -> dict[str, Any]:
    """A mask as JSON from what was typed. Raises MaskInvalid with what is wrong."""
    given: dict[str, Any] = {"kind": kind or "keep"}
    if kind in _SETTINGS:
        setting = _SETTINGS[kind][0]
        given[setting] = _number(typed) if setting in {"step", "at"} else typed
    masks.mask_from_json(given)
    return given


def _number(typed: str) -> int | float | str:
    """The number that was typed; the text itself where it is none, which the mask then refuses."""
    text = typed.strip().replace(",", ".")
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return typed


def in_words(plain: Mapping[str, Any]) -> str:
    """A mask as the page of a release says it."""
    match masks.mask_from_json(plain):
        case masks.Pseudonym():
            return _("Random pseudonym")
        case masks.TruncateDate(to):
            return _("Only the %(period)s") % {"period": dict(PERIODS)[to]}
        case masks.GeneraliseNumber(step):
            return _("In steps of %(step)s") % {"step": f"{step:g}"}
        case masks.TopCode(at):
            return _("At most %(at)s") % {"at": f"{at:g}"}
        case masks.Redact(text):
            return _("“%(text)s” instead") % {"text": text}
        case _:
            return _("As it is")


def for_the_reader(plain: Mapping[str, Any]) -> str:
    """What a mask means for whoever reads the field; empty for one that changes nothing."""
    match masks.mask_from_json(plain):
        case masks.Pseudonym():
            return _(
                "A random name stands for each value, the same one throughout the project. "
                "It tells nothing of the value."
            )
        case masks.TruncateDate(to):
            return _("Dates are given as the first day of their %(period)s.") % {
                "period": dict(PERIODS)[to]
            }
        case masks.GeneraliseNumber(step):
            return _("Numbers are rounded down to steps of %(step)s.") % {"step": f"{step:g}"}
        case masks.TopCode(at):
            return _("%(at)s means %(at)s or more.") % {"at": f"{at:g}"}
        case masks.Redact(text):
            return _("“%(text)s” says only that there is a value.") % {"text": text}
        case _:
            return ""


def changes(fields: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """[{field, text}] for each field that is not shown as it is."""
    return [
        {"field": item["name"], "text": text}
        for item in fields
        if (text := for_the_reader(item["mask"]))
    ]
