"""The ledger and background jobs, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Query, Router
from pydantic import Field

from simplr.audit import export
from simplr.audit import queries as audit
from simplr.base.actors import actor_of
from simplr.base.entry import administrator, auditor, signed_in
from simplr.base.paging import USUAL
from simplr.base.schemas import Answer, Problem
from simplr.operations import job_services, ledger, ledger_services
from simplr.operations.metrics_endpoints import router as metrics
from simplr.operations.notice_endpoints import router as notices
from simplr.operations.scans import router as scans

router = Router(tags=["ledger"])
router.add_router("", notices)
router.add_router("", metrics)
router.add_router("", scans)
PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 503: Problem}
SCOPE = "ledger:read"


class Named(Answer):
    kind: str
    id: UUID | None
    name: str


class EventAnswer(Answer):
    id: UUID
    seq: int | None
    sealed: bool
    at: datetime
    code: str
    outcome: Literal["ok", "refused", "failed"]
    actor: Named
    token: Named | None
    project: Named | None
    node: Named | None
    subject: Named | None
    request_id: UUID | None
    details: dict[str, Any]


class EventPage(Answer):
    items: list[EventAnswer]
    next: str | None


class Checkpoint(Answer):
    size: int
    at: datetime
    root: str
    text: str


class Checkpoints(Answer):
    items: list[Checkpoint]
    next: str | None


class FindingAnswer(Answer):
    first_bad_seq: int
    reason: str
    is_certain: bool
    proven_size: int
    sentence: str


class VerificationAnswer(Answer):
    ok: bool
    at: datetime
    size: int
    checkpoint_count: int
    checkpoint_size: int
    checkpoint_at: datetime | None
    copy_count: int
    unsealed_count: int
    finding: FindingAnswer | None


class JobAnswer(Answer):
    id: int
    task: str
    status: str
    attempts: int


@router.get("/ledger", response={200: EventPage, **PROBLEMS}, operation_id="list_events")
@signed_in(scope=SCOPE)
def list_events(
    request: HttpRequest,
    node: UUID | None = None,
    actor: UUID | None = None,
    code: Annotated[str, Query(max_length=80)] = "",
    outcome: Literal["", "ok", "refused", "failed"] = "",
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = USUAL,
) -> dict[str, Any]:
    """Who did what, newest first: all of it for auditors, what is theirs for owners."""
    reader = actor_of(request)
    ledger_services.note_reading(actor=reader, node_id=node)
    wanted = ledger.Filter(
        node=node, actor=actor, code=code, outcome=outcome, since=since, until=until
    )
    return ledger.events_page(actor=reader, wanted=wanted, cursor=cursor, limit=limit).answer()


@router.get(
    "/ledger/checkpoints",
    response={200: Checkpoints, **PROBLEMS},
    operation_id="list_checkpoints",
)
@signed_in(scope=SCOPE)
def list_checkpoints(
    request: HttpRequest,
    cursor: Annotated[int | None, Field(ge=0, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = USUAL,
) -> dict[str, Any]:
    """The signed heads, newest first. Keep one: it proves later that nothing before it changed."""
    found = audit.checkpoints_page(before=cursor, limit=limit)
    return {
        "items": [
            {"size": one.size, "at": one.at, "root": bytes(one.root).hex(), "text": one.text}
            for one in found
        ],
        "next": str(found[-1].size) if len(found) == limit else None,
    }


@router.get(
    "/ledger/verify", response={200: VerificationAnswer, **PROBLEMS}, operation_id="verify_ledger"
)
@auditor(scope=SCOPE)
def verify_ledger(request: HttpRequest) -> dict[str, Any]:
    """Recompute all of the ledger and name the first entry that is not what was written."""
    ledger_services.note_reading(actor=actor_of(request), what="verification")
    found = ledger_services.verify_now()
    return {
        "ok": found.whole,
        "finding": audit.problem(found.finding) if found.finding else None,
        **{
            name: getattr(found, name)
            for name in VerificationAnswer.model_fields
            if name not in {"ok", "finding"}
        },
    }


@router.get("/ledger/export", response={200: None, **PROBLEMS}, operation_id="export_ledger")
@auditor(scope=SCOPE)
def export_ledger(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """All entries, leaves, checkpoints, the public key and verify.sh, as one zip."""
    return ledger_download(request)


def ledger_download(request: HttpRequest) -> StreamingHttpResponse:
    """The streamed zip, after its event is written."""
    newest = audit.newest_checkpoint()
    actor = actor_of(request)
    ledger_services.note_export(actor=actor, size=newest.size if newest else 0)
    pieces = ledger_services.while_auditor(export.export_stream(), actor=actor)
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="simplr-ledger.zip"'
    return response


@router.get(
    "/jobs/{job}", response={200: JobAnswer, **PROBLEMS}, operation_id="show_job", tags=["jobs"]
)
@administrator
def show_job(request: HttpRequest, job: int) -> dict[str, Any]:
    """How far a background job is. What a person started is shown on the thing itself."""
    return job_services.job_state(job)


@router.post(
    "/jobs/{job}/cancel",
    response={200: JobAnswer, 409: Problem, **PROBLEMS},
    operation_id="cancel_job",
    tags=["jobs"],
)
@administrator
def cancel_job(request: HttpRequest, job: int) -> dict[str, Any]:
    """Cancel a job that waits; ask one that runs to stop."""
    return job_services.cancel_job(job_id=job)
