"""Releases: make, preview, list."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import PROBLEMS, Answer, LongText, Strict, Title
from simplr.resources import queries as resources
from simplr.sharing import queries, services
from simplr.sharing.views_of_data import condition_of, release_row

router = Router(tags=["releases"])


class ReleaseField(Strict):
    name: Title
    mask: dict[str, Any] = {"kind": "keep"}


class ReleaseDefinition(Strict):
    title: Title = "Preview"
    fields: list[ReleaseField]
    where: LongText = ""
    purpose: LongText = ""
    version: Literal["this", "each-accepted"] = "this"
    version_id: str = ""


class ReleaseAnswer(Answer):
    id: UUID
    dataset: UUID
    title: str
    purpose: str
    fields: list[dict[str, Any]]
    where: str | None
    follows: str
    version: UUID
    version_number: int
    row_count: int | None
    owner: str
    created_at: datetime


class ReleasePage(Answer):
    items: list[ReleaseAnswer]
    next: str | None


class PreviewAnswer(Answer):
    fields: list[str]
    rows: list[list[Any]]
    row_count: int | None
    total: int | None


class NewerVersion(Strict):
    version: str


def release_answer(release: Any, *, condition: bool = False) -> dict[str, Any]:
    """A release as the API shows it; its row condition only to those who manage it."""
    return {
        "id": release.pk,
        "dataset": release.resource_id,
        "title": release.title,
        "purpose": release.purpose,
        "fields": release.fields,
        "where": condition_of(release) if condition else None,
        "follows": release.follows,
        "version": release.version_id,
        "version_number": release.version.number,
        "row_count": release.row_count,
        "owner": release.node.owner.name,
        "created_at": release.created_at,
    }


def _definition(body: ReleaseDefinition) -> services.Definition:
    return services.Definition(
        title=body.title,
        fields=[item.dict() for item in body.fields],
        where=body.where,
        purpose=body.purpose,
        follows=body.version,
        version=body.version_id,
    )


@router.get(
    "/datasets/{dataset}/releases",
    response={200: ReleasePage, **PROBLEMS},
    operation_id="list_releases",
)
@needs("discover", node="dataset")
def list_releases(
    request: HttpRequest, dataset: UUID, cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """The releases of a data set that you may know of."""
    found = queries.releases_visible_to(actor_of(request), resource_id=dataset)
    return page_of(found, cursor=cursor, limit=limit, key="node_id").map(release_answer).answer()


@router.post(
    "/datasets/{dataset}/releases",
    response={201: ReleaseAnswer, **PROBLEMS},
    operation_id="create_release",
)
@needs("manage", node="dataset")
def create_release(
    request: HttpRequest, dataset: UUID, body: ReleaseDefinition
) -> tuple[int, dict[str, Any]]:
    """Make a release: fields, masks, rows. It shows nothing to anybody until it is granted."""
    release = services.create_release(
        dataset_id=dataset,
        definition=_definition(body),
        actor=actor_of(request),
        personal=request.verdict.personal,  # type: ignore[attr-defined]
    )
    return 201, release_answer(release_row(release.pk), condition=True)


@router.post(
    "/datasets/{dataset}/releases/preview",
    response={200: PreviewAnswer, **PROBLEMS},
    operation_id="preview_release",
)
@needs("manage", node="dataset")
def preview_release(request: HttpRequest, dataset: UUID, body: ReleaseDefinition) -> dict[str, Any]:
    """Rows as a grantee would see them, without making the release."""
    found = services.preview(
        dataset_id=dataset,
        definition=_definition(body),
        actor=actor_of(request),
        personal=request.verdict.personal,  # type: ignore[attr-defined]
    )
    return {
        "fields": found.fields,
        "rows": found.rows,
        "row_count": found.row_count,
        "total": found.total,
    }


@router.get(
    "/releases/{release}", response={200: ReleaseAnswer, **PROBLEMS}, operation_id="show_release"
)
@needs("describe", node="release")
def show_release(request: HttpRequest, release: UUID) -> dict[str, Any]:
    """One release: its fields and masks. Its row condition is shown to those who manage it."""
    managed = queries.is_managed_by(actor_of(request), release)
    return release_answer(release_row(release), condition=managed)


@router.post(
    "/releases/{release}/accept",
    response={200: ReleaseAnswer, **PROBLEMS},
    operation_id="accept_version",
)
@needs("manage", node="release")
def accept_version(request: HttpRequest, release: UUID, body: NewerVersion) -> dict[str, Any]:
    """Let a release that follows new versions serve this one from now on."""
    row = release_row(release)
    services.accept_version(
        release_id=release,
        version=resources.version_of(row.resource_id, body.version),
        actor=actor_of(request),
    )
    return release_answer(release_row(release), condition=True)
