"""Correcting what a field means, for programs. Values leave through sharing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.schemas import PROBLEMS, Answer, LongText, Strict, Title
from simplr.datasets import services
from simplr.resources import queries as resources

router = Router(tags=["datasets"])


class FieldChanges(Strict):
    personal: str | None = None
    meaning: LongText | None = None
    title: Title | None = None


class ChangedField(Answer):
    name: str
    title: str
    meaning: str
    type: str
    personal: str


@router.patch(
    "/datasets/{dataset}/fields/{name}",
    response={200: ChangedField, **PROBLEMS},
    operation_id="change_field",
)
@needs("write", node="dataset")
def change_field(
    request: HttpRequest, dataset: UUID, name: str, body: FieldChanges
) -> dict[str, Any]:
    """Say what a field means, or whether it is about persons. The newest version is corrected."""
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
    }
