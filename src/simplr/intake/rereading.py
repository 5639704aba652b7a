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
from simplr_core.tidy.media_types import DELIMITED, WORKBOOKS
from simplr_core.tidy.plans import tables_of
from simplr_core.tidy.read_as import AS_RECOGNISED, SAYABLE, ReadAs
from simplr_core.tidy.recipe.document import read_recipe
from simplr_core.tidy.recipe.proposing import read_as_of


class NotSayable(Invalid):
    """A file of this kind says itself where its cells are: of a workbook rows alone can be said."""

    code = "not-sayable"


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
    what is hidden would stand in other fields. Raises NotFound, NotReady, NotSayable or Refused.
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
    if unsayable := [name for name in said.said if name not in sayable_of(upload.understanding)]:
        raise NotSayable(fields=unsayable)
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
    """What was said of how an upload is read by now: of a sheet less can be said than of a text."""
    found = AS_RECOGNISED
    for one in tables_of(understanding):
        found = ReadAs.from_json(one.get("read_as") or {}).over(found)
    return found


def sayable_of(understanding: Mapping[str, Any]) -> tuple[str, ...]:
    """What can be said of how a file is read: all of delimited text, or what may be some; of the
    sheets of a workbook the rows above and the rows of names."""
    tables = tables_of(understanding)
    kinds = {one["media_type"] for one in tables}
    if not tables or kinds & DELIMITED:
        return SAYABLE
    return ("preamble_rows", "header_rows") if kinds & WORKBOOKS else ()
