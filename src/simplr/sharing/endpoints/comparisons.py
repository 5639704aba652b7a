"""Comparing two versions, for programs."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.schemas import PROBLEMS, Answer, Name, Strict
from simplr.sharing import comparing

router = Router(tags=["datasets"])

VersionName = Annotated[str, Field(min_length=1, max_length=40)]


class Comparing(Strict):
    before: VersionName
    after: VersionName
    key: Annotated[list[Name], Field(max_length=20)] | None = None


class ComparisonAnswer(Answer):
    id: UUID
    state: str
    before: int
    after: int
    key: list[str]
    error: dict[str, str] | None
    result: dict[str, Any] | None


@router.post(
    "/datasets/{dataset}/comparisons",
    response={200: ComparisonAnswer, 202: ComparisonAnswer, **PROBLEMS},
    operation_id="compare_versions",
)
@needs("read", node="dataset")
def compare_versions(
    request: HttpRequest, dataset: UUID, body: Comparing
) -> tuple[int, dict[str, Any]]:
    """What changed from one version to another, in the fields that you may see of both.

    `key` names the fields that tell rows apart; an empty list compares whole rows; without it a
    key is suggested. 202: it is being made; ask for it by its id.
    """
    actor = actor_of(request)
    seen = comparing.seen_by(actor, dataset_id=dataset, before=body.before, after=body.after)
    row = comparing.comparison_of(seen, key=body.key)
    answer = comparing.document(row, comparing.reading(row, actor=actor))
    return (202 if row.state == "waiting" else 200), answer


@router.get(
    "/datasets/{dataset}/comparisons/{comparison}",
    response={200: ComparisonAnswer, **PROBLEMS},
    operation_id="show_comparison",
)
@needs("read", node="dataset")
def show_comparison(request: HttpRequest, dataset: UUID, comparison: UUID) -> dict[str, Any]:
    """A comparison that you asked for: `state` is waiting, ready or failed."""
    actor = actor_of(request)
    row = comparing.comparison_for(actor, dataset_id=dataset, comparison_id=comparison)
    return comparing.document(row, comparing.reading(row, actor=actor))
