"""One's own notices, and whether they come by mail too, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.accounts import notice_queries, notice_services
from simplr.base.actors import actor_of
from simplr.base.entry import person_id_of, signed_in
from simplr.base.paging import USUAL, Page, page_of
from simplr.base.schemas import PROBLEMS, Answer, Strict
from simplr.operations import notices

router = Router(tags=["notices"])


class NoticeAnswer(Answer):
    id: UUID
    code: str
    text: str
    node: UUID
    at: datetime
    read: bool


class NoticePage(Answer):
    items: list[NoticeAnswer]
    next: str | None


class Read(Strict):
    ids: Annotated[list[UUID], Field(max_length=500)] | None = None


class ReadAnswer(Answer):
    read_count: int


class Digest(Strict):
    wanted: bool


class DigestAnswer(Answer):
    wanted: bool


@router.get("/notices", response={200: NoticePage, **PROBLEMS}, operation_id="list_notices")
@signed_in
def list_notices(
    request: HttpRequest, unread: bool = False, cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """What you were told, the newest first: comments, grants, roles, things thrown away."""
    found = notice_queries.notices_of(person_id_of(request), unread=unread)
    page = page_of(found, cursor=cursor, limit=limit)
    items = [
        {
            "id": line["id"],
            "code": line["code"],
            "text": line["text"],
            "node": line["node_id"],
            "at": line["at"],
            "read": line["is_read"],
        }
        for line in notices.lines(actor_of(request), page.items)
    ]
    return Page(items, page.next).answer()


@router.post("/notices/read", response={200: ReadAnswer, **PROBLEMS}, operation_id="read_notices")
@signed_in
def read_notices(request: HttpRequest, body: Read) -> dict[str, Any]:
    """Mark notices as read: those with these ids, or all without any."""
    return {"read_count": notices.read(person_id_of(request), ids=body.ids)}


@router.post("/notices/digest", response={200: DigestAnswer, **PROBLEMS}, operation_id="set_digest")
@signed_in
def set_digest(request: HttpRequest, body: Digest) -> dict[str, Any]:
    """Choose whether a mail says once a day what you have not read. It holds counts only."""
    person = notice_services.choose_digest(
        person_id=person_id_of(request), wanted=body.wanted, actor=actor_of(request)
    )
    return {"wanted": person.wants_daily_mail}
