"""Background work on data sets: finding out what tells the rows of a version apart."""

from __future__ import annotations

from uuid import UUID

from simplr.base.jobs import Patient, app


@app.task(name="datasets.find_structure", retry=Patient())
def find_structure(version_id: str) -> None:
    """Find the keys of a version and note them, unless they are known or the version is gone."""
    from simplr.datasets import structures

    structures.find(UUID(version_id))
