"""One believable institute for the templates: every page in the states that matter.

`PAGES` gives, for each template, the contexts it is shown with, each under a short name.
Figures are those of the open 311 sanitation calls; people and institutions are made up.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms

Context = dict[str, Any]

NOW = datetime.now(UTC)
ID = UUID("11111111-1111-4111-8111-111111111111")
ID2 = UUID("22222222-2222-4222-8222-222222222222")


def yes() -> Context:
    return {"allowed": True, "reason": ""}


def no(reason: str = "Only an owner or a steward of this project may.") -> Context:
    return {"allowed": False, "reason": reason}


def days(count: float) -> datetime:
    return NOW + timedelta(days=count)


CLEAN = {"text": "No malware found", "icon": "ok", "tone": "ok"}
INFECTED = {"text": "Malware found", "icon": "stop", "tone": "bad"}
HELD_BACK = {
    "tone": "bad",
    "title": "Malware was found in this file: Eicar-Signature",
    "text": "Nobody gets it but whoever put it in and the owners of the project.",
}
LAST_PAGE = {"shown": 2, "total": 2, "about": False, "next": None, "first": True}
LONG_PAGE = {"shown": 50, "total": 10_000, "about": True, "next": "k7f", "first": False}

PROJECT = {
    "id": ID,
    "slug": "clean-streets",
    "title": "Clean streets",
    "aims": "Which blocks need a second pick-up, and does it help?",
    "organisation": "Department of Streets",
}
DATASET = {
    "id": ID,
    "title": "Sanitation complaints",
    "description": "Calls to 311 about waste, litter and standing water, one row for each.",
    "project": PROJECT,
    "organisation": "Department of Streets",
    "classification": "confidential",
    "field_count": 16,
    "row_count": 49_440,
    "personal_count": 2,
    "indirect_count": 1,
    "seen_by_count": 9,
    "version": {"number": 8, "kept_at": days(-1)},
    "newest": 8,
    "query": "",
    "held": False,
    "scan": None,
    "held_back": None,
}
MAY = {
    name: yes()
    for name in [
        "rows",
        "ask",
        "put",
        "release",
        "grant",
        "describe",
        "ledger",
        "erase",
        "edit",
        "people",
        "make",
        "make_project",
        "change",
        "end",
        "export",
        "verify",
        "download",
        "demonstration",
        "know",
    ]
}
MAY_NOT = dict.fromkeys(MAY, no())

TABLE = {
    "fields": [
        {"name": "request_number", "numeric": False, "masked": True},
        {"name": "created_on", "numeric": False, "masked": True},
        {"name": "nature", "numeric": False, "masked": False},
        {"name": "ward", "numeric": False, "masked": False},
        {"name": "days_open", "numeric": True, "masked": True},
    ],
    "rows": [
        ["p-7Qd2", "2012-03", "Garbage in alley", "17", "3"],
        ["p-M0xa", "2012-03", "Overflowing carts", "06", "1"],
        ["p-kk8T", "2012-04", None, "21", "60+"],
        ["p-2Vse", "2012-04", "Standing water", "48", "2"],
    ],
}


def profile(**given: Any) -> Context:
    return {
        "hidden": "",
        "distinct": 50,
        "unique": False,
        "missing": 0,
        "missing_share": 0.0,
        "patterns": [],
        "kind": "",
        "kind_evidence": "",
        "outliers": "",
        "lowest": "",
        "highest": "",
        "median": "",
        "common": [],
        "pattern": "",
        "histogram": None,
        **given,
    }


def field(name: str, kind: str, meaning: str, **given: Any) -> Context:
    return {
        "name": name,
        "source_name": name.upper(),
        "title": "",
        "meaning": meaning,
        "type": kind,
        "format": "",
        "personal": "none",
        "missing_codes": "",
        "evidence": "",
        "profile": None,
        **given,
    }


SHAPE = {"counts": [4, 9, 30, 33, 27, 15, 3, 1], "missing": 0, "summary": ""}
FIELDS = [
    field(
        "request_number",
        "text",
        "Number of the complaint",
        profile=profile(
            distinct=49_440,
            unique=True,
            pattern="99-99999999",
            histogram={"counts": [5] * 12, "missing": 0, "summary": "evenly spread"},
        ),
    ),
    field(
        "created_on",
        "date",
        "Day of the call",
        profile=profile(
            lowest="3 Jan 2000", highest="12 Aug 2013", median="14 Jun 2012", histogram=SHAPE
        ),
    ),
    field(
        "status",
        "category",
        "Where it stands",
        profile=profile(
            distinct=3,
            common=[
                {"value": "Completed", "share": 0.953},
                {"value": "Open - Dup", "share": 0.001},
            ],
            missing=66,
            missing_share=0.0013,
            histogram={"counts": [953, 46, 1], "missing": 60, "summary": ""},
        ),
    ),
    field(
        "caller_name",
        "text",
        "Who called",
        personal="personal",
        profile=profile(
            hidden="shown to nobody here", histogram=None, missing=20_270, missing_share=0.41
        ),
    ),
    field("street_address", "text", "Where, to the house", personal="indirect"),
]

COUNTS = {"in": 49_652, "kept": 49_440, "quarantined_rows": 212, "quarantined_cells": 31}
GROUPS = [
    {
        "count": 146,
        "reason": "No day, as the others are written.",
        "field": "completed_on",
        "url": "?field=completed_on",
        "current": True,
    },
    {
        "count": 97,
        "reason": "The row has too few cells.",
        "field": "",
        "url": "?reason=too-few-cells",
        "current": False,
    },
]
STEPS_SEEN = [
    {
        "number": number,
        "name": f"step-{number}",
        "is_on": sure != "check",
        "text": text,
        "confidence": sure,
        "evidence": evidence,
        "to": to,
        "was": to,
    }
    for number, (text, sure, evidence, to) in enumerate(
        (
            ("Totals are put aside", "likely", "1 row has a word for total.", None),
            ("Blanks around text are dropped", "certain", "In 1,204 cells.", None),
            ("In “ward”, “Westent” becomes “Westend”", "check", "In 2 cells.", "Westend"),
        )
    )
]
TABLE_SEEN = {
    "number": 0,
    "prefix": "",
    "name": "complaints_2013_08.csv",
    "title": "Complaints, August 2013",
    "is_open": True,
    "is_chosen": True,
    "path": "",
    "notes": [],
    "encoding": "UTF-8",
    "format": "CSV",
    "personal_count": 2,
    "fields": [
        {
            "name": name,
            "source_name": name.title(),
            "type": kind,
            "format": how,
            "personal": personal,
            "confidence": confidence,
            "evidence": evidence,
            "missing_codes": missing,
        }
        for name, kind, how, personal, confidence, evidence, missing in (
            ("request_number", "text", "", "none", 0.99, "Always 11 signs, all distinct.", ""),
            ("created_on", "date", "%m/%d/%Y", "none", 0.98, "9,918 only fit month first.", ""),
            (
                "completed_on",
                "date",
                "%m/%d/%Y",
                "none",
                0.6,
                "3,204 values would read either way; none only day first.",
                "N/A, -",
            ),
            ("zip_code", "text", "", "indirect", 0.97, "Names a place; zeros lead.", ""),
            ("caller_name", "text", "", "personal", 0.96, "Header and 96 % of the values.", ""),
        )
    ],
    "decisions": [
        {
            "title": "“Completion_Date” is a day, written month first",
            "confidence": 0.6,
            "evidence": "3,204 values would read either way; 9,918 are only possible month first.",
            "at": 2,
        },
        {
            "title": "Empty, “N/A” and “-” mean missing",
            "confidence": 0.8,
            "evidence": "66 cells in “Completion_Date”, 3,006 in “nature”.",
            "at": None,
        },
    ],
    "certain": ['UTF-8, comma, quote "', "Header in row 1, 16 columns, no footer"],
    "steps": STEPS_SEEN,
    "added": [
        {"name": "add-0", "field": "zip_code", "value": "0000", "by": ""},
        {"name": "add-1", "field": "", "value": "", "by": ""},
    ],
    "misfits": [],
    "trial": None,
    "counts": COUNTS,
    "quarantine": [
        {"count": 146, "reason": "not a day", "example": "31/02/2013"},
        {"count": 66, "reason": "too few columns", "example": ""},
    ],
    "rows": TABLE,
}
TRIAL = {
    "row_count": 200_000,
    "is_whole": False,
    "kept": 199_998,
    "aside": 2,
    "misfits": ["The field mood is in no step that types it: it is taken as understood."],
    "steps": [{"text": "Blanks around text are dropped", "changes": 1_204}],
    "unreadable": [{"field": "completed_on", "count": 146}],
    "fields": ["ward", "completed_on"],
    "rows": [
        {
            "row": 7,
            "aside": "",
            "cells": [
                {"before": "Westent", "after": "Westend", "is_changed": True, "is_gone": False},
                {"before": "31/02/2013", "after": None, "is_changed": True, "is_gone": False},
            ],
        },
        {
            "row": 49_440,
            "aside": "a total",
            "cells": [
                {"before": "Total", "after": None, "is_changed": False, "is_gone": True},
                {"before": "", "after": None, "is_changed": False, "is_gone": True},
            ],
        },
    ],
}
UPLOAD = {
    "id": ID,
    "name": "complaints_2013_08.csv",
    "size": 11_800_000,
    "kind": "table",
    "state": "understood",
}
TYPES = [("text", "text"), ("integer", "whole number"), ("date", "date")]
PERSONALS = [("none", "no"), ("indirect", "indirectly"), ("personal", "yes, directly")]
CLASSIFICATIONS = [
    ("public", "Public"),
    ("internal", "Internal"),
    ("confidential", "Confidential"),
    ("restricted", "Restricted"),
]


def upload_row(name: str, state: str, text: str, **given: Any) -> Context:
    return {
        "id": ID2,
        "name": name,
        "size": 1_200_000,
        "state": state,
        "icon": "table",
        "text": text,
        "progress": None,
        "may_cancel": False,
        "may_retry": False,
        **given,
    }


PUT = {
    "project": PROJECT,
    "resource": None,
    "folder": None,
    "limit": 20_000_000_000,
    "uploads": [],
    "upload": None,
}
OPEN = {
    "upload": UPLOAD,
    "tables": [TABLE_SEEN],
    "is_one": True,
    "may_correct": True,
    "kept_count": 49_440,
    "personal_count": 2,
    "note": "",
    "others": [],
    "types": TYPES,
    "personals": PERSONALS,
    "classifications": CLASSIFICATIONS,
    "classification": "confidential",
    "title": "Complaints, August 2013",
    "into": {
        "title": "Sanitation complaints",
        "modes": [("replace", "Take their place"), ("append", "Stand after them")],
        "mode": "append",
        "key": "request_number",
        "widen": False,
    },
    "errors": [],
}
SEVERAL = {
    "upload": {**UPLOAD, "name": "budget.xlsx"},
    "is_one": False,
    "others": ["read me.pdf"],
    "kept_count": 98_880,
    "tables": [
        {
            **TABLE_SEEN,
            "number": number,
            "prefix": f"t{number}-",
            "steps": [{**step, "name": f"t{number}-{step['name']}"} for step in STEPS_SEEN],
            "added": [{"name": f"t{number}-add-0", "field": "", "value": "", "by": ""}],
            "name": name,
            "title": f"Budget: {name}",
            "path": name,
            "notes": ["3 header rows are joined into one."],
            "is_open": number == 0,
            "is_chosen": number == 0,
        }
        for number, name in enumerate(("Income", "Spending"))
    ],
}
ON_THE_WAY = [
    upload_row("complaints_2013_08.csv", "understood", "", id=ID, may_cancel=True),
    upload_row("routes.xlsx", "understanding", "being understood", progress=0.62, may_cancel=True),
    upload_row(
        "aerial.tif",
        "receiving",
        "1.2 GB of 3 GB arrived. Choose the same file again to go on.",
        progress=0.4,
        waits=True,
        may_cancel=True,
    ),
    upload_row(
        "crew.csv",
        "failed",
        "not kept: it ends in the middle of row 12,004. Nothing was changed.",
        may_retry=True,
    ),
]

ENTRY = {
    "at": NOW,
    "icon": "eye",
    "outcome": "ok",
    "actor": "Jonah Weiss",
    "text": "read 500 rows, without personal fields",
    "url": "",
    "code": "sharing:rows:read",
    "detail": "by token “notebook”",
}
DAYS = [
    {
        "label": "Today",
        "entries": [
            {
                **ENTRY,
                "icon": "seal",
                "outcome": "checkpoint",
                "actor": "",
                "text": "Checkpoint 5,112 signed and put in a second place",
                "code": "184,223 entries, root 9f3c…a471",
                "detail": "",
            },
            ENTRY,
            {
                **ENTRY,
                "icon": "stop",
                "outcome": "refused",
                "actor": "Link “press”",
                "text": "was refused: it ended on 20 November",
            },
        ],
    },
    {"label": "Yesterday", "entries": [{**ENTRY, "url": "/somewhere"}]},
]

SENTENCE = [
    {"text": "Tomas Okafor", "strong": True},
    {"text": " may ", "strong": False},
    {"text": "read and download", "strong": True},
    {"text": " 5 of 16 fields of 19,124 complaints from 2012, masked, until ", "strong": False},
    {"text": "Friday 27 November 2026, 18:00", "strong": True},
    {"text": ".", "strong": False},
]
SNIPPETS = [
    {
        "label": "Python",
        "text": "import simplr_client as simplr\ns = simplr.connect()\ns.dataset('8f21c0').to_pandas()",
    },
    {"label": "Command line", "text": "simplr get 8f21c0 -o complaints.parquet"},
]
PREVIEW = {
    "problem": "",
    "table": TABLE,
    "field_count": 5,
    "all_fields": 16,
    "row_count": 19_124,
    "total": 49_440,
    "changes": [
        {"field": "request_number", "text": "A random pseudonym, the same in this project."}
    ],
}
MASKS = [
    {"value": "keep", "label": "As it is", "chosen": True, "by": None},
    {"value": "pseudonym", "label": "Random pseudonym", "chosen": False, "by": None},
    {
        "value": "top-code",
        "label": "Top-code",
        "chosen": False,
        "by": {"label": "at", "value": "60", "choices": [], "is_text": False},
    },
]
EDITOR = {
    "dataset": DATASET,
    "release": {"id": None, "title": ""},
    "fields": [
        {
            "name": each["name"],
            "type": each["type"],
            "personal": each["personal"],
            "chosen": at < 3,
            "masks": MASKS,
        }
        for at, each in enumerate(FIELDS)
    ],
    "conditions": [
        {"field": "created_on", "comparison": "in-year", "value": "2012"},
        {"field": "", "comparison": "is", "value": ""},
    ],
    "comparisons": [("is", "is"), ("in-year", "is in the year")],
    "formula": "",
    "written": False,
    "version_rule": "this",
    "errors": [],
    "preview": PREVIEW,
}
RELEASE = {
    "id": ID,
    "title": "Research 2012",
    "dataset": DATASET,
    "version": "Version 8 only",
    "made_at": days(-3),
    "made_by": "Mara Lindqvist",
    "formula": "created_on >= '2012-01-01'",
    "ended": False,
    "grant_url": "/grant/1?release=2",
}
GRANT = {
    "id": ID,
    "name": "Tomas Okafor",
    "detail": "reads and downloads",
    "until": days(3),
    "sentence": "",
    "ended": "",
    "why_url": "/why",
}
NODE = {"id": ID, "kind": "dataset", "title": "Sanitation complaints", "url": "/datasets/1"}
GRANTING = {
    "node": NODE,
    "releases": [
        {
            "id": ID,
            "title": "Research 2012",
            "detail": "5 of 16 fields, 19,124 rows",
            "chosen": True,
        }
    ],
    "whole": {
        "allowed": False,
        "reason": "Two fields are personal: make a release.",
        "chosen": False,
    },
    "to": "person",
    "people": [{"email": "t.okafor@lakeside.example", "label": "Tomas Okafor, State University"}],
    "person": "t.okafor@lakeside.example",
    "groups": [{"id": ID, "label": "Analysts", "chosen": False}],
    "organisations": [{"label": "Lakeside State University"}],
    "organisation": "",
    "link": {"password": "", "needs_password": True},
    "actions": [
        {"value": "read", "label": "Read", "help": "on the page, in Python, R", "chosen": True},
        {"value": "download", "label": "Download", "help": "as a file they keep", "chosen": False},
    ],
    "until": "2026-11-27",
    "days": [
        {"label": "Friday", "value": "2026-11-27"},
        {"label": "A month", "value": "2026-12-25"},
    ],
    "conditions": [],
    "sentence": SENTENCE,
    "act_label": "Grant until Friday",
    "errors": [],
}
SHARE = {
    "id": ID,
    "title": "Sanitation complaints",
    "release": "Research 2012",
    "from": "Mara Lindqvist",
    "organisation": "Department of Streets",
    "classification": "confidential",
    "masked_count": 3,
    "may": "read, download",
    "until": days(3),
    "ends_soon": True,
    "ended": "",
    "fields": 5,
    "rows": 19_124,
    "conditions": [],
    "version": "8",
    "citation": "City of Lakeside (2026). Sanitation complaints, version 8, release Research 2012.",
}
GOT = {
    "share": SHARE,
    "table": TABLE,
    "row_count": 19_124,
    "field_count": 5,
    "changes": PREVIEW["changes"],
    "not_shared": 11,
    "formats": [{"label": "CSV", "url": "/a.csv"}, {"label": "Parquet", "url": "/a.parquet"}],
    "refusal": "",
    "snippets": SNIPPETS,
    "page": LONG_PAGE,
}


class NameForm(forms.Form):
    """A form with one field of each kind that the pages use."""

    name = forms.CharField(label="Name", help_text="People see it in lists.")
    until = forms.DateField(label="Until", required=False)
    notes = forms.CharField(label="Aims", widget=forms.Textarea, required=False)
    role = forms.ChoiceField(label="Role", choices=[("viewer", "Viewer"), ("owner", "Owner")])
    may = forms.MultipleChoiceField(
        label="May",
        choices=[("read", "Read"), ("download", "Download")],
        widget=forms.CheckboxSelectMultiple,
    )
    tell = forms.BooleanField(label="Tell them by mail", required=False)


class SecretForm(forms.Form):
    password = forms.CharField(label="Password", widget=forms.PasswordInput)


def refused() -> NameForm:
    form = NameForm({"until": "31 Feb 2027", "role": "king"})
    form.is_valid()
    return form


PERSON = {
    "id": ID,
    "name": "Mara Lindqvist",
    "email": "m.lindqvist@lakeside.example",
    "organisation": "Department of Streets",
    "licence": "Licence without end.",
    "roles": "administrator",
    "role": "owner",
    "since": days(-90),
    "may_change": yes(),
    "last_seen": days(-0.1),
    "suspended": False,
}
ROLES = [
    ("owner", "Owner", "everything, and lets others in"),
    ("steward", "Steward", "takes in, describes, releases"),
    ("viewer", "Viewer", "reads without personal fields"),
]


def resource(at: int) -> Context:
    return {
        "id": ID,
        "kind": "file" if at % 4 == 3 else "dataset",
        "title": ("Sanitation complaints", "Pick-up routes", "Daily weather", "Contract")[at % 4],
        "description": "311 calls since 2000" if at % 2 == 0 else "",
        "classification": ("confidential", "internal", "public", "restricted")[at % 4],
        "personal_count": 2 if at % 4 == 0 else 0,
        "row_count": 49_440 - at * 317,
        "size": 2_400_000,
        "changed_at": days(-at),
        "place": "Reports" if at % 3 == 2 else "",
        "marks": [{"text": "Held", "icon": "warn", "tone": "warn"}] if at % 4 == 3 else [],
    }


def contents(resources: list[Context], page: Context, **given: Any) -> Context:
    return {
        "project": PROJECT,
        "tab": "contents",
        "may": MAY,
        "resources": resources,
        "filter": {"q": "", "kind": ""},
        "sort": {"by": "title", "descending": False},
        "page": page,
        "people": [PERSON, {"name": "Ines Duarte", "role": "steward"}],
        "people_count": 2,
        "guests": "2 guests from 1 organisation",
        "waiting": [],
        "folder": None,
        "folders": [],
        "way": [],
        "place_id": ID,
        "put_url": "/projects/clean-streets/put",
        "places": [],
        "may_write": given.get("may", MAY)["edit"],
        "may_manage": given.get("may", MAY)["edit"],
        **given,
    }


HOME = {
    "today": date(2026, 11, 25),
    "person": {"name": "Mara"},
    "attention": [],
    "attention_count": 0,
    "running": [],
    "projects": [
        {
            "slug": "clean-streets",
            "title": "Clean streets",
            "aims": PROJECT["aims"],
            "text": "5 data sets · 2 releases · new rows yesterday",
        },
        {"slug": "schools", "title": "School places 2027", "aims": "", "text": "8 data sets"},
    ],
    "project_count": 6,
    "counts_use": True,
    "store": {
        "well": True,
        "facts": [{"label": "Keys", "value": "open since 3 Nov"}],
        "url": "/installation",
    },
    "received": [SHARE],
    "first_run": False,
    "steps": {"project": False, "put": False, "share": False},
    "checks": [],
    "may": MAY,
}
ATTENTION = [
    {
        "icon": "quarantine",
        "tone": "warn",
        "title": "212 rows of the August complaints do not fit",
        "text": "49,440 rows are kept and can be used. 212 wait in quarantine.",
        "url": "/quality",
        "act": "Look",
    },
    {
        "icon": "clock",
        "tone": "",
        "title": "Lakeside State University’s access ends on Friday",
        "text": "Two people read Research 2012 14 times this month.",
        "url": "/grant",
        "act": "Extend",
    },
]
PROGRAM = {
    "id": UUID(int=77),
    "name": "Street planner",
    "kind": "a web service, which keeps a secret",
    "client_id": "x1y2",
    "since": days(-3),
    "by": "Mara Lindqvist",
    "acts_for": "Ruth Adeyemi",
    "token_count": 2,
    "ended": "",
}
TOKEN = {
    "id": ID,
    "name": "notebook",
    "detail": "Python",
    "scopes": ["resource:read", "project:8f21c0:write"],
    "used_at": days(-0.2),
    "used_text": "500 rows",
    "until": days(30),
    "ends_soon": False,
    "ended": "",
}
FILE = {
    "id": ID,
    "title": "Contract, hauling 2025",
    "name": "contract-2025.pdf",
    "description": "PDF, 41 pages",
    "project": PROJECT,
    "organisation": "Department of Streets",
    "classification": "restricted",
    "size": 2_400_000,
    "media_type": "application/pdf",
    "version": {"number": 1, "kept_at": days(-9), "kept_by": "Ines Duarte"},
    "digests": [{"label": "BLAKE3", "value": "9f3c" * 8}],
    "scan": CLEAN,
    "held_back": None,
}
FILE_PAGE = {
    "file": FILE,
    "text": "Article 1\nThe hauler comes on Mondays.",
    "preview": {
        "kind": "text",
        "text": "Article 1\nThe hauler …",
        "url": "",
        "alt": "",
        "pages": 0,
        "note": "first 64 kB",
    },
    "versions": [],
    "may": MAY,
    "grants": [{"id": ID, "name": "Tomas Okafor", "until": days(2)}],
    "uses": [{"who": "Jonah Weiss", "text": "downloaded it", "at": days(-2)}],
}
LEDGER = {
    "filter": {"node": "", "actor": "", "kind": "", "since": "", "until": ""},
    "nodes": [{"id": "1", "label": "Sanitation complaints"}],
    "actors": [{"id": "1", "label": "Jonah Weiss"}],
    "kinds": [("refused", "Refused")],
    "days": DAYS,
    "zone": "times in Lakeside, UTC−6",
    "page": LONG_PAGE,
    "proof": {
        "whole": True,
        "size": 184_223,
        "checkpoint": 5_112,
        "at": NOW,
        "problem": "",
        "first_bad": "",
        "running": False,
    },
    "may": MAY,
}
FRAME = {"dataset": DATASET, "may": MAY}
ONE_VERSION = {
    "id": ID,
    "number": 8,
    "before": 7,
    "kept_at": days(-1),
    "kept_by": "Ines Duarte",
    "came": "925 rows were added to version 7.",
    "earlier": 7,
}
FRAME_NOT = {"dataset": {**DATASET, "held": True}, "may": MAY_NOT}
FOUND = {
    "kind": "dataset",
    "url": "/datasets/1",
    "title": "Sanitation complaints",
    "project": "Clean streets",
    "description": "Calls to 311 about waste.",
    "found_in": "field ward",
    "classification": "confidential",
    "row_count": 49_440,
    "size": None,
    "changed_at": days(-1),
    "shared": True,
}
LEAVER: dict[str, Any] = {
    "person": {"id": ID, "name": "Mara Lindqvist", "email": "mara@lakeside.example"},
    "facts": [
        {"label": "Projects that they alone own", "value": 2},
        {"label": "Grants to them, and links that they made", "value": 1204},
    ],
    "heir_needed": True,
    "heir": "",
    "errors": [],
}
ASK: dict[str, Any] = {
    "node": {"id": ID, "title": "Sanitation complaints", "url": "/datasets/1"},
    "text": "",
    "actions": [
        {"value": "read", "label": "Read", "help": "see rows here", "chosen": False},
        {"value": "download", "label": "Download", "help": "take it away", "chosen": True},
    ],
    "until": "",
    "errors": [],
}
ASKED: dict[str, Any] = {
    "url": "/requests/1",
    "title": "Sanitation complaints",
    "who": "Ben Okafor",
    "organisation": "Lakeside University",
    "wish": "Download",
    "until": NOW,
    "asked_at": NOW,
    "state": {"text": "Waits", "icon": "clock", "tone": ""},
}
REQUEST: dict[str, Any] = {
    "request_id": ID,
    "node": ASK["node"],
    "asked": ASKED,
    "purpose": "How long do complaints wait, ward by ward?\nFor a thesis.",
    "answer": {"by": "", "at": None, "text": "", "until": None, "received_url": ""},
    "whole_chosen": False,
    "may_answer": True,
    "may_withdraw": False,
    "ledger_url": "/ledger",
    "releases": [
        {"id": ID, "title": "Research 2012", "chosen": True},
        {"id": UUID(int=2), "title": "By ward", "chosen": False},
    ],
    "actions": ASK["actions"],
    "until": "2026-12-25",
    "text": "",
    "errors": [],
}
WHY = {
    "node": NODE,
    "people": [{"id": "1", "label": "Tomas Okafor"}],
    "person": {"id": "1", "name": "Tomas Okafor", "organisation": "Lakeside State University"},
    "actions": [("read", "read"), ("download", "download")],
    "action": "read",
    "verdict": {
        "allowed": True,
        "sentence": SENTENCE,
        "steps": [
            {
                "holds": "yes",
                "text": "His licence holds",
                "detail": "until 31 December 2027.",
                "at": None,
                "by": "",
            },
            {
                "holds": "part",
                "text": "A grant under release “Research 2012”",
                "detail": "5 of 16 fields.",
                "at": days(-2),
                "by": "Mara Lindqvist",
            },
        ],
        "missing": [],
    },
    "grant": {"id": ID},
    "others": [{"action": "manage", "holds": "no", "label": "Manage"}],
}


def installation(tab: str, **given: Any) -> Context:
    return {"tab": tab, "form": NameForm(), "page": LAST_PAGE, **given}


INVITED = [
    {
        "id": ID,
        "email": "k@lakeside.example",
        "organisation": "Streets",
        "role": "viewer",
        "until": days(6),
    }
]

FOLDER = {"id": ID, "title": "Reports", "description": "One for each quarter."}
FOLDERS = [
    {"id": ID, "title": "2024", "text": "2 folders, 12 things", "url": "/folders/1"},
    {"id": ID2, "title": "2025", "text": "empty", "url": "/folders/2"},
]
WAY = [{"title": "Clean streets", "url": "/projects/clean-streets"}]
PLACES = [{"id": ID2, "title": "Reports / 2025"}]
IN_PROJECT: Context = {"project": PROJECT, "tab": "trash", "may": MAY}
TRASH = [
    {
        "id": each,
        "kind": kind,
        "title": title,
        "trashed_by": "Ines Duarte",
        "trashed_at": days(-3),
        "until": days(27),
        "size": size,
    }
    for each, kind, title, size in (
        (ID, "dataset", "Sanitation complaints", 24_000_000),
        (ID2, "folder", "Old contracts", None),
    )
]

KEPT_STEPS = [
    {
        "text": "Blanks around text are dropped",
        "is_on": True,
        "confidence": "certain",
        "evidence": "Blanks around 12 cells of text are dropped.",
        "changed": "12 cells changed.",
    },
    {
        "text": "“visits” is a whole number",
        "is_on": False,
        "confidence": "check",
        "evidence": "98 of 100 values are whole numbers.",
        "changed": "",
    },
]

PAGES: dict[str, dict[str, Context]] = {
    "intake/put.html": {
        "empty": PUT,
        "open": {**PUT, **OPEN, "uploads": ON_THE_WAY},
        "refused": {
            **PUT,
            **OPEN,
            "errors": ["The name “ward” occurs twice. Give one another name."],
        },
        "file": {
            **PUT,
            **OPEN,
            "resource": {"id": ID, "title": "Contract"},
            "upload": {**UPLOAD, "kind": "file", "name": "contract.pdf"},
            "tables": [],
            "note": "A PDF with 41 pages. It is kept byte for byte.",
            "personal_count": 0,
        },
        "tried": {
            **PUT,
            **OPEN,
            "tables": [
                {**TABLE_SEEN, "trial": TRIAL, "misfits": ["The file has no field “ward”."]}
            ],
        },
        "several": {**PUT, **OPEN, **SEVERAL, "uploads": ON_THE_WAY},
        "several, with too many fields": {**PUT, **OPEN, **SEVERAL, "may_correct": False},
    },
    "intake/parts/understanding.html": {"fragment": OPEN},
    "intake/parts/table.html": {"corrected here": {**OPEN, "table": TABLE_SEEN}},
    "intake/parts/recipe.html": {"steps": {**OPEN, "table": TABLE_SEEN}},
    "intake/parts/trial.html": {"tried": {"table": TABLE_SEEN, "trial": TRIAL}},
    "datasets/dataset.html": {
        "profiled": {
            **FRAME,
            "tab": "fields",
            "fields": FIELDS,
            "profile_url": "",
            "filter": {"which": "all", "order": "file"},
            "snippets": SNIPPETS,
            "counts": COUNTS,
            "structure": {
                "is_known": True,
                "is_whole": True,
                "keys": ["request_number", "created_on + street_address"],
                "dependencies": [{"from": "zip_code", "to": "ward"}],
            },
            "versions": [
                {"number": 8, "kept_at": days(-1), "change": "+925 rows"},
                {"number": 7, "kept_at": days(-50), "change": "+2,295 rows"},
            ],
            "uses": [{"who": "Jonah Weiss", "text": "read 500 rows", "at": days(-0.1)}],
            "original": {"name": "complaints.csv", "size": 11_800_000},
        },
        "bare": {
            **FRAME_NOT,
            "tab": "fields",
            "fields": [],
            "profile_url": "/datasets/1/profile",
            "filter": {"which": "personal", "order": "name"},
            "snippets": SNIPPETS,
            "counts": {"in": 1, "kept": 1, "quarantined_rows": 0, "quarantined_cells": 0},
            "structure": {"is_known": True, "is_whole": False, "keys": [], "dependencies": []},
            "versions": [],
            "uses": [],
            "original": None,
        },
    },
    "datasets/field.html": {
        "open": {
            **FRAME,
            "tab": "fields",
            "field": {
                **FIELDS[1],
                "unit": "days",
                "format": "%m/%d/%Y",
                "profile": {
                    **FIELDS[1]["profile"],
                    "quantiles": [{"label": "half before", "value": "14 Jun 2012"}],
                    "patterns": [{"pattern": "99-A99", "share": 0.98}],
                    "kind": "time",
                    "kind_evidence": "Every value is a day or a time.",
                    "outliers": "3 lie far above the others: over 3 Dec 2031.",
                    "common": [{"value": "2 Jul 2012", "count": 212, "share": 0.004}],
                },
            },
            "form": NameForm(),
            "fetched": False,
        },
        "sealed": {
            **FRAME_NOT,
            "tab": "fields",
            "field": {**FIELDS[3], "evidence": "Header, and 96 % of the values."},
            "form": NameForm(),
            "fetched": True,
        },
    },
    "datasets/versions.html": {
        "two": {
            **FRAME,
            "tab": "versions",
            "versions": [
                {
                    "id": ID,
                    "number": 8 - at,
                    "kept_at": days(-at * 40 - 1),
                    "kept_by": "Ines Duarte",
                    "row_count": 49_440 - at * 925,
                    "field_count": 16,
                    "change": "+925 rows",
                    "quarantined_rows": 212,
                    "current": at == 0,
                    "size": 1,
                    "scan": INFECTED if at else None,
                }
                for at in range(2)
            ],
            "page": LAST_PAGE,
        }
    },
    "datasets/version.html": {
        "current": {
            **FRAME,
            "tab": "versions",
            "version": {**ONE_VERSION, "current": True},
            "counts": COUNTS,
            "original": {"name": "complaints.csv", "size": 4_200_000},
            "may_restore": yes(),
        },
        "old": {
            "dataset": {
                **DATASET,
                "newest": 9,
                "query": "?version=8",
                "scan": INFECTED,
                "held_back": HELD_BACK,
            },
            "may": MAY,
            "tab": "versions",
            "version": {**ONE_VERSION, "current": False},
            "counts": COUNTS,
            "original": None,
            "may_restore": yes(),
        },
    },
    "sharing/recipe.html": {
        "whole": {
            **FRAME,
            "tab": "versions",
            "version": 8,
            "steps": KEPT_STEPS,
            "hidden_step_count": 0,
            "text": "version: 1\nsteps:\n  # certain: Blanks around 12 cells of text are dropped.\n  - kind: trim\n",
            "refusal": "",
            "may_do_again": True,
        },
        "in part": {
            **FRAME,
            "tab": "versions",
            "version": 8,
            "steps": KEPT_STEPS[:1],
            "hidden_step_count": 2,
            "text": "version: 1\nsteps: []\n",
            "refusal": "",
            "may_do_again": False,
        },
        "refused": {
            **FRAME,
            "tab": "versions",
            "version": 8,
            "steps": [],
            "hidden_step_count": 0,
            "text": "",
            "refusal": "Those who may read the rows see the steps that made them.",
            "may_do_again": False,
        },
    },
    "datasets/ledger.html": {
        "some": {**FRAME, "tab": "ledger", "days": DAYS, "zone": "UTC", "page": LONG_PAGE},
        "none": {**FRAME, "tab": "ledger", "days": [], "zone": "UTC", "page": LAST_PAGE},
    },
    "sharing/rows.html": {
        "many": {
            **FRAME,
            "tab": "rows",
            "table": TABLE,
            "refusal": "",
            "where": "ward = '06'",
            "problem": "",
            "release": {"title": "Research 2012"},
            "page": LONG_PAGE,
            "formats": GOT["formats"],
        },
        "problem": {
            **FRAME,
            "tab": "rows",
            "table": None,
            "refusal": "",
            "where": "wrad = 6",
            "problem": "There is no field “wrad”. Did you mean “ward”?",
            "release": None,
            "page": LAST_PAGE,
            "formats": [],
        },
        "refused": {**FRAME_NOT, "tab": "rows", "refusal": "A viewer reads releases only."},
    },
    "sharing/compare.html": {
        "found": {
            **FRAME,
            "tab": "versions",
            "wanted": {"before": "7", "after": "8", "key": "request_number", "whole": False},
            "versions": [8, 7, 6],
            "names": ["request_number", "ward", "days_open"],
            "refusal": "",
            "problem": "",
            "waiting": False,
            "found": {
                "figures": [
                    {"label": "rows before", "value": "48,515"},
                    {"label": "rows after", "value": "49,440"},
                    {"label": "the same", "value": "48,093"},
                    {"label": "changed", "value": "410"},
                    {"label": "added", "value": "937"},
                    {"label": "gone", "value": "12"},
                ],
                "matched": "Rows with the same request_number are taken for the same row.",
                "renamed": [{"from": "zip", "to": "zip_code", "alike": 0.99}],
                "fields": [
                    {
                        "name": "days_open",
                        "state": "was integer, is decimal",
                        "changed": "410",
                        "before": ["on average 11.2", "median 6", "104 different values"],
                        "after": ["on average 19.7", "median 14", "151 different values"],
                        "verdict": "shifted a little",
                        "tone": "warn",
                        "measures": [
                            {
                                "label": "difference of the means, in standard deviations",
                                "value": "0.412",
                            }
                        ],
                        "estimated": True,
                    },
                    {
                        "name": "zip_code",
                        "state": "new",
                        "changed": "",
                        "before": [],
                        "after": ["mostly 60614 (9%)", "58 different values"],
                        "verdict": "",
                        "tone": "",
                        "measures": [],
                        "estimated": False,
                    },
                ],
                "changed": [
                    {
                        "key": "12-00000017",
                        "cells": [
                            {"field": "days_open", "before": "6", "after": "31"},
                            {"field": "ward", "before": None, "after": "06"},
                        ],
                    }
                ],
                "added": TABLE,
                "gone": TABLE,
            },
        },
        "waiting": {
            **FRAME,
            "tab": "versions",
            "wanted": {"before": "7", "after": "8", "key": "", "whole": True},
            "versions": [8, 7],
            "names": [],
            "refusal": "",
            "problem": "",
            "waiting": True,
            "found": None,
        },
        "refused": {
            **FRAME_NOT,
            "tab": "versions",
            "wanted": {"before": "7", "after": "8", "key": "", "whole": False},
            "versions": [8, 7],
            "names": [],
            "refusal": "Those who may read the rows see what changed in them.",
            "problem": "",
            "waiting": False,
            "found": None,
        },
    },
    "sharing/parts/profile.html": {"fragment": {"dataset_id": ID, "query": "", "fields": FIELDS}},
    "sharing/quality.html": {
        "some": {
            **FRAME,
            "tab": "quality",
            "counts": COUNTS,
            "quality": {
                "points": 97.4,
                "field_count": 14,
                "hidden_count": 2,
                "parts": [
                    {
                        "title": "Completeness",
                        "points": 96.0,
                        "amiss": 2_004,
                        "of": 692_160,
                        "words": "cells without a value",
                        "why": "",
                        "costs": [{"field": "completed_on", "amiss": 2_004, "share": 0.04}],
                        "more": 3,
                    },
                    {
                        "title": "Timeliness",
                        "points": None,
                        "amiss": 0,
                        "of": 0,
                        "words": "",
                        "why": "Nobody has said how old the data may be.",
                        "costs": [],
                        "more": 0,
                    },
                ],
            },
            "reasons": GROUPS[:1],
            "more_reasons": 2,
            "refusal": "",
        },
        "clean": {
            **FRAME,
            "tab": "quality",
            "counts": {"in": 9, "kept": 9, "quarantined_rows": 0, "quarantined_cells": 0},
            "quality": {"points": None, "field_count": 0, "hidden_count": 0, "parts": []},
            "reasons": [],
            "refusal": "",
            "more_reasons": 0,
        },
        "refused": {
            **FRAME_NOT,
            "tab": "quality",
            "counts": COUNTS,
            "quality": None,
            "reasons": [],
            "refusal": "Only those who may read rows see them.",
            "more_reasons": 0,
        },
    },
    "sharing/quarantine.html": {
        "some": {
            **FRAME,
            "tab": "quality",
            "may_mend": True,
            "typed": {"value": "31/02/2013", "by": "28/02/2013", "codes": "", "format": ""},
            "trial": [
                {
                    "text": "Of 146, 12 would fit, and 134 would stay.",
                    "samples": [
                        {
                            "row": 12_004,
                            "before": "31/02/2013",
                            "after": "2013-02-28",
                            "fits": True,
                            "dropped": False,
                        },
                        {
                            "row": 12_009,
                            "before": None,
                            "after": None,
                            "fits": False,
                            "dropped": False,
                        },
                    ],
                }
            ],
            "problem": "",
            "working": None,
            "counts": COUNTS,
            "reasons": GROUPS,
            "chosen": {
                "reason": "No day, as the others are written.",
                "code": "not-date",
                "hidden": False,
                "field": "completed_on",
                "type": "date",
                "format": "%Y-%m-%d",
                "formats": ["%d.%m.%Y", "%d/%m/%Y"],
                "all_url": "?",
            },
            "refusal": "",
            "rows": [
                {
                    "row": 12_004,
                    "field": "completed_on",
                    "value": "31/02/2013",
                    "hidden": False,
                    "dropped": False,
                    "form": [
                        {
                            "name": "value",
                            "label": "completed_on",
                            "text": "31/02/2013",
                            "is_long": False,
                        }
                    ],
                    "reason": "No day, as the others are written.",
                },
                {
                    "row": 12_005,
                    "field": "",
                    "value": None,
                    "hidden": True,
                    "dropped": True,
                    "form": [],
                    "reason": "The row has too few cells.",
                },
            ],
            "page": LONG_PAGE,
            "formats": [{"label": "CSV", "url": "#"}, {"label": "JSON lines", "url": "#"}],
        },
        "clean": {
            **FRAME,
            "tab": "quality",
            "may_mend": True,
            "typed": {},
            "trial": [],
            "problem": "",
            "working": None,
            "counts": {"in": 9, "kept": 9, "quarantined_rows": 0, "quarantined_cells": 0},
            "reasons": [],
            "chosen": None,
            "refusal": "",
            "rows": [],
            "page": LAST_PAGE,
            "formats": [],
        },
        "refused": {
            **FRAME_NOT,
            "tab": "quality",
            "may_mend": True,
            "typed": {},
            "trial": [],
            "problem": "",
            "working": None,
            "counts": COUNTS,
            "reasons": [],
            "chosen": None,
            "refusal": "Only those who may change the data set see them.",
            "rows": [],
            "page": LAST_PAGE,
            "formats": [],
        },
    },
    "sharing/access.html": {
        "some": {
            **FRAME,
            "tab": "access",
            "people": [
                {
                    "name": name,
                    "detail": detail,
                    "discover": "yes",
                    "read": read,
                    "personal": personal,
                    "download": read,
                    "change": personal,
                    "until": until,
                    "why_url": "/why",
                    "grant_id": grant,
                }
                for name, detail, read, personal, until, grant in (
                    ("Mara Lindqvist", "owner", "yes", "yes", None, None),
                    ("Jonah Weiss", "analyst", "yes", "no", None, None),
                    ("Tomas Okafor", "release Research 2012", "part", "no", days(3), ID),
                )
            ],
            "page": LAST_PAGE,
        }
    },
    "sharing/releases.html": {
        "some": {
            **FRAME,
            "tab": "releases",
            "releases": [
                {
                    "id": ID,
                    "title": "Research 2012",
                    "field_count": 5,
                    "rows": "19,124 rows",
                    "masked_count": 3,
                    "version": "8 only",
                    "grant_count": 2,
                    "made_at": days(-3),
                    "made_by": "Mara Lindqvist",
                    "ended": False,
                }
            ],
            "page": LAST_PAGE,
        },
        "none": {**FRAME, "tab": "releases", "releases": [], "page": LAST_PAGE},
    },
    "sharing/release_edit.html": {
        "new": EDITOR,
        "refused": {
            **EDITOR,
            "release": {"id": ID, "title": "Research 2012"},
            "written": True,
            "formula": "created_on > now()",
            "errors": [{"text": "A formula may not call “now”.", "field": "formula"}],
            "preview": {"problem": "A formula may not call “now”."},
        },
    },
    "sharing/parts/preview.html": {
        "fragment": {"preview": PREVIEW},
        "none": {"preview": None},
        "no-rows": {"preview": {**PREVIEW, "table": {**TABLE, "rows": []}, "changes": []}},
    },
    "sharing/release.html": {
        "granted": {
            "release": RELEASE,
            "fields": [{"name": "ward", "mask": "As it is"}],
            "not_shared": 11,
            "grants": [GRANT, {**GRANT, "ended": "Revoked yesterday, 17:30"}],
            "preview": PREVIEW,
            "may": MAY,
            "waiting": {"number": 9, "rows": 50_100},
        },
        "ended": {
            "release": {**RELEASE, "ended": True, "formula": ""},
            "fields": [],
            "not_shared": 0,
            "grants": [],
            "preview": PREVIEW,
            "may": MAY_NOT,
            "waiting": None,
        },
    },
    "sharing/release_end.html": {"ask": {"release": RELEASE, "grant_count": 2}},
    "sharing/grant.html": {
        "person": GRANTING,
        "refused": {
            **GRANTING,
            "to": "link",
            "releases": [],
            "whole": {"allowed": True, "reason": "", "chosen": True},
            "conditions": [
                {
                    "value": "code",
                    "label": "A one-time code",
                    "help": "always for confidential data",
                    "chosen": True,
                    "fixed": True,
                }
            ],
            "errors": [{"text": "A link needs a password here.", "field": "password"}],
        },
    },
    "sharing/granted.html": {
        "link": {
            "node": NODE,
            "sentence": SENTENCE,
            "link_url": "https://data.lakeside.example/l/abc",
            "password_set": True,
        },
        "person": {"node": NODE, "sentence": SENTENCE, "link_url": None, "password_set": False},
    },
    "sharing/why.html": {
        "may": WHY,
        "may-not": {
            **WHY,
            "verdict": {
                **WHY["verdict"],
                "allowed": False,
                "steps": [{"holds": "no", "text": "No grant", "detail": "", "at": None, "by": ""}],
                "missing": ["A grant to read, by Mara Lindqvist or Ines Duarte"],
            },
            "grant": None,
        },
        "ask": {**WHY, "person": None, "verdict": None, "grant": None, "others": []},
    },
    "operations/leaver.html": {
        "owner": LEAVER,
        "refused": {
            **LEAVER,
            "errors": ["This person alone owns a project. Name who is to own it."],
        },
        "nothing": {**LEAVER, "facts": [], "heir_needed": False},
    },
    "sharing/ask.html": {
        "begun": ASK,
        "refused": {
            **ASK,
            "text": "w" * 2001,
            "errors": [{"text": "Say it in 1 to 2000 characters.", "field": "purpose"}],
        },
    },
    "sharing/requests.html": {
        "both": {
            "waiting": [ASKED, {**ASKED, "until": None}],
            "more_wait": True,
            "mine": [
                {**ASKED, "state": {"text": "Declined", "icon": "stop", "tone": "bad"}},
                ASKED,
            ],
            "page": LAST_PAGE,
        },
        "none": {"waiting": [], "more_wait": False, "mine": [], "page": LAST_PAGE},
    },
    "sharing/request.html": {
        "to-answer": REQUEST,
        "refused": {
            **REQUEST,
            "errors": [{"text": "Say why not: the one who asked will read it.", "field": "reason"}],
        },
        "granted": {
            **REQUEST,
            "answer": {
                "by": "Mara Lindqvist",
                "at": NOW,
                "text": "Names stay out.",
                "until": NOW,
                "received_url": "/received/1",
            },
            "may_answer": False,
            "releases": [],
            "ledger_url": "",
        },
        "mine": {**REQUEST, "may_answer": False, "may_withdraw": True, "releases": []},
    },
    "sharing/received.html": {
        "some": {
            "shares": [
                SHARE,
                {**SHARE, "ended": "Revoked", "rows": None, "ends_soon": False, "masked_count": 0},
                {**SHARE, "ends_soon": False, "until": None},
            ],
            "page": LAST_PAGE,
        },
        "none": {"shares": [], "page": LAST_PAGE},
    },
    "sharing/received_one.html": {
        "open": GOT,
        "refused": {
            **GOT,
            "refusal": "The store is sealed. Nothing is lost; try again later.",
            "formats": [],
            "changes": [],
            "not_shared": 0,
        },
    },
    "sharing/link.html": {
        "ask": {
            "form": SecretForm(),
            "organisation": "City of Lakeside",
            "ends": "",
            "tries_left": 3,
        },
        "open-to-all": {"form": None, "organisation": "", "ends": "", "tries_left": None},
        "wrong": {"form": SecretForm({}), "organisation": "", "ends": "", "tries_left": None},
    },
    "sharing/link_open.html": {"open": GOT},
    "projects/list.html": {
        "none": {"projects": [], "filter": {"q": ""}, "page": LAST_PAGE, "may": MAY},
        "guest": {"projects": [], "filter": {"q": ""}, "page": LAST_PAGE, "may": MAY_NOT},
        "unfound": {"projects": [], "filter": {"q": "bicycle"}, "page": LAST_PAGE, "may": MAY},
        "some": {
            "projects": [
                {
                    **PROJECT,
                    "role": "owner",
                    "dataset_count": 5,
                    "file_count": 2,
                    "changed_at": days(-1),
                },
                {
                    **PROJECT,
                    "aims": "",
                    "role": "viewer",
                    "dataset_count": 1,
                    "file_count": 0,
                    "changed_at": days(-400),
                },
            ],
            "filter": {"q": ""},
            "page": LONG_PAGE,
            "may": MAY,
        },
    },
    "projects/edit.html": {
        "new": {"form": NameForm(), "project": None, "organisation": "Department of Streets"},
        "refused": {"form": refused(), "project": PROJECT, "organisation": ""},
    },
    "projects/project.html": {
        "empty": contents([], LAST_PAGE),
        "empty-viewer": contents([], LAST_PAGE, may=MAY_NOT, guests="", people=[]),
        "one": contents(
            [resource(0)],
            LAST_PAGE,
            waiting=[
                {"id": ID, "name": "august.csv", "text": "It was understood; 2 decisions to check."}
            ],
        ),
        "many": contents([resource(at) for at in range(50)], LONG_PAGE),
        "unfound": contents([], LAST_PAGE, filter={"q": "bicycle", "kind": "file"}),
        "folders": contents([resource(1)], LAST_PAGE, folders=FOLDERS, places=PLACES),
        "folder": contents(
            [resource(1)], LAST_PAGE, folders=FOLDERS[:1], folder=FOLDER, way=WAY, places=PLACES
        ),
        "empty-folder": contents([], LAST_PAGE, folder=FOLDER, way=WAY),
        "folder-of-a-stranger": contents(
            [resource(1)],
            LAST_PAGE,
            folder=FOLDER,
            may={**MAY_NOT, "know": no()},
            people=[],
        ),
    },
    "resources/trash.html": {
        "empty": {**IN_PROJECT, "things": [], "page": LAST_PAGE, "may_erase": no()},
        "owner": {**IN_PROJECT, "things": TRASH, "page": LONG_PAGE, "may_erase": yes()},
        "steward": {
            **IN_PROJECT,
            "things": TRASH,
            "page": LAST_PAGE,
            "may_erase": no("Only an owner of the project erases something."),
        },
    },
    "resources/trash_one.html": {
        "shared": {
            "thing": {"id": ID, "title": "Street trees", "url": "/"},
            "grant_count": 2,
            "days": 30,
        },
        "own": {
            "thing": {"id": ID, "title": "Street trees", "url": "/"},
            "grant_count": 0,
            "days": 1,
        },
    },
    "resources/erase.html": {
        "several": {**IN_PROJECT, "things": TRASH, "back": "/", "place_id": ID},
    },
    "resources/outcomes.html": {
        "some": {
            **IN_PROJECT,
            "outcomes": [
                {"title": "Street trees", "is_done": True, "text": "done"},
                {"title": "Old plan", "is_done": False, "text": "You may not do this."},
            ],
            "done_count": 1,
            "failed_count": 1,
            "back": "/",
            "place_id": ID,
            "widening": None,
        },
        "widening": {
            **IN_PROJECT,
            "outcomes": [{"title": "Street trees", "is_done": False, "text": "Others see it."}],
            "done_count": 0,
            "failed_count": 1,
            "back": "/",
            "place_id": ID,
            "widening": {"to": ID2, "ids": [ID]},
        },
    },
    "analysis/alerts.html": {
        "none": {"alerts": [], "chosen": "", "page": LAST_PAGE},
        "some": {
            "alerts": [
                {
                    "id": ID,
                    "name": "Jonah Weiss",
                    "through": "by the token “nightly copy”",
                    "why": "read 14 times what is much in a day: 2.3 GB; at 3:00 in the night",
                    "at": days(-1),
                    "badge": {"label": "Open", "icon": "clock", "tone": "warn"},
                }
            ],
            "chosen": "open",
            "page": LONG_PAGE,
        },
    },
    "analysis/alert.html": {
        state: {
            "alert": {"id": ID, "at": days(-1), "last_at": days(-1), "decided_at": days(0)},
            "name": "Jonah Weiss",
            "through": "by browser",
            "rarity": "about once in 9,000 days",
            "done": "Nothing was stopped: people were told.",
            "decided_by": "" if is_open else "Mara Lindqvist",
            "why": ["9 things never opened before", "at 3:00 in the night"],
            "badge": {"label": "Open", "icon": "clock", "tone": "warn"},
            "reached": {
                "readings": 12,
                "things": 3,
                "hidden": 2,
                "items": [{"title": "Street trees", "count": 4, "last_at": days(-1)}],
            },
            "may_decide": {
                "allowed": allowed,
                "reason": "" if allowed else "Somebody else decides.",
            },
            "open": is_open,
        }
        for state, is_open, allowed in (
            ("open", True, True),
            ("of others", True, False),
            ("decided", False, False),
        )
    },
    "operations/notices.html": {
        "none": {
            "notices": [],
            "unread_count": 0,
            "wants_daily_mail": False,
            "has_mail": False,
            "page": LAST_PAGE,
        },
        "some": {
            "notices": [
                {
                    "id": each,
                    "text": text,
                    "at": days(-1),
                    "is_read": is_read,
                    "url": "/notices/1",
                    "icon": icon,
                }
                for each, text, is_read, icon in (
                    (ID, "Ines Duarte commented on Sanitation complaints", False, "story"),
                    (ID2, "Somebody let you use something", True, "share"),
                )
            ],
            "unread_count": 1,
            "wants_daily_mail": True,
            "has_mail": True,
            "page": LONG_PAGE,
        },
    },
    "sharing/dictionary.html": {
        "none": {
            **FRAME,
            "may": MAY_NOT,
            "tab": "fields",
            "entries": [],
            "formats": [],
            "problem": "",
            "comparison": None,
            "content": "",
        },
        "some": {
            **FRAME,
            "tab": "fields",
            "entries": [
                {
                    "name": "status_of_the_call_in_the_register_of_the_department",
                    "title": "Status",
                    "meaning": "What became of the call.\nAs the depot says.",
                    "type": "category",
                    "unit": "",
                    "personal": "none",
                    "key": False,
                    "hidden": False,
                    "values": [{"value": str(n), "label": f"state {n}"} for n in range(12)],
                    "more": 188,
                    "minimum": "",
                    "maximum": "",
                    "pattern": "[0-9]+",
                    "missing_codes": "n/a, -9",
                },
                {
                    "name": "caller_name",
                    "title": "",
                    "meaning": "",
                    "type": "text",
                    "unit": "",
                    "personal": "personal",
                    "key": True,
                    "hidden": True,
                    "values": [],
                    "more": 0,
                    "minimum": "",
                    "maximum": "",
                    "pattern": "",
                    "missing_codes": "",
                },
            ],
            "formats": [{"label": "CSV", "url": "/x"}, {"label": "CSVW", "url": "/y"}],
            "problem": "",
            "content": "eA==",
            "comparison": {
                "changes": [
                    {"field": "ward", "property": "Unit", "before": "nothing", "after": "<b>m</b>"}
                ],
                "differences": [
                    {"field": "ward", "property": "Type", "before": "text", "after": "integer"}
                ],
                "problems": [],
                "unmentioned": "nature, days_open",
                "ignored_columns": "owner",
                "field_count": 1,
            },
        },
        "wrong": {
            **FRAME,
            "tab": "fields",
            "entries": [],
            "formats": [],
            "problem": "A dictionary has a row for each field.",
            "content": "",
            "comparison": {
                "changes": [],
                "differences": [],
                "problems": [
                    {
                        "row": 10_000,
                        "field": "ghost",
                        "property": "Name",
                        "message": "There is no such field.",
                    }
                ],
                "unmentioned": "",
                "ignored_columns": "",
                "field_count": 0,
            },
        },
    },
    "datasets/comments.html": {
        "none": {
            **FRAME,
            "tab": "comments",
            "comments": [],
            "form": NameForm(),
            "may_comment": yes(),
            "page": LAST_PAGE,
        },
        "some": {
            **FRAME,
            "tab": "comments",
            "comments": [
                {
                    "id": ID,
                    "author": "Ines Duarte",
                    "body": "<b>June</b> looks too low.\nAsk the depot.",
                    "written_at": days(-2),
                    "edited_at": days(-1),
                    "may_change": True,
                    "may_remove": True,
                },
                {
                    "id": ID2,
                    "author": "Jonah Weiss",
                    "body": "Known.",
                    "written_at": days(-3),
                    "edited_at": None,
                    "may_change": False,
                    "may_remove": False,
                },
            ],
            "form": NameForm(),
            "may_comment": no("Members of the project comment on its data sets."),
            "page": LONG_PAGE,
        },
    },
    "resources/edit.html": {
        "folder": {"form": NameForm(), "title": "Reports", "post_url": "/f", "back": "/"},
        "refused": {"form": refused(), "title": "Reports", "post_url": "/f", "back": "/"},
    },
    "projects/members.html": {
        "owner": {
            "project": PROJECT,
            "tab": "people",
            "may": MAY,
            "members": [
                PERSON,
                {**PERSON, "name": "Ines Duarte", "may_change": no("The last owner stays.")},
            ],
            "roles": ROLES,
            "form": NameForm(),
            "invited": INVITED,
            "page": LAST_PAGE,
        },
        "viewer": {
            "project": PROJECT,
            "tab": "people",
            "may": MAY_NOT,
            "members": [PERSON],
            "roles": ROLES,
            "form": NameForm(),
            "invited": [],
            "page": LAST_PAGE,
        },
    },
    "operations/home.html": {
        "busy": {
            **HOME,
            "attention": ATTENTION,
            "attention_count": 2,
            "running": [
                {
                    "id": ID,
                    "icon": "table",
                    "name": "Building permits 2026",
                    "text": "being kept, row 120,000",
                    "progress": 0.64,
                    "cancel_url": "/cancel",
                }
            ],
        },
        "quiet": {
            **HOME,
            "projects": [],
            "project_count": 0,
            "received": [],
            "counts_use": False,
            "store": None,
        },
        "first": {
            **HOME,
            "first_run": True,
            "checks": [
                {"ok": True, "text": "The root key is for its owner alone", "url": "", "act": ""},
                {"ok": False, "text": "You have no passkey yet", "url": "/p", "act": "Add one"},
            ],
        },
    },
    "operations/ledger.html": {
        "whole": LEDGER,
        "broken": {
            **LEDGER,
            "days": [],
            "may": MAY_NOT,
            "proof": {
                **LEDGER["proof"],
                "whole": False,
                "problem": "Entry 17 was changed after it was sealed.",
                "first_bad": "17",
            },
        },
    },
    "operations/installation.html": {
        "programs": installation(
            "programs",
            programs=[PROGRAM, {**PROGRAM, "ended": "revoked", "by": "", "token_count": 0}],
            made={"name": "Street planner", "client_id": "x1y2", "secret": "smc_demo-no-secret"},
            form=NameForm(),
            page=LAST_PAGE,
        ),
        "no-programs": installation(
            "programs", programs=[], made=None, form=NameForm(), page=LAST_PAGE
        ),
        "program": installation(
            "program",
            program={
                **PROGRAM,
                "addresses": ["https://planner.example.org/back"],
                "sentences": ["See your name"],
                "scopes": ["profile"],
            },
            tokens=[
                {
                    "id": UUID(int=78),
                    "person": "Mara Lindqvist",
                    "scopes": ["profile"],
                    "used_at": NOW,
                    "until": days(30),
                }
            ],
        ),
        "program-of-nobody": installation(
            "program",
            program={
                **PROGRAM,
                "ended": "revoked",
                "addresses": [],
                "sentences": [],
                "scopes": [],
            },
            tokens=[],
        ),
        "doctor": installation(
            "doctor",
            findings=[
                {"state": "ok", "title": "The databases answer", "text": "in 2 ms", "mend": ""},
                {
                    "state": "warn",
                    "title": "No second place for checkpoints",
                    "text": "A copy elsewhere is the proof.",
                    "mend": "simplr ledger export",
                },
            ],
            checked_at=NOW,
            facts=[{"label": "Version", "value": "0.1.0"}],
            scan={
                "due": 3,
                "is_going_on": False,
                "facts": [{"label": "Malware found", "value": "1"}],
            },
        ),
        "doctor without a scanner": installation(
            "doctor", findings=[], checked_at=NOW, facts=[], scan=None
        ),
        "doctor while scanning": installation(
            "doctor",
            findings=[],
            checked_at=NOW,
            facts=[],
            scan={"due": 3, "is_going_on": True, "facts": []},
        ),
        "people": installation(
            "people",
            people=[PERSON, {**PERSON, "suspended": True, "licence": "Revoked", "last_seen": None}],
            invited=INVITED,
            made={"email": "k@lakeside.example", "url": "https://data.example/i/abc"},
        ),
        "organisations": installation(
            "organisations",
            organisations=[{"id": ID, "name": "Streets", "people_count": 4, "project_count": 1}],
            groups=[],
            group_form=SecretForm(),
        ),
        "licences": installation(
            "licences",
            licences=[
                {
                    "id": ID,
                    "name": "Streets",
                    "kind": "organisation",
                    "since": days(-9),
                    "until": None,
                    "ended": "",
                },
                {
                    "id": ID,
                    "name": "Tomas",
                    "kind": "person",
                    "since": days(-9),
                    "until": days(2),
                    "ended": "Revoked",
                },
            ],
        ),
        "keys": installation(
            "keys",
            store={
                "kind": "file",
                "used_since": days(-20),
                "root_fingerprint": "9f3c a471",
                "project_keys": 3,
                "data_keys": 1_204,
                "officers": ["Mara Lindqvist"],
            },
        ),
    },
    "operations/consent.html": {
        "by-browser": {
            "program": "Street planner",
            "sentences": ["See your name", "Look into the release “Complaints by ward”"],
            "scopes": ("profile", "release:read"),
            "person": {"name": "Mara Lindqvist", "email": "mara@lakeside.example"},
            "form": NameForm(),
            "back_to": "https://planner.example.org",
            "user_code": "",
            "alone": False,
        },
        "by-device": {
            "program": "Simplr command line",
            "sentences": ["See your name"],
            "scopes": ("profile",),
            "person": {"name": "Mara Lindqvist", "email": "mara@lakeside.example"},
            "form": NameForm(),
            "back_to": "",
            "user_code": "BCDF-GHJK",
            "alone": True,
        },
    },
    "operations/device.html": {
        "asks": {"form": NameForm(), "program": "", "allowed": False},
        "allowed": {"form": None, "program": "Simplr command line", "allowed": True},
        "not-allowed": {"form": None, "program": "Simplr command line", "allowed": False},
    },
    "access/tokens.html": {
        "none": {
            "made": None,
            "tokens": [],
            "waiting": [],
            "live_count": 0,
            "page": LAST_PAGE,
            "form": NameForm(),
            "open": True,
        },
        "some": {
            "made": {"name": "nightly", "secret": "smp_demo_0000-not-a-token"},
            "tokens": [
                TOKEN,
                {
                    **TOKEN,
                    "name": "etl",
                    "used_at": None,
                    "ended": "Revoked yesterday",
                    "detail": "",
                },
                {**TOKEN, "name": "old-laptop", "ends_soon": True},
            ],
            "waiting": [{"id": UUID(int=79), "name": "Nightly copy"}],
            "live_count": 2,
            "page": LAST_PAGE,
            "form": NameForm(),
            "open": False,
        },
    },
    "accounts/account.html": {
        "bare": {
            "person": PERSON,
            "form": SecretForm(),
            "passkeys": [],
            "totp": False,
            "recovery_codes": None,
            "password_set": True,
            "sessions": [{"id": "1", "text": "Firefox on Linux", "at": NOW, "here": True}],
        },
        "full": {
            "person": PERSON,
            "form": SecretForm(),
            "passkeys": [{"id": 1, "name": "Phone", "added_at": days(-3), "used_at": days(-1)}],
            "totp": True,
            "recovery_codes": {"left": 8, "of": 10},
            "password_set": False,
            "sessions": [
                {"id": "1", "text": "Firefox on Linux", "at": NOW, "here": True},
                {"id": "2", "text": "Safari on a phone", "at": days(-2), "here": False},
            ],
        },
    },
    "accounts/first_run.html": {"begin": {"form": NameForm(), "until": days(1)}},
    "accounts/waiting.html": {"signed-in": {"person": PERSON}},
    "accounts/welcome.html": {"known": {"person": PERSON, "link": {"expires_at": days(1)}}},
    "accounts/invitation.html": {
        "new": {
            "invitation": {
                "email": "k@lakeside.example",
                "organisation": "Streets",
                "project": "Clean streets",
                "role": "viewer",
                "by": "Mara Lindqvist",
                "until": days(7),
            },
            "form": SecretForm(),
            "known": False,
        },
        "known": {
            "invitation": {
                "email": "k@lakeside.example",
                "organisation": "Streets",
                "project": "",
                "role": "",
                "by": "Mara Lindqvist",
                "until": days(7),
            },
            "form": SecretForm(),
            "known": True,
        },
    },
    "catalogue/find.html": {
        "found": {
            "q": "ward",
            "kind": "",
            "results": [
                FOUND,
                {**FOUND, "kind": "file", "row_count": None, "size": 12_000, "shared": False},
                {
                    **FOUND,
                    "kind": "project",
                    "row_count": None,
                    "classification": "",
                    "shared": False,
                    "description": "",
                    "found_in": "",
                },
            ],
            "page": LONG_PAGE,
        },
        "nothing": {"q": "bicycle", "kind": "file", "results": [], "page": LAST_PAGE},
        "empty": {"q": "", "kind": "", "results": [], "page": LAST_PAGE},
    },
    "resources/file.html": {
        "text": FILE_PAGE,
        "image": {
            **FILE_PAGE,
            "preview": {
                "kind": "image",
                "url": "/static/simplr/mark.svg",
                "alt": "A map",
                "text": "",
                "pages": 0,
                "note": "",
                "others": [],
            },
            "versions": [
                {
                    "number": 2,
                    "kept_at": days(-1),
                    "kept_by": "Ines Duarte",
                    "size": 9,
                    "scan": CLEAN,
                },
                {
                    "number": 1,
                    "kept_at": days(-9),
                    "kept_by": "Ines Duarte",
                    "size": 9,
                    "scan": None,
                },
            ],
        },
        "infected": {
            **FILE_PAGE,
            "file": {**FILE, "scan": INFECTED, "held_back": HELD_BACK},
            "preview": {
                "kind": "hidden",
                "url": "",
                "alt": "",
                "text": "Malware was found in this file, so it is not shared.",
                "pages": 0,
                "note": "",
            },
            "may": {**MAY, "download": no("Malware was found in this file.")},
        },
        "none": {
            **FILE_PAGE,
            "preview": {"kind": "none", "url": "", "alt": "", "text": "", "pages": 0, "note": ""},
            "may": MAY_NOT,
            "uses": [],
        },
    },
    "api/page.html": {
        "some": {
            "server": "https://data.lakeside.example",
            "version": "1",
            "openapi_url": "/api/v1/openapi.json",
            "groups": [
                {
                    "name": "Data sets",
                    "text": "",
                    "operations": [
                        {
                            "method": "GET",
                            "path": "/api/v1/datasets/{id}/rows",
                            "summary": "The rows, as a stream.",
                            "needs": "resource:read",
                            "parameters": [
                                {
                                    "name": "format",
                                    "where": "query",
                                    "text": "csv, arrow …",
                                    "required": False,
                                }
                            ],
                            "answers": [{"status": 200, "text": "the stream"}],
                            "example": "curl …",
                        }
                    ],
                }
            ],
            "snippets": SNIPPETS,
        }
    },
    "simplr/unseal.html": {
        "ask": {"form": SecretForm(), "store": {"key_store": "file", "sealed_since": NOW}}
    },
    **{
        f"simplr/errors/{name}.html": {
            "page": {
                "problem": {
                    "status": 403,
                    "code": "not-allowed",
                    "title": "Not allowed",
                    "detail": "Only an owner may do this.",
                    "request_id": "0192",
                }
            }
        }
        for name in (
            [
                "400",
                "401",
                "403",
                "404",
                "409",
                "410",
                "413",
                "422",
                "429",
                "500",
                "503",
                "sealed",
                "offline",
                "error",
                "problem",
            ]
        )
    },
}

SIGNING = {"form": SecretForm(), "redirect_field": "", "reauthentication_alternatives": []}
KEYED = {
    **SIGNING,
    "js_data": {"request_options": {}},
    "webauthn_form": SecretForm(prefix="key"),
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
}


class KeyForm(forms.Form):
    """The fields that allauth's own forms for passkeys and secrets have."""

    name = forms.CharField(label="Name")
    passwordless = forms.BooleanField(label="Passkey", required=False)
    credential = forms.CharField(widget=forms.HiddenInput)
    secret = "JBSWY3DPEHPK3PXP"


PAGES |= {
    "account/login.html": {
        "passkey": {**SIGNING, "PASSKEY_LOGIN_ENABLED": True},
        "refused": {**SIGNING, "PASSKEY_LOGIN_ENABLED": False, "form": refused()},
    },
    "account/logout.html": {"ask": SIGNING},
    "account/reauthenticate.html": {
        "ask": {
            **SIGNING,
            "reauthentication_alternatives": [{"url": "/key", "description": "Use a passkey"}],
        }
    },
    "account/password_change.html": {"ask": SIGNING},
    "account/password_set.html": {"ask": SIGNING},
    "account/password_reset.html": {"ask": SIGNING},
    "account/password_reset_done.html": {"sent": SIGNING},
    "account/password_reset_from_key.html": {
        "set": {**SIGNING, "token_fail": False, "action_url": "/set"},
        "ended": {**SIGNING, "token_fail": True},
    },
    "account/password_reset_from_key_done.html": {"done": SIGNING},
    "mfa/authenticate.html": {
        "key": {**KEYED, "webauthn_form": KeyForm()},
        "app": {**KEYED, "js_data": None, "MFA_SUPPORTED_TYPES": ["totp"]},
    },
    "mfa/reauthenticate.html": {"app": SIGNING},
    "mfa/webauthn/reauthenticate.html": {"key": {**KEYED, "form": KeyForm()}},
    "mfa/webauthn/add_form.html": {"add": {**KEYED, "form": KeyForm()}},
    "mfa/webauthn/edit_form.html": {"edit": SIGNING},
    "mfa/webauthn/authenticator_confirm_delete.html": {"ask": {"authenticator": "Phone"}},
    "mfa/webauthn/authenticator_list.html": {"none": {"authenticators": []}},
    "mfa/totp/activate_form.html": {
        "scan": {"form": KeyForm(), "totp_svg_data_uri": "/static/simplr/mark.svg"}
    },
    "mfa/totp/deactivate_form.html": {"ask": SIGNING},
    "mfa/recovery_codes/index.html": {
        "once": {
            "unused_codes": ["1f3a-99b2", "77ce-01aa"],
            "total_count": 10,
            "can_view_codes": True,
            "can_download_codes": True,
            "can_generate_codes": True,
            "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        }
    },
    "mfa/recovery_codes/generate.html": {"ask": {**SIGNING, "unused_code_count": 3}},
    "mfa/index.html": {
        "bare": {"authenticators": {"webauthn": [], "totp": None}, "is_mfa_enabled": False}
    },
}
