"""The recipe of a version, as one reader may see it."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.sharing.views_of_data import DataView, view_for
from simplr.vault import services as vault
from simplr_core.errors import NotFound, Refused


class RecipeNotWhole(Refused):
    """Some of its steps are about fields that you may not see. Ask somebody who sees all fields."""

    code = "recipe-not-whole"


def recipe_of(
    *, dataset_id: UUID, version: str, actor: Actor, whole: bool = False
) -> dict[str, Any]:
    """The steps that made a version, with what each changed. Recorded.

    Steps about fields that the reader may not see are left out by the child that unseals it; with
    `whole` it is refused instead. Raises NotFound, Refused or RecipeNotWhole.
    """
    view = view_for(actor, dataset_id=dataset_id, action="read", version=version)
    found = _opened(view)
    if whole and found["hidden_step_count"]:
        raise RecipeNotWhole(steps=found["hidden_step_count"])
    with transaction.atomic():
        events.record(
            code=events.Event.RECIPE_READ,
            actor=actor,
            node_id=dataset_id,
            project_id=view.resource.project_id,
            subject=("version", view.version.pk),
        )
    return found


def _opened(view: DataView) -> dict[str, Any]:
    if view.release_id is not None:
        raise Refused("The recipe is not part of a release.")
    if view.version.recipe_id is None:
        raise NotFound("This version was kept before versions had recipes.")
    shown = None if view.personal else [one.name for one in view.fields]
    item = vault.open_object(view.version.recipe_id)
    descriptor = item.open()
    try:
        with children.start(
            job="simplr_core.tidy.jobs:open_recipe",
            arguments={"recipe": item.for_child(), "show": shown},
            files={"recipe": descriptor},
        ) as child:
            return dict(child.finish())
    finally:
        os.close(descriptor)
