"""Small things that every page view needs: a verdict for a button, and the foot of a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from simplr.base import plugs
from simplr.base.actors import actor_of
from simplr.base.paging import Page


def may(request: HttpRequest, action: str, node_id: UUID, *, reason: str = "") -> dict[str, Any]:
    """{"allowed", "reason"} for a button, from the decision that the server takes as well."""
    verdict = plugs.decide(actor=actor_of(request), action=action, node_id=node_id)
    return {
        "allowed": bool(verdict.allowed),
        "reason": "" if verdict.allowed else reason or _("Your role here does not allow it."),
    }


def foot(page: Page[Any], *, cursor: str = "", total: int | None = None) -> dict[str, Any]:
    """What the template tag `pages` shows under a list."""
    return {
        "shown": len(page.items),
        "total": total,
        "about": False,
        "next": page.next,
        "first": not cursor,
    }
