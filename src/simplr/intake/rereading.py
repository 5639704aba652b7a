"""Having a file read another way than it was recognised: by what a person says of its text.

The file is understood anew from its beginning, with what was said; what it was understood as before
stays until that is done, and comes back where it cannot be read so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.base import events
from simplr.base.actors import Actor
from simplr.intake import tasks
from simplr.intake.models import Upload, UploadState
from simplr.intake.queries import concerns, sees_all_of
from simplr.intake.services import NotReady
from simplr_core.errors import Invalid, NotFound, Refused
from simplr_core.tidy.plans import tables_of
from simplr_core.tidy.read_as import ReadAs
from simplr_core.tidy.recipe.document import read_recipe
from simplr_core.tidy.recipe.proposing import read_as_of


class NoText(Invalid):
    """This file says itself where its cells are. Only delimited text is read in another way."""

    code = "not-delimited-text"


def said_in(given: Mapping[str, Any]) -> ReadAs:
    """What is said of a reading: word by word, or by the step `read` of a `recipe`.

    Raises ReadAsInvalid or RecipeInvalid.
    """
    words = {name: value for name, value in given.items() if name != "recipe"}
    recipe = given.get("recipe")
    by_recipe = ReadAs() if recipe is None else read_as_of(read_recipe(recipe))
    return ReadAs.from_json(words).over(by_recipe)


@transaction.atomic
def read_as(*, upload_id: UUID, said: ReadAs, actor: Actor) -> Upload:
    """Have an understood upload read as `said`; by its own where nothing is. Queues the work.

    Where it is read so already, nothing happens. For those who see all of the file: read otherwise,
    what is hidden would stand in other fields. Raises NotFound, NotReady, NoText or Refused.
    """
    upload = Upload.objects.select_for_update(of=("self",)).filter(pk=upload_id).first()
    if upload is None or not concerns(upload, actor):
        raise NotFound
    if upload.state != UploadState.UNDERSTOOD:
        raise NotReady(state=upload.state)
    if not sees_all_of(upload, actor):
        raise Refused("Only somebody who sees all of a file can have it read in another way.")
    if said == read_now(upload.understanding) and not upload.error_code:
        return upload
    if not may_be_text(upload.understanding):
        raise NoText
    if upload.wanted_as == "file":
        upload.wanted_as = "auto"
    upload.read_as = said.to_json()
    upload.state = UploadState.RECEIVED
    upload.progress = {}
    upload.error_code = upload.error_message = ""
    upload.job_id = tasks.understand.defer(upload_id=str(upload.id))
    upload.save()
    events.record(
        code=events.Event.UPLOAD_READ_AS,
        actor=actor,
        node_id=upload.project_id,
        project_id=upload.project_id,
        subject=("upload", upload.id),
        details={"said": list(said.said)},
    )
    return upload


def read_now(understanding: Mapping[str, Any]) -> ReadAs:
    """What was said of how an upload is read by now."""
    said = (one.get("read_as") for one in tables_of(understanding))
    return ReadAs.from_json(next(filter(None, said), {}))


def may_be_text(understanding: Mapping[str, Any]) -> bool:
    """Whether a file is delimited text, holds one, or is kept as a file that may be one."""
    tables = tables_of(understanding)
    if not tables:
        return True
    return any(one["media_type"] in ("text/csv", "text/tab-separated-values") for one in tables)
