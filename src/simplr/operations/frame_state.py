"""What the foot of the rail says: the store is open, the ledger was sealed at this time."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from simplr.audit import queries as audit
from simplr.base.actors import Actor, actor_of
from simplr.operations import home, home_queries

_KEPT_SECONDS = 20


def frame_state(request: HttpRequest) -> dict[str, Any]:
    """`state` for the frame, found only when a page shows it, and kept for some seconds."""
    actor = actor_of(request)
    if actor.kind != "person":
        return {"state": {}}
    return {
        "state": SimpleLazyObject(lambda: {**_state(), "attention_count": _waiting(request, actor)})
    }


def _waiting(request: HttpRequest, actor: Actor) -> int:
    """How many things wait for the person, as the home page lists them, which counted them itself."""
    told: int | None = getattr(request, "attention_count", None)
    if told is not None:
        return told
    key = f"attention-{actor.person_id}"
    kept: int | None = cache.get(key)
    if kept is None:
        kept = len(home.attention(actor, home_queries.projects_written_by(actor)))
        cache.set(key, kept, _KEPT_SECONDS)
    return kept


def _state() -> dict[str, Any]:
    kept: dict[str, Any] | None = cache.get("frame-state")
    if kept is None:
        newest = audit.newest_checkpoint()
        kept = {
            # A page is made only while the store is open (vault.middleware).
            "store_open": True,
            "ledger_sealed_at": newest.at if newest else None,
            "ledger_whole": True,
        }
        cache.set("frame-state", kept, _KEPT_SECONDS)
    return kept
