"""The quality score of a data set, for programs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import anyone
from simplr.base.schemas import PROBLEMS, Answer
from simplr.sharing import quality
from simplr_core.quality import Part

router = Router(tags=["datasets"])


class CostAnswer(Answer):
    field: str
    amiss: int
    of: int


class PartAnswer(Answer):
    dimension: str
    points: float | None
    amiss: int
    of: int
    why: str
    fields: list[CostAnswer]


class QualityAnswer(Answer):
    points: float | None
    parts: list[PartAnswer]
    field_count: int
    hidden_field_count: int


@router.get(
    "/datasets/{dataset}/quality",
    response={200: QualityAnswer, **PROBLEMS},
    operation_id="get_quality",
)
@anyone(because="view_for asks the one decision, on the data set or on the release that is open")
def get_quality(request: HttpRequest, dataset: UUID, version: str = "") -> dict[str, Any]:
    """The quality score over the fields that you may see, its parts, and what costs each of them."""
    found = quality.quality_of(actor_of(request), dataset_id=dataset, version=version)
    return {
        "points": found.score.points,
        "parts": [_part(part) for part in found.score.parts],
        "field_count": found.field_count,
        "hidden_field_count": found.hidden_count,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "dimension": part.dimension.value,
        "points": part.points,
        "amiss": part.amiss,
        "of": part.of,
        "why": part.why,
        "fields": [
            {"field": cost.field, "amiss": cost.amiss, "of": cost.of} for cost in part.costs
        ],
    }
