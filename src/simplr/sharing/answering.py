"""Answering requests for access: an answer is a grant, perhaps of less than was asked, or a no."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.access import asking
from simplr.access.models import AccessRequest
from simplr.access.permissions import decide
from simplr.access.services import Grantee
from simplr.accounts.models import NoticeCode
from simplr.accounts.notice_services import notify
from simplr.base import events
from simplr.base.actors import Actor
from simplr.sharing import granting
from simplr_core.access import Action, RequestStep, included
from simplr_core.errors import Invalid, NotFound, Refused


class OwnRequest(Refused):
    """Nobody answers what he asked himself. Another who manages it does."""

    code = "own-request"


@transaction.atomic
def grant_request(
    *,
    request_id: UUID,
    actor: Actor,
    release_id: UUID | None = None,
    actions: Sequence[Action] | None = None,
    until: datetime | None = None,
    reason: str = "",
) -> AccessRequest:
    """Say yes: the grant that comes of it is made in the same moment.

    `actions` and `until` may be less than was asked, never more; left out, they are what was asked.
    Raises NotFound, RequestEnded, OwnRequest, Invalid, and what `granting.give_grant` raises.
    """
    asked = _to_answer(request_id, actor=actor, step=RequestStep.GRANT)
    wanted = frozenset(Action(word) for word in asked.actions)
    given = wanted if actions is None else included(frozenset(actions))
    if not given <= wanted:
        raise Invalid("Grant what was asked for, or less.", field="actions")
    ends = asked.until if until is None else until
    if asked.until is not None and ends is not None and ends > asked.until:
        raise Invalid("Nobody asked for longer than that.", field="until")
    made = granting.give_grant(
        node_id=asked.node_id,
        to=Grantee(person_id=asked.person_id),
        actions=sorted(given),
        actor=actor,
        release_id=release_id,
        until=ends,
    )
    asked.grant = made.grant
    _save(asked, actor=actor, reason=reason, code=events.Event.ACCESS_GRANTED)
    return asked


@transaction.atomic
def decline_request(*, request_id: UUID, reason: str, actor: Actor) -> AccessRequest:
    """Say no, with a reason that the one who asked will read.

    Raises NotFound, RequestEnded, OwnRequest or Invalid.
    """
    asked = _to_answer(request_id, actor=actor, step=RequestStep.DECLINE)
    if not reason.strip():
        raise Invalid("Say why not: the one who asked will read it.", field="reason")
    _save(asked, actor=actor, reason=reason, code=events.Event.ACCESS_DECLINED)
    notify(
        code=NoticeCode.DECLINED,
        person_ids=[asked.person_id],
        node_id=asked.node_id,
        by=actor.person_id,
        now=timezone.now(),
    )
    return asked


def _to_answer(request_id: UUID, *, actor: Actor, step: RequestStep) -> AccessRequest:
    asked = asking.locked(request_id)
    if asked.person_id == actor.person_id:
        raise OwnRequest
    verdict = decide(actor=actor, action="manage", node_id=asked.node_id, touching="grant")
    if not verdict.known:
        raise NotFound
    if not verdict.allowed:
        raise Refused(reason=verdict.code, action="manage")
    asking.step(asked, step)
    return asked


def _save(asked: AccessRequest, *, actor: Actor, reason: str, code: events.Event) -> None:
    asked.answered_at = timezone.now()
    asked.answered_by_id = actor.person_id
    asked.answer = asking.sealed_answer(reason, asked=asked)
    asked.save(update_fields=["state", "answered_at", "answered_by", "answer", "grant"])
    events.record(
        code=code,
        actor=actor,
        node_id=asked.node_id,
        project_id=asked.node.project_id or asked.node_id,
        subject=("access-request", asked.pk),
        details={"grant": str(asked.grant_id or "")},
    )
