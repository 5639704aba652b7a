"""Requests for access: ask, list, answer, withdraw."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from simplr.access import asking
from simplr.base.actors import actor_of
from simplr.base.entry import check_scope, needs, person_id_of, signed_in
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import PROBLEMS, Answer, AwareTime, LongText, Strict
from simplr.sharing import answering, queries
from simplr_core.access import Action

router = Router(tags=["requests"])

ReadWord = Literal["describe", "read", "download"]
Words = Annotated[list[ReadWord], Field(min_length=1, max_length=3)]


class NewRequest(Strict):
    purpose: LongText
    actions: Words = ["download"]
    until: AwareTime | None = None


class RequestAnswer(Strict):
    """Yes, with what is granted, or no, with the reason."""

    grant: bool
    release: UUID | None = None
    actions: Words | None = None
    until: AwareTime | None = None
    reason: LongText = ""


class RequestShown(Answer):
    id: UUID
    node: UUID
    node_title: str
    person: UUID
    person_name: str
    organisation: str
    purpose: str
    actions: list[str]
    until: datetime | None
    state: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str
    reason: str
    grant: UUID | None
    may_answer: bool


class RequestPage(Answer):
    items: list[RequestShown]
    next: str | None = None


def request_answer(asked: Any, title: str, *, may_answer: bool) -> dict[str, Any]:
    """A request as the API shows it to who asked and to who answers."""
    purpose, reason = asking.texts_of(asked)
    return {
        "id": asked.pk,
        "node": asked.node_id,
        "node_title": title,
        "person": asked.person_id,
        "person_name": asked.person.name,
        "organisation": asked.person.organisation.name if asked.person.organisation else "",
        "purpose": purpose,
        "actions": asked.actions,
        "until": asked.until,
        "state": asked.state,
        "asked_at": asked.asked_at,
        "answered_at": asked.answered_at,
        "answered_by": asked.answered_by.name if asked.answered_by else "",
        "reason": reason,
        "grant": asked.grant_id,
        "may_answer": may_answer and asked.state == "waiting",
    }


def shown(request: HttpRequest, request_id: UUID) -> dict[str, Any]:
    """One request, for who may see it. Raises NotFound."""
    actor = actor_of(request)
    asked, decides = asking.request_for(actor, request_id)
    titles = queries.titles_known_to(actor, [asked.node_id])
    return request_answer(asked, titles.get(asked.node_id, ""), may_answer=decides)


@router.post(
    "/resources/{resource}/requests",
    response={201: RequestShown, **PROBLEMS},
    operation_id="ask_for_access",
)
@needs("describe", node="resource")
def ask_for_access(
    request: HttpRequest, resource: UUID, body: NewRequest
) -> tuple[int, dict[str, Any]]:
    """Ask whoever manages a resource for access to it: for a purpose, perhaps until a day."""
    person_id_of(request)  # a link's visitor is nobody to answer
    check_scope(request, "grant:manage")
    made = asking.ask_for_access(
        node_id=resource,
        purpose=body.purpose,
        actions=[Action(word) for word in body.actions],
        until=body.until,
        actor=actor_of(request),
    )
    return 201, shown(request, made.pk)


@router.get("/requests", response={200: RequestPage, **PROBLEMS}, operation_id="list_requests")
@signed_in(scope="grant:read")
def list_requests(
    request: HttpRequest,
    which: Literal["mine", "to-answer"] = "mine",
    cursor: str = "",
    limit: int = USUAL,
) -> dict[str, Any]:
    """What you asked for, whatever became of it; or what waits for your answer."""
    actor = actor_of(request)
    rows = (
        asking.requests_to_answer(actor)
        if which == "to-answer"
        else asking.requests_of(person_id_of(request))
    )
    page = page_of(rows, cursor=cursor, limit=limit)
    titles = queries.titles_known_to(actor, [row.node_id for row in page.items])
    return page.map(
        lambda row: request_answer(
            row, titles.get(row.node_id, ""), may_answer=which == "to-answer"
        )
    ).answer()


@router.get(
    "/requests/{access_request}",
    response={200: RequestShown, **PROBLEMS},
    operation_id="show_request",
)
@signed_in(scope="grant:read")
def show_request(request: HttpRequest, access_request: UUID) -> dict[str, Any]:
    """One request: your own, or one on what you manage."""
    return shown(request, access_request)


@router.post(
    "/requests/{access_request}/answer",
    response={200: RequestShown, **PROBLEMS},
    operation_id="answer_request",
)
@signed_in(scope="grant:manage")
def answer_request(
    request: HttpRequest, access_request: UUID, body: RequestAnswer
) -> dict[str, Any]:
    """Grant what was asked for, or less of it; or decline, with the reason. Once."""
    asking.request_for(actor_of(request), access_request)
    if body.grant:
        answering.grant_request(
            request_id=access_request,
            release_id=body.release,
            actions=None if body.actions is None else [Action(word) for word in body.actions],
            until=body.until,
            reason=body.reason,
            actor=actor_of(request),
        )
    else:
        answering.decline_request(
            request_id=access_request, reason=body.reason, actor=actor_of(request)
        )
    return shown(request, access_request)


@router.delete(
    "/requests/{access_request}",
    response={200: RequestShown, **PROBLEMS},
    operation_id="withdraw_request",
)
@signed_in(scope="grant:manage")
def withdraw_request(request: HttpRequest, access_request: UUID) -> dict[str, Any]:
    """Take back what you asked for."""
    asking.withdraw_request(request_id=access_request, actor=actor_of(request))
    return shown(request, access_request)
