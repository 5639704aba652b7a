"""What the API and the pages say of a data set, made from a view and nothing else."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from simplr.base import events
from simplr.base.actors import Actor
from simplr.datasets import queries as datasets
from simplr.sharing import delivery
from simplr.sharing.views_of_data import DataView, release_row
from simplr_core.privacy import masks


def fields(view: DataView) -> list[dict[str, Any]]:
    """Each shown field with its type as it leaves. Counts only where no mask stands before them."""
    rows = {row.name: row for row in datasets.fields_of(view.version)}
    whole = view.release_id is None
    shown = []
    for item, field in zip(view.fields, view.shown_schema, strict=True):
        row = rows[item.name]
        shown.append(
            {
                "name": field.name,
                "title": row.title,
                "meaning": row.meaning,
                "type": field.type.value,
                "arrow": str(field.arrow_type()),
                "r_class": field.r_class(),
                "personal": field.personal.value,
                "mask": "" if isinstance(item.mask, masks.Keep) else item.mask.kind,
                "missing": row.missing_count if whole else None,
                "distinct": row.distinct_count if whole else None,
            }
        )
    return shown


def dataset(view: DataView) -> dict[str, Any]:
    """The data set as this view shows it."""
    version = view.version
    whole = view.release_id is None
    release = release_row(view.release_id) if view.release_id else None
    return {
        "id": view.resource.pk,
        "project": view.resource.project_id,
        "title": view.resource.title,
        "description": release.purpose if release else view.resource.description,
        "classification": view.resource.node.classification,
        "version": version.pk,
        "version_number": version.number,
        "release": view.release_id,
        "release_title": release.title if release else None,
        "row_count": release.row_count if release else version.rows_kept,
        "rows_in": version.rows_in if whole else None,
        "rows_made": version.rows_made if whole else None,
        "rows_quarantined": version.rows_quarantined if whole else None,
        "cells_quarantined": datasets.cells_aside(version, personal=view.personal)
        if whole
        else None,
        "fields": fields(view),
        "created_at": version.created_at,
    }


def profile(view: DataView, *, actor: Actor, names: list[str] | None = None) -> dict[str, Any]:
    """The profiles of the fields that the view shows as they are, or some of them. Recorded."""
    with transaction.atomic():
        events.record(
            code=events.Event.PROFILE_READ,
            actor=actor,
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=("version", view.version.pk),
        )
    return delivery.profile_of(view, names=names)
