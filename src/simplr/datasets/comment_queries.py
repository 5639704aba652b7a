"""Reading comments: the rows in clear, the bodies opened for whoever may see the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from simplr.datasets.comment_services import place_of
from simplr.datasets.models import Comment
from simplr.vault import services as vault
from simplr_core.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class CommentLine:
    """One comment as it is shown."""

    id: UUID
    author_id: UUID
    author: str
    body: str = field(repr=False)
    written_at: datetime
    edited_at: datetime | None


def comments_on(dataset_id: UUID) -> QuerySet[Comment]:
    """The comments on a data set, the newest first. The caller has checked the right."""
    return Comment.objects.filter(resource_id=dataset_id).select_related("author", "resource")


def opened(comments: Iterable[Comment]) -> list[CommentLine]:
    """Comments of one data set with their bodies opened."""
    rows = list(comments)
    if not rows:
        return []
    bodies = vault.open_values(
        ((bytes(row.body), place_of(row.id)) for row in rows),
        project_id=rows[0].resource.project_id,
    )
    return [
        CommentLine(
            id=row.id,
            author_id=row.author_id,
            author=row.author.name,
            body=body.decode(),
            written_at=row.written_at,
            edited_at=row.edited_at,
        )
        for row, body in zip(rows, bodies, strict=True)
    ]


def comment_of(comment_id: UUID) -> Comment:
    """One comment. The caller has checked the right on its data set. Raises NotFound."""
    comment = Comment.objects.select_related("author", "resource").filter(pk=comment_id).first()
    if comment is None:
        raise NotFound
    return comment


def dataset_of_comment(comment_id: UUID) -> UUID:
    """The data set whose right decides about a comment. Raises NotFound."""
    return UUID(str(comment_of(comment_id).resource_id))
