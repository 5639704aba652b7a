"""Rows as the tag `cells` shows them, and the ways to take them along."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _

from simplr.base.numbers import whole_number
from simplr.sharing.delivery import Sample

ROWS = 50
_NUMERIC = {"integer", "decimal"}


def table_of(sample: Sample, *, most: int | None = None) -> dict[str, Any]:
    """Fields and rows of a sample."""
    return {
        "fields": [
            {"name": name, "numeric": type_ in _NUMERIC, "masked": mask != "keep"}
            for name, type_, mask in zip(sample.fields, sample.types, sample.masks, strict=True)
        ],
        "rows": sample.rows[:most],
    }


def offset_in(cursor: str) -> int:
    """Where a page of rows begins; nought for anything that is no such place."""
    return whole_number(cursor) or 0


def foot_of(*, found: int, offset: int, total: int | None) -> dict[str, Any]:
    """The foot of a page of rows, of which one more than shown was asked for."""
    shown = min(found, ROWS)
    return {
        "shown": shown,
        "total": total,
        "about": False,
        "next": str(offset + shown) if found > ROWS else None,
        "first": offset == 0,
    }


def formats(
    dataset_id: UUID, *, release_id: UUID | None = None, version: str = "", where: str = ""
) -> list[dict[str, str]]:
    """[{label, url}] of the formats that the API streams; a session opens them too."""
    given = {"release": str(release_id or ""), "version": version, "where": where}
    query = {name: value for name, value in given.items() if value}
    return [
        {
            "label": label,
            "url": f"/api/v1/datasets/{dataset_id}/rows?" + urlencode({"format": name, **query}),
        }
        for name, label in (
            ("csv", _("CSV")),
            ("parquet", _("Parquet")),
            ("ndjson", _("JSON lines")),
            ("arrow", _("Arrow")),
        )
    ]
