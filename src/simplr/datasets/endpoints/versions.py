"""Bringing an old version back, and what tells the rows of one apart, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.schemas import PROBLEMS, Answer
from simplr.datasets import presenting, restoring, structures
from simplr.resources import queries as resources
from simplr.resources.endpoints.resources import VersionAnswer, version_answer
from simplr_core.errors import NotFound

router = Router(tags=["resources"])


@router.post(
    "/resources/{resource}/versions/{version}/restore",
    response={201: VersionAnswer, **PROBLEMS},
    operation_id="restore_version",
)
@needs("write", node="resource")
def restore_version(
    request: HttpRequest, resource: UUID, version: str
) -> tuple[int, dict[str, Any]]:
    """Make an old version, by its number or id, the newest once more. None is lost by that."""
    verdict = request.verdict  # type: ignore[attr-defined]
    if verdict.release_id is not None:
        raise NotFound
    restored = restoring.restore_version(
        resource_id=resource, version=version, actor=actor_of(request)
    )
    return 201, version_answer(restored, personal=verdict.personal)


class StructureAnswer(Answer):
    version: int
    is_known: bool
    is_whole: bool
    keys: list[list[str]]
    dependencies: list[dict[str, str]]


@router.get(
    "/datasets/{dataset}/structure",
    response={200: StructureAnswer, **PROBLEMS},
    operation_id="get_structure",
)
@needs("describe", node="dataset")
def get_structure(request: HttpRequest, dataset: UUID, version: str = "") -> dict[str, Any]:
    """Which fields tell the rows of a version apart, and which follow from which."""
    verdict = request.verdict  # type: ignore[attr-defined]
    if verdict.release_id is not None:
        raise NotFound
    presenting.dataset_of(dataset)
    row = resources.version_of(dataset, version)
    found = structures.structure_for(row, personal=verdict.personal)
    return {
        "version": row.number,
        "is_known": found.is_known,
        "is_whole": found.is_whole,
        "keys": found.keys,
        "dependencies": found.dependencies,
    }
