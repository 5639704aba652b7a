"""Comments on a data set, for programs. To whom only a release is open they do not exist."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import AfterValidator, Field

from simplr.base.actors import actor_of
from simplr.base.entry import needs
from simplr.base.paging import USUAL, Page, page_of
from simplr.base.schemas import PROBLEMS, Answer, Strict
from simplr.datasets import comment_queries, comment_services
from simplr_core.errors import NotFound

router = Router(tags=["datasets"])


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text holds no NUL character")
    return text


class CommentBody(Strict):
    body: Annotated[
        str, Field(min_length=1, max_length=comment_services.LONGEST), AfterValidator(_no_nul)
    ]


class CommentAnswer(Answer):
    id: UUID
    author: UUID
    author_name: str
    body: str
    written_at: datetime
    edited_at: datetime | None


class CommentPage(Answer):
    items: list[CommentAnswer]
    next: str | None


def check_sees_whole(request: HttpRequest) -> None:
    """Return quietly unless only a release is open: then there are no comments. Raises NotFound."""
    if request.verdict.release_id is not None:  # type: ignore[attr-defined]
        raise NotFound


def _answer(line: comment_queries.CommentLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "author": line.author_id,
        "author_name": line.author,
        "body": line.body,
        "written_at": line.written_at,
        "edited_at": line.edited_at,
    }


def _one(comment_id: UUID) -> dict[str, Any]:
    return _answer(comment_queries.opened([comment_queries.comment_of(comment_id)])[0])


@router.get(
    "/datasets/{dataset}/comments",
    response={200: CommentPage, **PROBLEMS},
    operation_id="list_comments",
)
@needs("describe", node="dataset")
def list_comments(
    request: HttpRequest, dataset: UUID, cursor: str = "", limit: int = USUAL
) -> dict[str, Any]:
    """What members wrote about a data set, the newest first."""
    check_sees_whole(request)
    page = page_of(comment_queries.comments_on(dataset), cursor=cursor, limit=limit)
    items = [_answer(line) for line in comment_queries.opened(page.items)]
    return Page(items, page.next).answer()


@router.post(
    "/datasets/{dataset}/comments",
    response={201: CommentAnswer, **PROBLEMS},
    operation_id="add_comment",
)
@needs("describe", node="dataset")
def add_comment(
    request: HttpRequest, dataset: UUID, body: CommentBody
) -> tuple[int, dict[str, Any]]:
    """Write a comment, as a member of the project. Who may open the data set's page reads it."""
    check_sees_whole(request)
    comment = comment_services.add_comment(
        dataset_id=dataset, body=body.body, actor=actor_of(request)
    )
    return 201, _one(comment.id)


@router.patch(
    "/comments/{comment}", response={200: CommentAnswer, **PROBLEMS}, operation_id="change_comment"
)
@needs("describe", node="comment", via=comment_queries.dataset_of_comment)
def change_comment(request: HttpRequest, comment: UUID, body: CommentBody) -> dict[str, Any]:
    """Write your own comment anew."""
    check_sees_whole(request)
    comment_services.change_comment(comment_id=comment, body=body.body, actor=actor_of(request))
    return _one(comment)


@router.delete(
    "/comments/{comment}", response={204: None, **PROBLEMS}, operation_id="remove_comment"
)
@needs("describe", node="comment", via=comment_queries.dataset_of_comment)
def remove_comment(request: HttpRequest, comment: UUID) -> tuple[int, None]:
    """Take your own comment away, or any as somebody who manages the data set."""
    check_sees_whole(request)
    comment_services.remove_comment(comment_id=comment, actor=actor_of(request))
    return 204, None
