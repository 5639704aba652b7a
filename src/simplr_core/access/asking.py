"""What becomes of a request for access: one table of states, and when it is too late to answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class RequestState(StrEnum):
    """Where a request for access stands."""

    WAITING = "waiting"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class RequestStep(StrEnum):
    """What may be done to a request."""

    GRANT = "grant"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


TRANSITIONS: Mapping[tuple[RequestState, RequestStep], RequestState] = MappingProxyType(
    {
        (RequestState.WAITING, RequestStep.GRANT): RequestState.GRANTED,
        (RequestState.WAITING, RequestStep.DECLINE): RequestState.DECLINED,
        (RequestState.WAITING, RequestStep.WITHDRAW): RequestState.WITHDRAWN,
        (RequestState.WAITING, RequestStep.LAPSE): RequestState.LAPSED,
    }
)
"""All that can happen: an answer is given once, and what has ended stays as it ended."""

REMINDED_AFTER = timedelta(days=7)
LAPSES_AFTER = timedelta(days=90)


def after(state: RequestState, step: RequestStep) -> RequestState | None:
    """The state that a step leads to; None where it cannot be taken any more."""
    return TRANSITIONS.get((state, step))


def lapses_at(asked_at: datetime) -> datetime:
    """When a request that nobody answered ends by itself."""
    return asked_at + LAPSES_AFTER
