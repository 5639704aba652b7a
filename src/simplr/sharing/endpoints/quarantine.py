"""What did not fit of a data set, for programs: by group, some at a time, and as a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.schemas import PROBLEMS, Answer
from simplr.sharing import quarantine

router = Router(tags=["datasets"])


class EntryAnswer(Answer):
    row: int
    kept_row: int | None
    field: str | None
    reason: str
    raw: str | None
    dropped: bool = False


class QuarantineAnswer(Answer):
    items: list[EntryAnswer]
    total: int | None
    next: str | None


class GroupAnswer(Answer):
    field: str | None
    reason: str
    count: int


class GroupsAnswer(Answer):
    groups: list[GroupAnswer]
    total: int


@router.get(
    "/datasets/{dataset}/quarantine",
    response={200: QuarantineAnswer, **PROBLEMS},
    operation_id="get_quarantine",
)
@needs("write", node="dataset")
def get_quarantine(
    request: HttpRequest,
    dataset: UUID,
    version: str = "",
    cursor: str = "",
    limit: int = 100,
    field: str = "",
    reason: str = "",
) -> dict[str, Any]:
    """Rows and cells that did not fit, with the reason: all, or those of a field or reason.

    Cells of fields that are hidden from you are not among them; rows come without their text then.
    """
    return quarantine.page_of(
        dataset_id=dataset,
        version=version,
        cursor=cursor,
        limit=limit,
        actor=actor_of(request),
        wish=quarantine.Wish(field=field, reason=reason),
    )


@router.get(
    "/datasets/{dataset}/quarantine/groups",
    response={200: GroupsAnswer, **PROBLEMS},
    operation_id="list_quarantine_groups",
)
@needs("write", node="dataset")
def list_quarantine_groups(
    request: HttpRequest, dataset: UUID, version: str = ""
) -> dict[str, Any]:
    """How many rows and cells did not fit, by field and reason. Whole rows have no field."""
    return quarantine.groups_of(dataset_id=dataset, version=version, actor=actor_of(request))


@router.get(
    "/datasets/{dataset}/quarantine/file",
    response={200: None, **PROBLEMS},
    operation_id="export_quarantine",
)
@needs("write", node="dataset")
def export_quarantine(
    request: HttpRequest,
    dataset: UUID,
    format: str = "csv",  # noqa: A002 - the word that users know
    version: str = "",
    field: str = "",
    reason: str = "",
    exact: bool = False,
) -> HttpResponseBase:
    """Stream what did not fit as csv or ndjson. A transfer that breaks is not complete."""
    view, sent = quarantine.export(
        dataset_id=dataset,
        version=version,
        format_=format,
        wish=quarantine.Wish(field=field, reason=reason),
        exact=exact,
        actor=actor_of(request),
    )
    response = StreamingHttpResponse(sent.chunks, content_type=sent.media_type)
    name = f"{view.resource.title} quarantine.{sent.ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response
