"""Lists are paged by key: a cursor names the last item seen, so that pages never shift or skip."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from simplr_core.errors import Invalid

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")

MOST = 500
USUAL = 50


class CursorInvalid(Invalid):
    """This cursor is not one that a list gave. Start again from the first page."""

    code = "cursor-invalid"


class Page(Generic[Item]):
    """Some items, and the cursor of the next page when there is one."""

    def __init__(self, items: list[Item], next_cursor: str | None) -> None:
        self.items = items
        self.next = next_cursor

    def map(self, function: Callable[[Item], Any]) -> Page[Any]:
        return Page([function(item) for item in self.items], self.next)

    def answer(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"items": self.items, "next": self.next}


def cursor_of(id_: UUID) -> str:
    return base64.urlsafe_b64encode(id_.bytes).decode().rstrip("=")


def id_in(cursor: str) -> UUID:
    """The id inside a cursor. Raises CursorInvalid."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid from error


def page_of(
    rows: QuerySet[Row], *, cursor: str = "", limit: int = USUAL, key: str = "id"
) -> Page[Row]:
    """The next `limit` rows after `cursor`, the newest first. `key` is a time-ordered UUID."""
    limit = max(1, min(limit, MOST))
    rows = rows.order_by(f"-{key}")
    if cursor:
        rows = rows.filter(**{f"{key}__lt": id_in(cursor)})
    found = list(rows[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    last: Any = getattr(found[-1], key) if more else None
    return Page(found, cursor_of(last) if last else None)
