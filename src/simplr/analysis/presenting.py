"""Alerts as pages and programs show them: the same figures, and the same words."""

from __future__ import annotations

from typing import Any

from simplr.analysis import queries, rules, words
from simplr.analysis.models import Alert
from simplr.base.actors import Actor
from simplr_core.errors import SimplrError


def line(alert: Alert) -> dict[str, Any]:
    """An alert in a list."""
    return {
        "id": alert.id,
        "person": {"id": alert.person_id, "name": alert.person.name},
        "token": alert.token_id,
        "token_name": alert.token_name,
        "at": alert.at,
        "raised_at": alert.raised_at,
        "last_at": alert.last_at,
        "score": alert.score,
        "why": words.why(alert),
        "parts": alert.parts,
        "measure": alert.measure,
        "state": alert.state,
        "decided_by": alert.decided_by.name if alert.decided_by else None,
        "decided_at": alert.decided_at,
    }


def whole(alert: Alert, *, reader: Actor) -> dict[str, Any]:
    """An alert with what was reached, as far as the reader may know of it."""
    return {**line(alert), "reached": queries.reached_by(alert, reader=reader)}


def may_decide(alert: Alert, *, actor: Actor) -> dict[str, Any]:
    """{"allowed", "reason"} for the buttons, from the rule that the service asks as well."""
    try:
        all_ = queries.manages_all(alert, actor=actor)
        rules.check_may_decide(alert, actor=actor, manages_all=all_)
    except SimplrError as error:
        return {"allowed": False, "reason": error.message}
    return {"allowed": True, "reason": ""}
