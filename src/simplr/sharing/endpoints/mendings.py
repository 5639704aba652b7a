"""Mending what did not fit, for programs: by rule, by hand, and by an export that was edited."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.schemas import PROBLEMS, Answer, ShortText, Strict
from simplr.sharing import mending as mendings

router = Router(tags=["datasets"])

Cell = Annotated[str, Field(max_length=65_536)]


class ChangeBody(Strict):
    do: Literal["replace", "missing", "type", "empty", "drop", "write"]
    field: ShortText | None = None
    reason: ShortText | None = None
    row: Annotated[int, Field(ge=1)] | None = None
    value: Cell | None = None
    by: Cell | None = None
    codes: Annotated[list[ShortText], Field(max_length=1000)] | None = None
    type: ShortText | None = None
    format: ShortText | None = None
    cells: dict[str, Cell] | None = None


class MendingBody(Strict):
    changes: Annotated[list[ChangeBody], Field(min_length=1, max_length=1000)]
    version: ShortText = ""


class SampleAnswer(Answer):
    row: int
    field: str | None
    before: str | None
    after: str | list[str | None] | None
    fate: str


class TallyAnswer(Answer):
    matched: int
    mended: int
    missing: int
    dropped: int
    left: int
    samples: list[SampleAnswer]


class PreviewAnswer(Answer):
    changes: list[TallyAnswer]


class MendingAnswer(Answer):
    id: UUID
    state: str
    earlier: int
    version: int | None
    changes: dict[str, int]
    rows_kept: int | None
    rows_quarantined: int | None
    cells_quarantined: int | None
    progress: dict[str, Any]
    error: dict[str, str] | None


_ANSWERS: dict[int, Any] = {200: PreviewAnswer, 201: MendingAnswer, 202: MendingAnswer, **PROBLEMS}


@router.post("/datasets/{dataset}/mendings", response=_ANSWERS, operation_id="mend_quarantine")
@needs("write", node="dataset")
def mend_quarantine(
    request: HttpRequest, dataset: UUID, body: MendingBody, preview: bool = False
) -> tuple[int, dict[str, Any]]:
    """Mend what did not fit: what fits now comes back in its place, in the next version.

    Each change is of the entries of a `field`, a `reason` or both, or of the one of a `row`. `replace`
    (`value`, `by`), `missing` (`codes`) and `type` (`format`) are steps of the recipe and hold for the next file
    too. `empty` says that the cells are missing, `drop` that they stay in quarantine for good,
    `write` what stands in one cell (`value`) or row (`cells`). With `preview`, only say what would
    fit. 202: it is being written; ask for it by its id.
    """
    changes = [one.model_dump(exclude_none=True) for one in body.changes]
    asked = mendings.Asked(changes=changes)
    return _done(request, dataset, asked, version=body.version, preview=preview)


@router.post("/datasets/{dataset}/mendings/file", response=_ANSWERS, operation_id="mend_by_file")
@needs("write", node="dataset")
def mend_by_file(
    request: HttpRequest,
    dataset: UUID,
    format: Literal["csv", "ndjson"] = "csv",  # noqa: A002 - the word that users know
    version: str = "",
    preview: bool = False,
) -> tuple[int, dict[str, Any]]:
    """Bring back an export that was edited; the body is the file.

    What stands under `mended` is written: the text of a cell, or of a whole row its cells in the
    order of the fields, with commas between them. `do` may say `empty` or `drop` instead. Lines in
    which both are empty change nothing.
    """
    asked = mendings.Asked(edited=format, body=request)
    return _done(request, dataset, asked, version=version, preview=preview)


def _done(
    request: HttpRequest, dataset: UUID, asked: mendings.Asked, *, version: str, preview: bool
) -> tuple[int, dict[str, Any]]:
    actor = actor_of(request)
    view = mendings.seen_by(actor, dataset_id=dataset, version=version)
    if preview:
        return 200, {"changes": mendings.preview(view, asked, actor=actor)}
    row = mendings.begin(view, asked, actor=actor)
    status = 202 if row.state == "waiting" else 201
    return status, mendings.document(row, personal=view.personal, actor=actor)


@router.get(
    "/datasets/{dataset}/mendings/{mending}",
    response={200: MendingAnswer, **PROBLEMS},
    operation_id="show_mending",
)
@needs("write", node="dataset")
def show_mending(request: HttpRequest, dataset: UUID, mending: UUID) -> dict[str, Any]:
    """A mending that was asked for: `state` is waiting, ready or failed."""
    return _document(_found(request, dataset, mending), request)


@router.delete(
    "/datasets/{dataset}/mendings/{mending}",
    response={200: MendingAnswer, **PROBLEMS},
    operation_id="cancel_mending",
)
@needs("write", node="dataset")
def cancel_mending(request: HttpRequest, dataset: UUID, mending: UUID) -> dict[str, Any]:
    """Stop a mending that is being written. One that has ended stays as it is."""
    row = _found(request, dataset, mending)
    mendings.cancel(row)
    return _document(row, request)


def _found(request: HttpRequest, dataset: UUID, mending_id: UUID) -> Any:
    return mendings.mending_for(actor_of(request), dataset_id=dataset, mending_id=mending_id)


def _document(row: Any, request: HttpRequest) -> dict[str, Any]:
    verdict = request.verdict  # type: ignore[attr-defined]
    return mendings.document(row, personal=verdict.personal, actor=actor_of(request))
