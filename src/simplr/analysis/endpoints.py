"""Alerts about unusual access, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from simplr.analysis import presenting, queries, services
from simplr.base.actors import actor_of
from simplr.base.entry import signed_in
from simplr.base.paging import USUAL, page_of
from simplr.base.schemas import PROBLEMS, Answer, Strict

router = Router(tags=["alerts"])


class Who(Answer):
    id: UUID
    name: str


class PartAnswer(Answer):
    kind: str
    surprise: float
    value: float
    usual: float


class AlertAnswer(Answer):
    id: UUID
    person: Who
    token: UUID | None
    token_name: str
    at: datetime
    raised_at: datetime
    last_at: datetime
    score: float
    why: list[str]
    parts: list[PartAnswer]
    measure: str
    state: str
    decided_by: str | None
    decided_at: datetime | None


class AlertPage(Answer):
    items: list[AlertAnswer]
    next: str | None


class ReachedThing(Answer):
    node: UUID
    title: str
    count: int
    last_at: datetime


class Reached(Answer):
    readings: int
    things: int
    hidden: int
    items: list[ReachedThing]


class WholeAlert(AlertAnswer):
    reached: Reached


class Decision(Strict):
    decision: Literal["dismissed", "confirmed"]


@router.get("/alerts", response={200: AlertPage, **PROBLEMS}, operation_id="list_alerts")
@signed_in(scope="ledger:read")
def list_alerts(
    request: HttpRequest,
    state: Literal["", "open", "dismissed", "confirmed"] = "",
    cursor: str = "",
    limit: int = USUAL,
) -> dict[str, Any]:
    """Alerts about unusual access: all for administrators, for others about what is theirs."""
    found = queries.alerts_visible_to(actor_of(request), state=state)
    return page_of(found, cursor=cursor, limit=limit).map(presenting.line).answer()


@router.get("/alerts/{alert}", response={200: WholeAlert, **PROBLEMS}, operation_id="show_alert")
@signed_in(scope="ledger:read")
def show_alert(request: HttpRequest, alert: UUID) -> dict[str, Any]:
    """An alert: why it was raised, what was done, and what was reached."""
    actor = actor_of(request)
    return presenting.whole(queries.alert_of(alert, actor=actor), reader=actor)


@router.post(
    "/alerts/{alert}/decision", response={200: WholeAlert, **PROBLEMS}, operation_id="decide_alert"
)
@signed_in(scope="installation:manage")
def decide_alert(request: HttpRequest, alert: UUID, body: Decision) -> dict[str, Any]:
    """Say that an alert was a false alarm, which is learned from, or that it was right."""
    actor = actor_of(request)
    decided = services.decide_alert(
        alert_id=alert, decision=body.decision, actor=actor, now=timezone.now()
    )
    return presenting.whole(decided, reader=actor)
