"""How the text of a file is read, as the page shows it and asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from simplr.intake.models import Upload
from simplr.intake.posted import WRITTEN
from simplr.intake.rereading import read_now, sayable_of
from simplr_core.tidy.encoding_names import ENCODINGS
from simplr_core.tidy.media_types import DELIMITED

_AS_WORDS = {written: word for word, written in WRITTEN.items()}
_LISTED = (",", ";", "\t", "|", " ", "")


def delimiter_words(dialect: Mapping[str, Any]) -> str:
    """What stands between the cells of a text."""
    delimiter = str(dialect.get("delimiter", ""))
    named = {
        ",": _("comma between cells"),
        ";": _("semicolon between cells"),
        "\t": _("tab between cells"),
        "|": _("bar between cells"),
        " ": _("blank between cells"),
    }
    if dialect.get("cuts"):
        return str(_("columns of fixed width"))
    if not delimiter:
        return str(_("one column"))
    return str(named.get(delimiter) or _("%(delimiter)s between cells") % {"delimiter": delimiter})


def form(
    upload: Upload, tables: Sequence[Mapping[str, Any]], sent: Mapping[str, str]
) -> dict[str, Any] | None:
    """What parts/reading.html asks; None of a file that says itself where its cells are."""
    sayable = sayable_of(upload.understanding)
    if not sayable:
        return None
    known = next((one for one in tables if one.get("media_type") in DELIMITED), {})
    dialect = known.get("dialect") or {}
    said = {
        name: _written(value) for name, value in read_now(upload.understanding).to_json().items()
    }
    chosen = {name: sent.get(f"read-{name}", said.get(name, "")) for name in _NAMES}
    delimiters = [(_written(one), delimiter_words({"delimiter": one})) for one in _LISTED]
    other = sent.get("read-delimiter-other", "")
    if chosen["delimiter"] and chosen["delimiter"] not in dict(delimiters):
        other, chosen["delimiter"] = chosen["delimiter"], ""
    return {
        "of_text": "delimiter" in sayable,
        "encodings": [(name, name.upper()) for name in ENCODINGS],
        "delimiters": delimiters,
        "quotes": [('"', _('double, "')), ("'", _("single, '")), ("none", _("none"))],
        "chosen": chosen,
        "other": other,
        "now": {
            "encoding": str((known.get("encoding") or {}).get("name", "")).upper(),
            "delimiter": delimiter_words(dialect) if dialect else "",
            "quote": str(dialect.get("quote", "")),
            "preamble_rows": dialect.get("preamble_rows"),
            "header_rows": _names_now(dialect) if known else None,
        },
        "is_open": bool(
            said or upload.error_code or any(name.startswith("read-") for name in sent)
        ),
    }


def _names_now(dialect: Mapping[str, Any]) -> int:
    return int(dialect.get("header_rows", 1)) if dialect.get("has_header") else 0


_NAMES = ("encoding", "delimiter", "quote", "preamble_rows", "header_rows")


def _written(value: object) -> str:
    text = str(value)
    return _AS_WORDS.get(text, text)
