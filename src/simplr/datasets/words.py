"""How values of a profile are written for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simplr.base.words import number
from simplr.datasets.models import Field


def value_text(value: Any, type_: str) -> str:
    """One value of a profile: a day as a day, a number by the reader's language."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return number(float(f"{value:.6g}"))
    if type_ == "date":
        return date_format(date.fromisoformat(value), "j M Y")
    if type_ == "datetime":
        return date_format(datetime.fromisoformat(value), "j M Y, H:i")
    return str(value)


def clear_profile(field: Field, *, rows: int, hidden: str = "") -> dict[str, Any]:
    """What may be known of a field in clear: counts. `hidden` says why there is no more."""
    missing = 0 if hidden else field.missing_count or 0
    distinct = field.distinct_count or 0
    return {
        "hidden": hidden,
        "distinct": distinct,
        "unique": bool(distinct) and field.distinct_is_exact and distinct == rows - missing,
        "missing": missing,
        "missing_share": missing / rows if rows else 0.0,
        "lowest": "",
        "highest": "",
        "median": "",
        "common": [],
        "pattern": "",
        "patterns": [],
        "kind": "",
        "kind_evidence": "",
        "outliers": "",
        "histogram": None,
        "quantiles": [],
    }


def full_profile(field: Field, values: Mapping[str, Any], *, rows: int) -> dict[str, Any]:
    """The profile with what its values tell."""
    shown = clear_profile(field, rows=rows)
    kind = field.type
    top = values.get("top", [])
    if "min" in values:
        shown["lowest"] = value_text(values["min"], kind)
        shown["highest"] = value_text(values["max"], kind)
        cuts = values.get("quantiles", {})
        shown["median"] = value_text(cuts.get("0.5"), kind)
        shown["quantiles"] = [
            {"label": label, "value": value_text(cuts.get(key), kind)}
            for key, label in (
                ("0.05", _("5 in 100 are below")),
                ("0.25", _("a quarter is below")),
                ("0.5", _("half is below")),
                ("0.75", _("three quarters are below")),
                ("0.95", _("95 in 100 are below")),
            )
        ]
        if "mean" in values:
            mean = {"label": _("on average"), "value": number(float(f"{values['mean']:.4g}"))}
            shown["quantiles"].append(mean)
        counts = values.get("histogram", {}).get("counts", [])
    else:
        counts = [bar["count"] for bar in values.get("bars", [])]
    if counts:
        shown["histogram"] = {
            "counts": counts,
            "missing": shown["missing"],
            "summary": _("%(field)s from %(low)s to %(high)s")
            % {"field": field.name, "low": shown["lowest"], "high": shown["highest"]}
            if shown["lowest"]
            else _("The most common values of %(field)s") % {"field": field.name},
        }
    if not shown["unique"]:
        shown["common"] = [
            {
                "value": value_text(item["value"], kind),
                "count": item["count"],
                "share": item["count"] / rows if rows else 0.0,
            }
            for item in top
        ]
    patterns = values.get("patterns", [])
    shown["patterns"] = patterns
    shown["pattern"] = patterns[0]["pattern"] if patterns else ""
    found = values.get("kind") or {}
    shown["kind"] = kind_word(found.get("name", ""))
    shown["kind_evidence"] = found.get("evidence", "")
    shown["outliers"] = outlier_words(values.get("outliers") or {}, kind)
    return shown


def outlier_words(found: Mapping[str, Any], type_: str) -> str:
    """How many values lie far from the others, and beyond what; empty where none does."""
    said = []
    for count, fence, words in (
        (
            found.get("above"),
            found.get("high_fence"),
            _("%(n)s lie far above the others: over %(fence)s."),
        ),
        (
            found.get("below"),
            found.get("low_fence"),
            _("%(n)s lie far below the others: under %(fence)s."),
        ),
    ):
        if not count or fence is None:
            continue
        exact = found.get("is_exact", True)
        n = number(count) if exact else _("At least %(n)s") % {"n": number(count)}
        said.append(words % {"n": n, "fence": value_text(fence, type_)})
    return " ".join(said)


def kind_word(name: str) -> str:
    """A kind of values in the reader's language."""
    return str(_KINDS.get(name, name))


_KINDS = {
    "email": gettext_lazy("e-mail address"),
    "phone": gettext_lazy("telephone number"),
    "postal-code": gettext_lazy("postal code"),
    "address": gettext_lazy("street address"),
    "person-name": gettext_lazy("name of a person"),
    "url": gettext_lazy("web address"),
    "ip-address": gettext_lazy("IP address"),
    "uuid": gettext_lazy("UUID"),
    "account-number": gettext_lazy("account number"),
    "national-id": gettext_lazy("national number of a person"),
    "device": gettext_lazy("device"),
    "latitude": gettext_lazy("latitude"),
    "longitude": gettext_lazy("longitude"),
    "coordinates": gettext_lazy("coordinates"),
    "geometry": gettext_lazy("geometry"),
    "amount": gettext_lazy("amount of money"),
    "percentage": gettext_lazy("percentage"),
    "year": gettext_lazy("year"),
    "country-code": gettext_lazy("country (ISO 3166)"),
    "currency-code": gettext_lazy("currency (ISO 4217)"),
    "language-code": gettext_lazy("language (ISO 639)"),
    "area-code": gettext_lazy("code of an area"),
    "id": gettext_lazy("identifier"),
    "code": gettext_lazy("code"),
    "category": gettext_lazy("category"),
    "free-text": gettext_lazy("free text"),
    "short-text": gettext_lazy("short text"),
    "quantity": gettext_lazy("quantity"),
    "yes-no": gettext_lazy("yes or no"),
    "time": gettext_lazy("time"),
}
