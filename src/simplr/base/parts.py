"""What the page of all parts shows: one believable value for each part, and no real data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class EveryControl(forms.Form):
    """A field of each kind."""

    name = forms.CharField(label=_("Name of the project"), help_text=_("People see it in lists."))
    until = forms.DateField(label=_("Until"), required=False)
    aims = forms.CharField(label=_("Aims"), widget=forms.Textarea(attrs={"rows": 2}))
    role = forms.ChoiceField(label=_("Role"), choices=[("v", _("Viewer")), ("o", _("Owner"))])
    may = forms.MultipleChoiceField(
        label=_("May"),
        choices=[("read", _("Read")), ("download", _("Download"))],
        widget=forms.CheckboxSelectMultiple,
    )
    approval = forms.BooleanField(
        label=_("Needs approval"), help_text=_("each time"), required=False
    )


def every_part(now: datetime) -> dict[str, Any]:
    """The context of the page of all parts."""
    refused = EveryControl({"until": "31 Feb 2027", "role": "v"}, prefix="refused")
    refused.is_valid()
    entry = {"at": now, "icon": "eye", "outcome": "ok", "url": "", "detail": ""}
    return {
        "form": EveryControl(),
        "refused": refused,
        "allowed": {"allowed": True, "reason": ""},
        "forbidden": {
            "allowed": False,
            "reason": _("You asked for this yourself; another owner must approve."),
        },
        "table": {
            "fields": [
                {"name": "created_on", "numeric": False, "masked": True},
                {"name": "ward", "numeric": False, "masked": False},
                {"name": "days_open", "numeric": True, "masked": False},
            ],
            "rows": [["2012-03", "17", "3"], ["2012-04", None, "60"]],
        },
        "histogram": {"counts": [4, 9, 30, 33, 27, 15, 3, 1], "missing": 6, "summary": ""},
        "sentence": [
            {"text": "Tomas Okafor", "strong": True},
            {"text": _(" may read 5 of 16 fields until "), "strong": False},
            {"text": _("Friday"), "strong": True},
            {"text": ".", "strong": False},
        ],
        "counts": {"in": 49_652, "kept": 49_440, "quarantined_rows": 212, "quarantined_cells": 31},
        "page": {"shown": 50, "total": 49_000, "about": True, "next": "k", "first": False},
        "sort": {"by": "name", "descending": False},
        "days": [
            {
                "label": _("Today"),
                "entries": [
                    {**entry, "actor": "Jonah Weiss", "text": _("read 500 rows"), "code": "a:b:c"},
                    {
                        **entry,
                        "actor": "",
                        "icon": "seal",
                        "outcome": "checkpoint",
                        "text": _("Checkpoint 5,112 signed"),
                        "code": "root 9f3c…a471",
                    },
                ],
            }
        ],
        "job": {
            "icon": "table",
            "name": "Building permits",
            "text": _("being kept"),
            "progress": 0.64,
            "cancel_url": "",
        },
        "now": now,
    }
