"""Features of GeoJSON as records: their properties are the fields, the geometry is WKT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simplr_core.tidy.formats.records import Record, as_text

_DEPTH = {
    "Point": 0,
    "LineString": 1,
    "MultiPoint": 1,
    "Polygon": 2,
    "MultiLineString": 2,
    "MultiPolygon": 3,
}


def as_record(record: Record) -> Record:
    """The record, a feature with its properties on top; everything else as it is."""
    value = record.value
    if not isinstance(value, Mapping) or value.get("type") != "Feature":
        return record
    if "geometry" not in value or not isinstance(value.get("properties") or {}, Mapping):
        return record
    made = {"id": value["id"]} if "id" in value else {}
    made |= value.get("properties") or {}
    name = "geometry" if "geometry" not in made else "feature_geometry"
    return replace(record, value={**made, name: geometry_as_text(value["geometry"])})


def geometry_as_text(geometry: Any) -> str:
    """Well-known text; what is no geometry of GeoJSON stays JSON."""
    if geometry is None:
        return ""
    try:
        return _well_known(geometry)
    except (KeyError, TypeError, ValueError):
        return as_text(geometry)


def _well_known(geometry: Mapping[str, Any]) -> str:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        parts = ", ".join(_well_known(part) for part in geometry["geometries"])
        return f"GEOMETRYCOLLECTION ({parts})" if parts else "GEOMETRYCOLLECTION EMPTY"
    coordinates = geometry["coordinates"]
    has_height = _has_height(coordinates)
    name = f"{kind.upper()}{' Z' if has_height else ''}"
    if not coordinates:
        return f"{name} EMPTY"
    text = _written(coordinates, _DEPTH[kind])
    return f"{name} {text if _DEPTH[kind] else f'({text})'}"


def _has_height(coordinates: Any) -> bool:
    while coordinates and isinstance(coordinates[0], list | tuple):
        coordinates = coordinates[0]
    return len(coordinates) > 2


def _written(coordinates: Any, depth: int) -> str:
    if depth == 0:
        if not all(isinstance(number, int | float) for number in coordinates):
            raise ValueError("a coordinate is a number")
        return " ".join(str(number) for number in coordinates[:3])
    return f"({', '.join(_written(part, depth - 1) for part in coordinates)})"
