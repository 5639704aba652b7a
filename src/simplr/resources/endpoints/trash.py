"""The trash, and doing one thing to several, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.base.actors import actor_of
from simplr.base.entry import signed_in, verdict_on
from simplr.base.paging import USUAL, Page, page_of
from simplr.base.schemas import PROBLEMS, Answer, Strict
from simplr.projects.queries import project_id_of
from simplr.resources import acts, trash_queries

router = Router(tags=["resources"])


class TrashAnswer(Answer):
    id: UUID
    kind: str
    title: str
    project: UUID
    trashed_by: str
    trashed_at: datetime
    until: datetime
    size: int | None


class TrashPage(Answer):
    items: list[TrashAnswer]
    next: str | None


class Act(Strict):
    act: Literal["move", "trash", "bring-back", "erase"]
    ids: Annotated[list[UUID], Field(min_length=1, max_length=acts.MOST)]
    to: UUID | None = None
    wider: bool = False


class OutcomeAnswer(Answer):
    id: UUID
    title: str
    done: bool
    status: int
    code: str
    detail: str


class OutcomesAnswer(Answer):
    items: list[OutcomeAnswer]
    done_count: int
    failed_count: int


@router.get("/trash", response={200: TrashPage, **PROBLEMS}, operation_id="list_trash")
@signed_in
def list_trash(
    request: HttpRequest, project: str = "", cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """What lies in the trash and you may manage: who put it there, and until when it is kept."""
    actor = actor_of(request)
    project_id = project_id_of(project) if project else None
    if project_id is not None:
        # A project that one may not know of is not found, like one that does not exist.
        verdict_on(request, "discover", project_id)
    found = trash_queries.in_trash_of(actor, project_id=project_id)
    page = page_of(found, cursor=cursor, limit=limit, key="node_id")
    items = [_line(line) for line in trash_queries.lines(page.items)]
    return Page(items, page.next).answer()


def _line(line: trash_queries.TrashLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "kind": line.kind,
        "title": line.title,
        "project": line.project_id,
        "trashed_by": line.trashed_by,
        "trashed_at": line.trashed_at,
        "until": line.until,
        "size": line.size,
    }


@router.post("/acts", response={200: OutcomesAnswer, **PROBLEMS}, operation_id="act_on_several")
@signed_in
def act_on_several(request: HttpRequest, body: Act) -> dict[str, Any]:
    """Do one thing to several: `move`, `trash`, `bring-back`, `erase`.

    Each thing is decided for itself and has its own outcome; one that fails stops no other.
    `move` needs `to`, a folder or the project itself; where others would see a thing there it
    answers `move-widens`, until `wider` says that this is meant. `erase` is for owners of the
    project and cannot be undone.
    """
    outcomes = acts.act_on_several(
        act=body.act, ids=body.ids, actor=actor_of(request), to=body.to, wider=body.wider
    )
    done = sum(outcome.is_done for outcome in outcomes)
    return {
        "items": [
            {
                "id": outcome.id,
                "title": outcome.title,
                "done": outcome.is_done,
                "status": outcome.error.status if outcome.error else 200,
                "code": outcome.error.code if outcome.error else "",
                "detail": outcome.error.message if outcome.error else "",
            }
            for outcome in outcomes
        ],
        "done_count": done,
        "failed_count": len(outcomes) - done,
    }
