"""Descriptions, rows, samples and profiles of a data set, each through its view."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router

from simplr.base import ranges
from simplr.base.actors import actor_of
from simplr.base.entry import anyone
from simplr.base.schemas import PROBLEMS, Answer, Problem
from simplr.sharing import delivery, describing
from simplr.sharing.views_of_data import view_for

router = Router(tags=["datasets"])

_BY_VIEW = "view_for asks the one decision, on the data set or on the release that is open"


class FieldAnswer(Answer):
    name: str
    title: str
    meaning: str
    type: str
    arrow: str
    r_class: str
    personal: str
    mask: str
    missing: int | None
    distinct: int | None


class DatasetAnswer(Answer):
    id: UUID
    project: UUID
    title: str
    description: str
    classification: str
    version: UUID
    version_number: int
    release: UUID | None
    release_title: str | None
    row_count: int | None
    rows_in: int | None
    rows_made: int | None
    rows_quarantined: int | None
    cells_quarantined: int | None
    fields: list[FieldAnswer]
    created_at: datetime


class SchemaAnswer(Answer):
    fields: list[FieldAnswer]


class SampleAnswer(Answer):
    fields: list[str]
    rows: list[list[Any]]
    row_count: int | None
    total: int | None


@router.get(
    "/datasets/{dataset}", response={200: DatasetAnswer, **PROBLEMS}, operation_id="show_dataset"
)
@anyone(because=_BY_VIEW)
def show_dataset(
    request: HttpRequest, dataset: UUID, release: str = "", version: str = ""
) -> dict[str, Any]:
    """A data set as you may see it: its fields, counts and version."""
    view = view_for(
        actor_of(request), dataset_id=dataset, action="describe", release=release, version=version
    )
    return describing.dataset(view)


@router.get(
    "/datasets/{dataset}/schema",
    response={200: SchemaAnswer, **PROBLEMS},
    operation_id="get_schema",
)
@anyone(because=_BY_VIEW)
def get_schema(
    request: HttpRequest, dataset: UUID, release: str = "", version: str = ""
) -> dict[str, Any]:
    """Names and types of the fields as they leave, with the classes of R."""
    view = view_for(
        actor_of(request), dataset_id=dataset, action="describe", release=release, version=version
    )
    return {"fields": describing.fields(view)}


@router.get(
    "/datasets/{dataset}/rows",
    response={200: None, 206: None, 416: Problem, **PROBLEMS},
    operation_id="get_rows",
)
@anyone(because=_BY_VIEW)
def get_rows(
    request: HttpRequest,
    dataset: UUID,
    format: str = "csv",  # noqa: A002 - the word that users know
    release: str = "",
    version: str = "",
    fields: str = "",
    where: str = "",
    sort: str = "",
    limit: int | None = None,
    offset: int = 0,
    exact: bool = False,
) -> HttpResponseBase:
    """Stream rows as csv, tsv, linear-tsv, ndjson, parquet or arrow.

    A transfer that breaks is not complete. The same question makes the same bytes: with `Range`
    (and `If-Range`) it goes on after a break. `exact` leaves texts that a spreadsheet would run as
    they are; in linear-tsv it writes decimals to the bit, too, in the hexadecimal notation of C.
    """
    actor = actor_of(request)
    view = view_for(actor, dataset_id=dataset, action="download", release=release, version=version)
    sent = delivery.deliver(
        view=view,
        format_=format,
        wish=delivery.Wish(
            fields=[name.strip() for name in fields.split(",")] if fields else None,
            where=where,
            sort=sort,
            limit=limit,
            offset=offset,
            exact=exact,
        ),
        actor=actor,
        asked=ranges.asked_range(request),
    )
    response = StreamingHttpResponse(sent.chunks, content_type=sent.media_type)
    ranges.describe(response, tag=sent.tag, bounds=sent.bounds, size=sent.size)
    name = f"{view.resource.title}.{sent.ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.get(
    "/datasets/{dataset}/sample",
    response={200: SampleAnswer, **PROBLEMS},
    operation_id="get_sample",
)
@anyone(because=_BY_VIEW)
def get_sample(
    request: HttpRequest,
    dataset: UUID,
    release: str = "",
    version: str = "",
    fields: str = "",
    where: str = "",
    sort: str = "",
    limit: int = 50,
    offset: int = 0,
) -> dict[str, Any]:
    """Some rows, as values."""
    actor = actor_of(request)
    view = view_for(actor, dataset_id=dataset, action="read", release=release, version=version)
    found = delivery.sample(
        view=view,
        actor=actor,
        limit=limit,
        offset=offset,
        wish=delivery.Wish(
            fields=[name.strip() for name in fields.split(",")] if fields else None,
            where=where,
            sort=sort,
        ),
    )
    return {
        "fields": found.fields,
        "rows": found.rows,
        "row_count": found.row_count,
        "total": found.total,
    }


@router.get(
    "/datasets/{dataset}/profile",
    response={200: dict[str, Any], **PROBLEMS},
    operation_id="get_profile",
)
@anyone(because=_BY_VIEW)
def get_profile(request: HttpRequest, dataset: UUID, version: str = "") -> dict[str, Any]:
    """Range, quantiles, frequent values and shape of each field that you may see as it is."""
    actor = actor_of(request)
    view = view_for(actor, dataset_id=dataset, action="read", version=version)
    return describing.profile(view, actor=actor)
