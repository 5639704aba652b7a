"""What changed between two versions, in words for people who are no statisticians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simplr.base.words import number
from simplr.datasets.words import value_text

_TONES = {"same": "ok", "little": "warn", "lot": "bad"}


def page(found: Mapping[str, Any]) -> dict[str, Any]:
    """What compare.html shows of a comparison that is there."""
    rows, key = found["rows"], found["key"]
    return {
        "figures": _figures(rows),
        "matched": _matched(key, rows),
        "renamed": found["renamed"],
        "fields": [_field(each, has_key=bool(key)) for each in found["fields"]],
        "changed": [
            {"key": ", ".join(cell or "" for cell in each["key"]), "cells": each["cells"]}
            for each in found["samples"]["changed"]
        ],
        "added": _table(found["samples"]["added"]),
        "gone": _table(found["samples"]["gone"]),
    }


def _figures(rows: Mapping[str, Any]) -> list[dict[str, str]]:
    named = [
        (_("rows before"), rows["before"]),
        (_("rows after"), rows["after"]),
        (_("the same"), rows["same"]),
        (_("changed"), rows["changed"]),
        (_("added"), rows["added"]),
        (_("gone"), rows["gone"]),
    ]
    return [{"label": label, "value": number(n)} for label, n in named if n is not None]


def _matched(key: Sequence[str], rows: Mapping[str, Any]) -> str:
    if not key:
        return _(
            "Nothing tells the rows apart for certain, so whole rows were compared: one that changed counts as gone and added."
        )
    text = _("Rows with the same %(key)s are taken for the same row.") % {"key": ", ".join(key)}
    unclear = rows["unclear_before"] + rows["unclear_after"]
    if unclear:
        text += " " + ngettext(
            "%(n)s row has none, or shares it with others: it was compared as a whole.",
            "%(n)s rows have none, or share it with others: they were compared as wholes.",
            unclear,
        ) % {"n": number(unclear)}
    return text


def _field(each: Mapping[str, Any], *, has_key: bool) -> dict[str, Any]:
    drift = each["drift"] or {}
    verdict = drift.get("verdict", "")
    return {
        "name": each["name"],
        "state": _state(each),
        "changed": number(each["changed"]) if has_key and each["changed"] is not None else "",
        "before": _summary(each["before"], each["type_before"]),
        "after": _summary(each["after"], each["type_after"]),
        "verdict": verdict_words(verdict),
        "tone": _TONES.get(verdict, ""),
        "measures": [
            {"label": measure_words(one["name"]), "value": f"{one['value']:.3f}"}
            for one in drift.get("measures", [])
        ],
        "estimated": bool(drift) and not drift.get("is_exact", True),
    }


def _state(each: Mapping[str, Any]) -> str:
    if each["state"] == "added":
        return _("new")
    if each["state"] == "gone":
        return _("gone")
    if each["state"] == "retyped":
        return _("was %(before)s, is %(after)s") % {
            "before": each["type_before"],
            "after": each["type_after"],
        }
    return ""


def _summary(found: Mapping[str, Any] | None, kind: str | None) -> list[str]:
    """A few figures of a field in one version, each in words."""
    if found is None:
        return []
    rows = found["rows"]
    texts = []
    if "mean" in found and found["mean"] is not None:
        texts.append(_("on average %(n)s") % {"n": number(float(f"{found['mean']:.4g}"))})
    median = found.get("quantiles", {}).get("0.5")
    if median is not None:
        texts.append(_("median %(value)s") % {"value": value_text(median, kind or "")})
    elif found["top"] and found["distinct"] < rows:
        top = found["top"][0]
        share = f"{top['count'] / rows:.0%}" if rows else ""
        value = value_text(top["value"], kind or "")
        texts.append(_("mostly %(value)s (%(share)s)") % {"value": value, "share": share})
    texts.append(
        ngettext("%(n)s different value", "%(n)s different values", found["distinct"])
        % {"n": number(found["distinct"])}
    )
    if found["missing"]:
        texts.append(_("%(n)s missing") % {"n": number(found["missing"])})
    return texts


def verdict_words(verdict: str) -> str:
    """How much the values moved, in a few words."""
    return {
        "same": _("about the same"),
        "little": _("shifted a little"),
        "lot": _("shifted a lot"),
    }.get(verdict, "")


def measure_words(name: str) -> str:
    """What an effect size measures."""
    return {
        "standardised-mean-difference": _("difference of the means, in standard deviations"),
        "kolmogorov-smirnov": _("largest gap between the shares up to a value"),
        "population-stability": _("population stability index"),
        "total-variation": _("share of rows that would have to change"),
        "missing-difference": _("difference of the shares that are missing"),
    }.get(name, name)


def _table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not rows:
        return None
    names = list(rows[0])
    return {
        "fields": [{"name": name, "numeric": False, "masked": False} for name in names],
        "rows": [[row[name] for name in names] for row in rows],
    }
