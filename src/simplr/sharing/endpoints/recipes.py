"""The recipe of a version of a data set."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import anyone
from simplr.base.schemas import PROBLEMS, Answer
from simplr.sharing import recipes

router = Router(tags=["datasets"])


class RecipeAnswer(Answer):
    version: int
    steps: list[dict[str, Any]]
    text: str
    hidden_step_count: int


@router.get(
    "/datasets/{dataset}/recipe",
    response={200: RecipeAnswer, **PROBLEMS},
    operation_id="get_recipe",
)
@anyone(because="view_for asks the one decision, on the data set or on the release that is open")
def get_recipe(
    request: HttpRequest, dataset: UUID, version: str = "", whole: bool = False
) -> dict[str, Any]:
    """The steps that made a version, with what each changed, and the text that makes it again.

    Steps about fields that you may not see are left out; with `whole`, you are refused instead.
    """
    return recipes.recipe_of(
        dataset_id=dataset, version=version, actor=actor_of(request), whole=whole
    )
