"""What files were kept as, for the one document that `put` prints, and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simplr_client.command import layout

if TYPE_CHECKING:
    from simplr_client.resources import Resource
    from simplr_client.upload import Upload

Json = dict[str, Any]


def documents(
    file: str, upload: Upload, resources: list[Resource], columns: list[int | None]
) -> list[Json]:
    """One document for each thing that a file was kept as."""
    results = {str(one["resource"]): one for one in upload.data.get("results") or []}
    counts = columns if len(columns) == len(resources) else [None] * len(resources)
    return [
        _document(file, upload, resource, results.get(resource.id, {}), count)
        for resource, count in zip(resources, counts, strict=True)
    ]


def _document(
    file: str, upload: Upload, resource: Resource, result: Json, columns: int | None
) -> Json:
    field_count = result.get("field_count")
    counts = result.get("counts") or upload.data.get("counts") or {}
    left_out = columns - field_count if columns and field_count else 0
    if counts.get("made"):
        left_out = 0  # unpivoted: its columns are rows
    return {
        "file": file,
        "table": " › ".join(result.get("table_path") or []),
        "id": resource.id,
        "kind": resource.kind,
        "title": resource.title,
        "row_count": resource.data.get("row_count"),
        "field_count": field_count,
        "columns_left_out": left_out,
        "rows_in": counts.get("in"),
        "rows_made": counts.get("made", 0),
        "rows_quarantined": counts.get("quarantined_rows"),
        "cells_quarantined": counts.get("quarantined_cells"),
        "size": resource.data.get("size"),
        "upload": upload.data,
    }


def table(done: list[Json]) -> str:
    rows = [
        (
            f"{one['file']}: {one['table']}" if one.get("table") else one["file"],
            one.get("kind") or "not kept",
            layout.number(one.get("row_count")),
            layout.number(one.get("field_count")),
            layout.number(one.get("rows_quarantined")),
            layout.size(one.get("size")),
            one.get("id"),
        )
        for one in done
    ]
    headings = ("file", "kept as", "rows", "fields", "aside", "size", "id")
    return layout.table(headings, rows, right=["rows", "fields", "aside", "size"])
