"""What did not fit, as pages show it: reasons in words, groups with their addresses, entries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from simplr.sharing.quarantine import EVERYTHING, Wish
from simplr.sharing.views_of_data import DataView

MOST_CELLS = 60
"""Rows of more fields are mended by an edited export, or by program."""

_FORMATS: Mapping[str, tuple[str, ...]] = {
    "integer": ("1,234", "1.234", "1 234", "1.0"),
    "decimal": ("1,5", "1,234.5", "1.234,5", "1 234,5"),
    "boolean": ("yes|no", "true|false", "ja|nein", "oui|non"),
    "date": ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d %b %Y"),
    "time": ("%H:%M:%S", "%H:%M", "%I:%M %p"),
    "datetime": ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p"),
}
"""Formats that a form proposes; any other may be typed."""

LONGEST_FORM = 4_000
LONG = 80
LONGEST_VALUE = 500
"""So many characters of a text are shown; the whole of it is in the export."""


def groups(
    found: Iterable[Mapping[str, Any]], *, dataset_id: UUID, version: str, wish: Wish | None = None
) -> list[dict[str, Any]]:
    """The groups with their reasons in words and the address of their entries."""
    return [
        {
            "count": group["count"],
            "reason": reason_words(group["reason"]),
            "field": group["field"] or "",
            "current": wish is not None
            and (wish.field, wish.reason) == (group["field"] or "", group["reason"]),
            "url": address(
                dataset_id, version, Wish(field=group["field"] or "", reason=group["reason"])
            ),
        }
        for group in found
    ]


def address(dataset_id: UUID, version: str, wish: Wish) -> str:
    """The page of a group's entries."""
    return _with_query(
        reverse("sharing:quarantine", args=[dataset_id]),
        {"version": version, "field": wish.field, "reason": wish.reason},
    )


def formats(dataset_id: UUID, version: str, wish: Wish) -> list[dict[str, str]]:
    """[{label, url}] of the formats in which the API streams what is shown."""
    given = {"version": version, "field": wish.field, "reason": wish.reason}
    where = f"/api/v1/datasets/{dataset_id}/quarantine/file"
    return [
        {"label": label, "url": _with_query(where, {"format": name, **given})}
        for name, label in (("csv", _("CSV")), ("ndjson", _("JSON lines")))
    ]


def _with_query(where: str, given: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{where}?{query}" if query else where


def entries(
    items: Iterable[Mapping[str, Any]], *, hides_rows: bool, names: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The entries. With `hides_rows` the reader may not see the text of whole rows; else they come
    with their cells by the `names` of fields, as far as they are told apart."""
    return [
        {
            "row": item["row"],
            "field": item["field"] or "",
            "value": _shortened(item["raw"]),
            "form": _form(item, names),
            "hidden": item["field"] is None and hides_rows,
            "reason": reason_words(item["reason"]),
            "dropped": bool(item.get("dropped")),
        }
        for item in items
    ]


def _form(item: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """What is written anew by hand: [{name, label, text, is_long}]; nothing where that is too much."""
    raw = item["raw"] or ""
    if len(raw) > LONGEST_FORM:
        return []
    if item["field"] is not None:
        return [_input("value", item["field"], raw)]
    if len(names) > MOST_CELLS:
        return []
    delimiter = max(",;\t|", key=raw.count)
    found = next(csv.reader(io.StringIO(raw), delimiter=delimiter), [])
    texts = [*found, *[""] * len(names)]
    return [_input(f"cell:{name}", name, text) for name, text in zip(names, texts, strict=False)]


def _input(name: str, label: str, text: str) -> dict[str, Any]:
    is_long = len(text) > LONG or "\n" in text or "\r" in text
    return {"name": name, "label": label, "text": text, "is_long": is_long}


def chosen(
    wish: Wish, view: DataView, *, dataset_id: UUID, version: str, hides_rows: bool
) -> dict[str, Any] | None:
    """The group that is shown; its field's type and format where it is one of cells.

    `hidden` where it is of whole rows that the reader may not see, so not his to mend.
    """
    if wish == EVERYTHING:
        return None
    shown = {item.name for item in view.fields}
    field = view.schema[wish.field] if wish.field in shown else None
    return {
        "reason": reason_words(wish.reason) if wish.reason else _("In quarantine"),
        "code": wish.reason,
        "hidden": hides_rows and not wish.field,
        "field": wish.field,
        "type": field.type.value if field else "",
        "format": field.format if field else "",
        "formats": _FORMATS.get(field.type.value, ()) if field else (),
        "all_url": address(dataset_id, version, EVERYTHING),
    }


def is_in(group: Mapping[str, Any], wish: Wish) -> bool:
    """Whether a group is among those asked for."""
    return (not wish.field or group["field"] == wish.field) and (
        not wish.reason or group["reason"] == wish.reason
    )


def _shortened(text: str | None) -> str | None:
    if text is None or len(text) <= LONGEST_VALUE:
        return text
    return text[:LONGEST_VALUE] + "…"


def reason_words(code: str) -> str:
    """Why something did not fit, in words; the code itself where there are none."""
    return _reasons().get(code, code.replace("-", " "))


def _reasons() -> dict[str, str]:
    return {
        "too-few-cells": _("The row has too few cells."),
        "too-many-cells": _("The row has too many cells."),
        "undecodable": _("It holds bytes that are no characters."),
        "comment": _("A line of comment among the rows."),
        "below-the-table": _("A note below the table."),
        "across-columns": _("Text that runs across two columns."),
        "drawn-line": _("A drawn line."),
        "header-again": _("The names of the columns once more."),
        "empty-row": _("No cell of the row holds anything."),
        "total-row": _("A total of other rows."),
        "repeated-row": _("As an earlier row."),
        "key-missing": _("Its key is missing."),
        "key-twice": _("Its key occurs more than once in the file."),
        "key-ambiguous": _("Several rows of the data set have its key."),
        "put-aside": _("It was put aside for what it holds."),
        "not-text": _("No text."),
        "not-integer": _("No whole number."),
        "not-decimal": _("No number."),
        "other-unit": _("A number in another unit than the others, or in none."),
        "not-boolean": _("Neither yes nor no."),
        "not-date": _("No day, as the others are written."),
        "not-time": _("No time of day, as the others are written."),
        "not-datetime": _("No date and time, as the others are written."),
        "not-category": _("No category."),
        "not-representable": _("A value that no type here can hold."),
    }
