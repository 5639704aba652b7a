"""Bringing an old version back, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.schemas import PROBLEMS
from simplr.datasets import restoring
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
    if request.verdict.release_id is not None:  # type: ignore[attr-defined]
        raise NotFound
    restored = restoring.restore_version(
        resource_id=resource, version=version, actor=actor_of(request)
    )
    return 201, version_answer(restored)
