"""The steps of a recipe in words, and the page of the recipe that a version keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from simplr.base.words import number

MOST_SPELLINGS = 6
_TYPES = {
    "text": gettext_lazy("text"),
    "integer": gettext_lazy("a whole number"),
    "decimal": gettext_lazy("a number"),
    "boolean": gettext_lazy("yes or no"),
    "date": gettext_lazy("a date"),
    "time": gettext_lazy("a time of day"),
    "datetime": gettext_lazy("a date and time"),
    "category": gettext_lazy("a category"),
}
_MARKS = {
    "none": gettext_lazy("“%(field)s” is not about people"),
    "indirect": gettext_lazy("“%(field)s” can point to a person"),
    "personal": gettext_lazy("“%(field)s” is about people"),
}


def steps(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps of a kept recipe: what each does, why, how sure, and what it changed."""
    return [
        {
            "text": sentence(step),
            "is_on": step["on"],
            "confidence": step["confidence"],
            "evidence": step["evidence"],
            "changed": _changed(step),
        }
        for step in found["steps"]
    ]


def _changed(step: Mapping[str, Any]) -> str:
    count = step["changes"]
    if not step["on"] or not count:
        return ""
    shown = {"shown": number(count)}
    if step["kind"] == "type":
        return (
            ngettext(
                "%(shown)s cell is none: it lies in quarantine.",
                "%(shown)s cells are none: they lie in quarantine.",
                count,
            )
            % shown
        )
    if step["kind"] in ("drop_rows", "distinct"):
        return ngettext("%(shown)s row put aside.", "%(shown)s rows put aside.", count) % shown
    if step["kind"] == "drop_fields":
        return ""
    if step["kind"] == "unpivot":
        return ngettext("%(shown)s row more.", "%(shown)s rows more.", count) % shown
    return ngettext("%(shown)s cell changed.", "%(shown)s cells changed.", count) % shown


def sentence(step: Mapping[str, Any]) -> str:
    """What a step does, in words."""
    kind, field = step["kind"], step.get("field", "")
    if kind in _SENTENCES:
        return _SENTENCES[kind](step)
    if "proposed" in step:
        return _("Spellings in “%(field)s” become one") % {"field": field}
    if kind == "replace":
        names = {"field": field, "value": step["value"], "by": step["by"]}
        return _("In “%(field)s”, “%(value)s” becomes “%(by)s”") % names
    others = step["from"]
    shown = "”, “".join(others[:MOST_SPELLINGS]) + ("…" if len(others) > MOST_SPELLINGS else "")
    names = {"field": field, "others": shown, "to": step["to"]}
    return (
        ngettext(
            "In “%(field)s”, “%(others)s” becomes “%(to)s”",
            "In “%(field)s”, “%(others)s” become “%(to)s”",
            len(others),
        )
        % names
    )


def _drop_rows(step: Mapping[str, Any]) -> str:
    if step["rows"] == "empty":
        return _("Rows without a filled cell are put aside")
    return _("Totals are put aside")


def _distinct(step: Mapping[str, Any]) -> str:
    return _("Rows that come again are put aside")


def _trim(step: Mapping[str, Any]) -> str:
    parts = [_("Blanks around text are dropped")]
    if step.get("inner"):
        parts.append(_("several blanks inside become one"))
    if step.get("unicode"):
        parts.append(_("letters and their accents are composed"))
    return "; ".join(parts)


def _drop_fields(step: Mapping[str, Any]) -> str:
    return _("“%(names)s” is left out") % {"names": "”, “".join(step["fields"])}


def _unpivot(step: Mapping[str, Any]) -> str:
    names = {
        "first": step["fields"][0],
        "last": step["fields"][-1],
        "name": step["name"],
        "value": step["value"],
    }
    return (
        _("“%(first)s” to “%(last)s” become the fields “%(name)s” and “%(value)s”, row by row")
        % names
    )


def _read(step: Mapping[str, Any]) -> str:
    said = [
        f"{name} {_quoted(value)}"
        for name, value in step.items()
        if name in ("table", "encoding", "delimiter", "quote", "escape") and value
    ]
    if not said:
        return _("The file is read as it says itself")
    return _("The file is read with %(said)s") % {"said": ", ".join(said)}


def _quoted(value: Any) -> str:
    text = " › ".join(value) if isinstance(value, list) else str(value)
    return f"“{'⇥' if text == chr(9) else text}”"


def _rename(step: Mapping[str, Any]) -> str:
    return _("“%(field)s” is called “%(to)s”") % {"field": step["field"], "to": step["to"]}


def _missing(step: Mapping[str, Any]) -> str:
    if "codes" not in step:
        return _("In “%(field)s”, codes mean missing") % {"field": step["field"]}
    names = {"field": step["field"], "codes": "”, “".join(step["codes"])}
    return _("In “%(field)s”, “%(codes)s” means missing") % names


def _type(step: Mapping[str, Any]) -> str:
    names = {"field": step["field"], "type": _TYPES.get(step["type"], step["type"])}
    if step.get("format"):
        names["format"] = step["format"]
        return _("“%(field)s” is %(type)s, written as %(format)s") % names
    return _("“%(field)s” is %(type)s") % names


def _mark(step: Mapping[str, Any]) -> str:
    return str(_MARKS[step["personal"]]) % {"field": step["field"]}


_SENTENCES = {
    "read": _read,
    "rename": _rename,
    "drop_rows": _drop_rows,
    "distinct": _distinct,
    "trim": _trim,
    "missing": _missing,
    "type": _type,
    "mark": _mark,
    "drop_fields": _drop_fields,
    "unpivot": _unpivot,
}
