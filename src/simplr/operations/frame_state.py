"""What the foot of the rail says: the store is open, the ledger was sealed at this time."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET

from simplr.audit import queries as audit
from simplr.base.actors import Actor, actor_of
from simplr.base.entry import signed_in
from simplr.operations import home, home_queries

_KEPT_SECONDS = 20


def frame_state(request: HttpRequest) -> dict[str, Any]:
    """`state` for the frame, found only when a page shows it, and kept for some seconds."""
    actor = actor_of(request)
    if actor.kind != "person":
        return {"state": {}}
    return {"state": SimpleLazyObject(lambda: {**_state(), **_waiting(request, actor)})}


@require_GET
@signed_in
def bell(request: HttpRequest) -> HttpResponse:
    """How much waits for the reader: what pages fetch where it was not counted a moment ago."""
    actor = actor_of(request)
    count = len(home.attention(actor, home_queries.projects_written_by(actor)))
    cache.set(_key(actor), count, _KEPT_SECONDS)
    return render(request, "simplr/parts/bell.html", {"state": {"attention_count": count}})


def _key(actor: Actor) -> str:
    return f"attention-{actor.person_id}"


def _waiting(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """How many things wait for the person, as far as it was counted: it takes as long as a page."""
    told: int | None = getattr(request, "attention_count", None)
    if told is not None:
        cache.set(_key(actor), told, _KEPT_SECONDS)
    kept: int | None = cache.get(_key(actor)) if told is None else told
    return {"attention_count": kept, "fetches_attention": kept is None}


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
