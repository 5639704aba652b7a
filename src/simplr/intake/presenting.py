"""An upload and what was understood of it, as the pages show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simplr.base.words import size as size_words
from simplr.intake import presenting_reading, presenting_recipes
from simplr.intake.models import Upload, UploadState
from simplr.resources.services import CLASSIFICATIONS

TYPES = [
    ("text", gettext_lazy("text")),
    ("integer", gettext_lazy("whole number")),
    ("decimal", gettext_lazy("number")),
    ("boolean", gettext_lazy("yes or no")),
    ("date", gettext_lazy("date")),
    ("time", gettext_lazy("time")),
    ("datetime", gettext_lazy("date and time")),
    ("category", gettext_lazy("category")),
]
PERSONALS = [
    ("none", gettext_lazy("no")),
    ("indirect", gettext_lazy("indirectly")),
    ("personal", gettext_lazy("directly")),
]
CLASSES = [
    ("public", gettext_lazy("Public")),
    ("internal", gettext_lazy("Internal")),
    ("confidential", gettext_lazy("Confidential")),
    ("restricted", gettext_lazy("Restricted")),
]

_KINDS = {
    "application/vnd.apache.parquet": "Parquet",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": "Excel",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument",
    "text/html": "HTML",
    "application/avro": "Avro",
    "application/vnd.sqlite3": "SQLite",
    "application/json": "JSON",
    "application/x-ndjson": "JSON",
}
_ENDED = {UploadState.FAILED, UploadState.CANCELLED}
_BUSY = {UploadState.RECEIVED, UploadState.UNDERSTANDING, UploadState.KEEPING}
_ICONS = {
    UploadState.UNDERSTOOD: "eye",
    UploadState.FAILED: "warn",
    UploadState.CANCELLED: "no",
    UploadState.KEPT: "ok",
}


def row(upload: Upload) -> dict[str, Any]:
    """One line of the list of files on their way."""
    waits = upload.is_resumable and upload.state == UploadState.RECEIVING
    progress = {"done": upload.received_bytes, "total": upload.size} if waits else upload.progress
    total = progress.get("total")
    return {
        "id": upload.id,
        "name": upload.name,
        "size": upload.size,
        "state": upload.state,
        "icon": _ICONS.get(UploadState(upload.state), "file"),
        "text": _state_words(upload),
        "tone": "bad" if upload.state == UploadState.FAILED else "",
        "progress": progress.get("done", 0) / total if total else None,
        "is_busy": upload.state in _BUSY,
        "waits": waits,
        "may_cancel": _may_cancel(upload),
        "may_retry": False,
    }


def _may_cancel(upload: Upload) -> bool:
    """What arrives by one request is stopped by whoever sends it."""
    if upload.state == UploadState.RECEIVING:
        return upload.is_resumable
    return upload.state not in {*_ENDED, UploadState.KEPT}


def _state_words(upload: Upload) -> str:
    size = size_words(upload.size)
    if upload.is_resumable and upload.state == UploadState.RECEIVING:
        return _("%(done)s of %(size)s arrived. Choose the same file again to go on.") % {
            "done": size_words(upload.received_bytes),
            "size": size,
        }
    texts = {
        UploadState.RECEIVING: _("sealing as it arrives"),
        UploadState.RECEIVED: _("sealed; waits to be understood"),
        UploadState.UNDERSTANDING: _("sealed; being understood"),
        UploadState.UNDERSTOOD: _("%(size)s, understood") % {"size": size},
        UploadState.KEEPING: _("being kept: every column group sealed under its own key"),
        UploadState.KEPT: _("kept"),
        UploadState.FAILED: upload.error_message
        or _("It was not kept. It was cut off before all of it arrived; put it again."),
        UploadState.CANCELLED: _("cancelled; nothing of it is kept"),
    }
    return texts[UploadState(upload.state)]


def put_page(uploads: list[Upload], project: Mapping[str, Any]) -> dict[str, Any]:
    """The page where files are put, without an open understanding."""
    return {
        "project": project,
        "resource": None,
        "folder": None,
        "limit": settings.ENV.upload_limit_bytes,
        "uploads": [row(upload) for upload in uploads],
        "upload": None,
    }


MOST_FIELDS_ON_A_PAGE = 800
"""More fields than a form can hold are corrected on the command line."""


def understanding_page(
    upload: Upload,
    tables: Sequence[Mapping[str, Any]],
    *,
    renewed: list[str] | None = None,
    errors: list[str] | None = None,
    sent: Mapping[str, str] | None = None,
    tried: Mapping[int, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """What parts/understanding.html shows of one upload: each of its tables, or the file it is.

    `renewed` is the path of the one table that becomes a resource's next version, if it does.
    `sent` is what was changed on the page so far; `tried`, by table, what that does.
    """
    sent, tried = sent or {}, tried or {}
    several = len(tables) > 1
    fields = sum(len(known.get("fields", [])) for known in tables)
    shown = [
        {
            **_shown_table(upload, number, known, several=several, sent=sent),
            "is_chosen": f"t{number}-keep" in sent
            if sent
            else renewed is None or renewed == known.get("path"),
            "trial": presenting_recipes.trial(tried[number]) if number in tried else None,
        }
        for number, known in enumerate(tables)
        if known.get("kind") == "table"
    ]
    personal = sum(table["personal_count"] for table in shown)
    return {
        "upload": {
            "id": upload.id,
            "name": upload.name,
            "size": upload.size,
            "kind": "table" if shown else "file",
            "state": upload.state,
        },
        "tables": shown,
        "is_one": not several,
        "may_correct": not several or fields <= MOST_FIELDS_ON_A_PAGE,
        "others": upload.understanding.get("others") or [],
        "kept_count": sum(table["counts"].get("kept", 0) for table in shown),
        "personal_count": personal,
        "note": _("It is kept as it is, sealed, with a preview where that is safe."),
        "notes": upload.understanding.get("notes") or [],
        "types": TYPES,
        "personals": PERSONALS,
        "classifications": [(value, label) for value, label in CLASSES if value in CLASSIFICATIONS],
        "classification": sent.get("classification")
        or ("confidential" if personal else "internal"),
        "title": sent.get("title") or _title(upload),
        "into": _into(upload, sent) if shown else None,
        "reading": presenting_reading.form(upload, tables, sent),
        "errors": errors or ([upload.error_message] if upload.error_code else []),
    }


def _into(upload: Upload, posted: Mapping[str, str]) -> dict[str, Any] | None:
    """The data set that the next version is of, and the ways in which its rows can come in."""
    if upload.resource is None or upload.resource.kind != "dataset":
        return None
    modes = [
        ("replace", _("Take the place of the rows that are there")),
        ("append", _("Stand after the rows that are there")),
        ("upsert", _("Take the places of rows with the same key; new ones stand after them")),
    ]
    return {
        "title": upload.resource.title,
        "modes": modes,
        "mode": posted.get("mode", "replace"),
        "key": posted.get("key", ""),
        "widen": bool(posted.get("widen")),
    }


def _shown_table(
    upload: Upload,
    number: int,
    known: Mapping[str, Any],
    *,
    several: bool,
    sent: Mapping[str, str],
) -> dict[str, Any]:
    prefix = f"t{number}-" if several else ""
    fields = [
        _as_sent(_field(field), sent, f"{prefix}field-{n}-")
        for n, field in enumerate(known.get("fields", []))
    ]
    own = str(known.get("name") or "")
    return {
        "number": number,
        "prefix": prefix,
        "name": own or upload.name,
        "title": sent.get(f"{prefix}title")
        or (f"{_title(upload)}: {own}"[:200] if own and several else _title(upload)),
        "is_open": number == 0,
        "path": " › ".join(known.get("path", [])),
        "notes": known.get("notes", []),
        "misfits": [misfit["text"] for misfit in known.get("misfits", [])],
        "steps": presenting_recipes.steps(known, sent, prefix),
        "added": presenting_recipes.added(sent, prefix),
        "encoding": _encoding(known),
        "format": _format(known),
        "fields": fields,
        "decisions": _decisions(fields),
        "certain": _certain(known, fields),
        "counts": presenting_recipes.counts(known),
        "quarantine": [],
        "personal_count": sum(field["personal"] == "personal" for field in fields),
        "rows": _table(known, fields),
    }


def _encoding(known: Mapping[str, Any]) -> str:
    """The encoding, where there was one to find: of text."""
    media_type = str(known.get("media_type", ""))
    if not media_type.startswith("text/") or media_type == "text/html":
        return ""
    return str((known.get("encoding") or {}).get("name", "")).upper()


def _title(upload: Upload) -> str:
    if upload.resource is not None:
        return upload.resource.title
    stem = upload.name.rsplit(".", 1)[0] or upload.name
    return stem.replace("_", " ").strip()[:200]


def _field(field: Mapping[str, Any]) -> dict[str, Any]:
    unsure = field.get("personal_confidence") not in {None, "certain"}
    evidence = field.get("evidence", "")
    if field["personal"] != "none" and field.get("personal_evidence"):
        evidence = f"{evidence} {field['personal_evidence']}".strip()
    return {
        "name": field["name"],
        "source_name": field.get("source_name", ""),
        "type": field["type"],
        "format": field.get("format", ""),
        "personal": field["personal"],
        "confidence": "check"
        if field["personal"] != "none" and unsure and field.get("confidence") != "check"
        else field.get("confidence", "likely"),
        "evidence": evidence,
        "missing_codes": ", ".join(field.get("missing_codes", [])),
        "unreadable": field.get("unreadable_count", 0),
    }


def _as_sent(field: dict[str, Any], sent: Mapping[str, str], start: str) -> dict[str, Any]:
    """The field as it was corrected on the page so far."""
    words = {"name": "name", "type": "type", "format": "format", "personal": "personal"}
    words["missing_codes"] = "missing"
    said = {key: sent[start + word] for key, word in words.items() if start + word in sent}
    return {**field, **said}


def _decisions(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is worth a look: what is not certain, and what is about people."""
    words = dict(TYPES)
    found = []
    for position, field in enumerate(fields):
        if field["confidence"] == "certain" and field["personal"] == "none":
            continue
        title = (
            _("“%(name)s” is about people") % {"name": field["source_name"] or field["name"]}
            if field["personal"] == "personal"
            else _("“%(name)s” can point to a person")
            % {"name": field["source_name"] or field["name"]}
            if field["personal"] == "indirect"
            else _("“%(name)s” is %(type)s")
            % {"name": field["source_name"] or field["name"], "type": words.get(field["type"], "")}
        )
        found.append(
            {
                "title": title,
                "confidence": field["confidence"],
                "evidence": field["evidence"],
                "at": position,
            }
        )
    order = {"check": 0, "likely": 1, "certain": 2}
    return sorted(found, key=lambda item: order.get(item["confidence"], 1))


def _certain(known: Mapping[str, Any], fields: list[dict[str, Any]]) -> list[str]:
    words = dict(TYPES)
    texts = [
        _("“%(name)s” is %(type)s") % {"name": field["name"], "type": words.get(field["type"], "")}
        for field in fields
        if field["confidence"] == "certain" and field["personal"] == "none"
    ]
    if encoding := _encoding(known):
        texts.insert(0, _("The text is written in %(name)s.") % {"name": encoding})
    return texts


def _format(known: Mapping[str, Any]) -> str:
    if known.get("kind") != "table":
        return str(known.get("media_type", ""))
    media_type = str(known.get("media_type", ""))
    if not media_type.startswith("text/") or media_type == "text/html":
        return _KINDS.get(media_type, media_type)
    return presenting_reading.delimiter_words(known.get("dialect") or {})


def _table(known: Mapping[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    sample = known.get("sample") or {"fields": [], "rows": []}
    types = {field["name"]: field["type"] for field in fields}
    return {
        "fields": [
            {"name": name, "numeric": types.get(name) in {"integer", "decimal"}, "masked": False}
            for name in sample["fields"]
        ],
        "rows": [
            [None if cell is None else str(cell) for cell in cells] for cells in sample["rows"][:8]
        ],
    }
