"""From an event row to the bytes that are hashed: ids and words of ours, the same for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from simplr.base.models import Event
from simplr_core import ledger

_EXACT = 2**53 - 1


def entry_of(event: Event, *, seq: int) -> bytes:
    """The canonical entry of an event at its place in the log.

    Every column but the transaction number is in it, so that editing any of them is found. The
    member names are part of what was signed: they are never renamed.
    """
    return ledger.canonical_entry(
        {
            "seq": seq,
            "id": str(event.id),
            "at": moment(event.at),
            "code": event.code,
            "outcome": event.outcome,
            "actor_kind": event.actor_kind,
            "actor": _id(event.actor_id),
            "token": _id(event.token_id),
            "organisation": _id(event.organisation_id),
            "project": _id(event.project_id),
            "node": _id(event.node_id),
            "subject_kind": event.subject_kind,
            "subject": _id(event.subject_id),
            "request": _id(event.request_id),
            "details": _exact(event.details),
        }
    )


def moment(at: datetime) -> str:
    """A time with all its microseconds, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _id(value: UUID | None) -> str | None:
    return str(value) if value is not None else None


def _exact(value: Any) -> Any:
    """Numbers that programs write differently become text."""
    if isinstance(value, dict):
        return {key: _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    if isinstance(value, float) or (type(value) is int and abs(value) > _EXACT):
        return repr(value)
    return value
