"""Correcting what is said of a field, for programs. Values leave through sharing."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.schemas import PROBLEMS, Answer, LongText, ShortText, Strict, Title
from simplr.datasets import dictionary_services as services
from simplr.resources import queries as resources
from simplr_core.tables.dictionary.entries import LONGEST_UNIT, MOST_VALUES

router = Router(tags=["datasets"])


class Allowed(Strict):
    value: ShortText
    label: ShortText = ""


class FieldChanges(Strict):
    personal: str | None = None
    meaning: LongText | None = None
    title: Title | None = None
    unit: Annotated[ShortText, Field(max_length=LONGEST_UNIT)] | None = None
    key: bool | None = None
    values: Annotated[list[Allowed], Field(max_length=MOST_VALUES)] | None = None
    minimum: ShortText | None = None
    maximum: ShortText | None = None
    pattern: LongText | None = None


class ChangedField(Answer):
    name: str
    title: str
    meaning: str
    type: str
    personal: str
    unit: str
    key: bool


@router.patch(
    "/datasets/{dataset}/fields/{name}",
    response={200: ChangedField, **PROBLEMS},
    operation_id="change_field",
)
@needs("write", node="dataset")
def change_field(
    request: HttpRequest, dataset: UUID, name: str, body: FieldChanges
) -> dict[str, Any]:
    """Say what a field means, what its values may be, or whether it is about persons.

    The newest version is corrected.
    """
    field = services.change_field(
        version=resources.version_of(dataset),
        name=name,
        changes=body.dict(),
        actor=actor_of(request),
    )
    return {
        "name": field.name,
        "title": field.title,
        "meaning": field.meaning,
        "type": field.type,
        "personal": field.personal,
        "unit": field.unit,
        "key": field.is_key,
    }
