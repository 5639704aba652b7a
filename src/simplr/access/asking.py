"""Asking for access: somebody who knows of a resource says what he needs it for, and waits.

What is answered is `sharing.answering`'s work, since an answer makes a grant of a release. Purpose
and answer are sealed under the project's key, each bound to its request: people write into them
what they know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from simplr.access.models import AccessRequest, Node, RoleAssignment
from simplr.access.permissions import decide, nodes_reached
from simplr.accounts.models import NoticeCode
from simplr.accounts.notice_services import notify
from simplr.base import events
from simplr.base.actors import SYSTEM, Actor
from simplr.base.ids import new_id
from simplr.vault import services as vault
from simplr_core.access import (
    LAPSES_AFTER,
    RELEASABLE,
    REMINDED_AFTER,
    Action,
    RequestState,
    RequestStep,
    Role,
    after,
    included,
)
from simplr_core.errors import Conflict, Invalid, NotFound, Refused

LONGEST = 2000
"""Characters of a purpose or of an answer."""
MOST_WAITING = 50
"""Requests of one person that may wait at a time."""
_DECIDE = (Role.OWNER.value, Role.STEWARD.value)


class AlreadyAsked(Conflict):
    """You asked for this already. Wait for the answer, or withdraw it and ask anew."""

    code = "already-asked"


class AlreadyYours(Conflict):
    """You may do this already. Nothing was asked."""

    code = "already-yours"


class RequestEnded(Conflict):
    """This request was answered, withdrawn, or waited too long. Nothing was changed."""

    code = "request-ended"


def ask_for_access(
    *,
    node_id: UUID,
    purpose: str,
    actions: Sequence[Action],
    actor: Actor,
    until: datetime | None = None,
) -> AccessRequest:
    """Ask whoever manages a resource for access to it, for a purpose and perhaps until a day.

    The caller has checked that the actor may see its description. Raises NotFound, Refused,
    Invalid, AlreadyAsked or AlreadyYours.
    """
    now = timezone.now()
    if actor.kind != "person" or actor.person_id is None:
        raise Refused("Only a person who is signed in can ask.")
    node = Node.objects.filter(pk=node_id, kind="resource", deleted_at=None).first()
    if node is None:
        raise NotFound
    wanted = included(frozenset(actions))
    if not wanted or not wanted <= RELEASABLE:
        raise Invalid("Ask to read or to download.", field="actions")
    if until is not None and until <= now:
        raise Invalid("Ask for a day in the future, or for none.", field="until")
    text = _text(purpose, field="purpose", needed=True)
    if _has_whole(actor, node_id, wanted):
        raise AlreadyYours
    if AccessRequest.objects.filter(person_id=actor.person_id, state="waiting").count() >= (
        MOST_WAITING
    ):
        raise Refused(f"{MOST_WAITING} of your requests wait already. Withdraw one first.")
    request_id = new_id()
    project_id = node.project_id or node.pk
    try:
        with transaction.atomic():
            made = AccessRequest.objects.create(
                id=request_id,
                node=node,
                person_id=actor.person_id,
                purpose=_sealed(text, "purpose", request_id, project_id),
                actions=sorted(action.value for action in wanted),
                until=until,
                asked_at=now,
            )
            _record(events.Event.ACCESS_ASKED, made, actor=actor)
            _tell_who_decide(made, by=actor.person_id, now=now)
    except IntegrityError as error:
        raise AlreadyAsked from error
    return made


def _has_whole(actor: Actor, node_id: UUID, wanted: frozenset[Action]) -> bool:
    """Whether all of it is open to the actor as a person: then there is nothing to ask."""
    himself = Actor(kind="person", person_id=actor.person_id)
    verdicts = [decide(actor=himself, action=action, node_id=node_id) for action in wanted]
    return all(v.allowed and v.release_id is None for v in verdicts)


@transaction.atomic
def withdraw_request(*, request_id: UUID, actor: Actor) -> AccessRequest:
    """Take back what one asked for. Raises NotFound or RequestEnded."""
    asked = locked(request_id)
    if asked.person_id != actor.person_id:
        raise NotFound
    step(asked, RequestStep.WITHDRAW)
    asked.save(update_fields=["state"])
    _record(events.Event.ACCESS_WITHDRAWN, asked, actor=actor)
    return asked


@transaction.atomic
def withdraw_all(*, person_id: UUID, actor: Actor) -> int:
    """Take back all that somebody asked for and that waits still; returns how much it was."""
    waiting = list(
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("node")
        .filter(person_id=person_id, state="waiting")
    )
    for asked in waiting:
        step(asked, RequestStep.WITHDRAW)
        asked.save(update_fields=["state"])
        _record(events.Event.ACCESS_WITHDRAWN, asked, actor=actor)
    return len(waiting)


@transaction.atomic
def lapse_and_remind(*, now: datetime) -> tuple[int, int]:
    """End what waited for 90 days, and tell again of what waited for a week.

    Returns how many ended and how many were told of.
    """
    waiting = AccessRequest.objects.select_for_update(of=("self",), skip_locked=True).filter(
        state="waiting"
    )
    lapsed = list(waiting.filter(asked_at__lte=now - LAPSES_AFTER)[:500])
    for asked in lapsed:
        step(asked, RequestStep.LAPSE)
        asked.save(update_fields=["state"])
        _record(events.Event.ACCESS_LAPSED, asked, actor=SYSTEM)
    reminded = list(
        waiting.filter(asked_at__lte=now - REMINDED_AFTER, reminded_at=None).select_related("node")[
            :500
        ]
    )
    for asked in reminded:
        asked.reminded_at = now
        asked.save(update_fields=["reminded_at"])
        _tell_who_decide(asked, by=asked.person_id, now=now)
    return len(lapsed), len(reminded)


def forget_texts(node_ids: Iterable[UUID]) -> None:
    """Of what is erased for good nobody reads any more what was asked and answered; that it was, stays."""
    of_these = AccessRequest.objects.filter(node_id__in=list(node_ids))
    of_these.update(purpose=b"", answer=None)
    of_these.filter(state="waiting").update(state=RequestState.LAPSED.value)


def locked(request_id: UUID) -> AccessRequest:
    """One request, for a change inside the caller's transaction. Raises NotFound."""
    found = (
        AccessRequest.objects.select_for_update(of=("self",))
        .select_related("node")
        .filter(pk=request_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def step(asked: AccessRequest, what: RequestStep) -> None:
    """Take one step of the table of states. Raises RequestEnded."""
    to = after(RequestState(asked.state), what)
    if to is None:
        raise RequestEnded
    asked.state = to.value


def requests_of(person_id: UUID) -> QuerySet[AccessRequest]:
    """What somebody asked for, the newest first."""
    return _with_names().filter(person_id=person_id).order_by("-id")


def requests_to_answer(actor: Actor) -> QuerySet[AccessRequest]:
    """What waits for an answer of the actor: on what he manages, and not his own."""
    managed = nodes_reached(actor, action=Action.MANAGE).filter(kind="resource")
    return (
        _with_names()
        .filter(state="waiting", node__in=managed)
        .exclude(person=actor.person_id)
        .order_by("-id")
    )


def request_for(actor: Actor, request_id: UUID) -> tuple[AccessRequest, bool]:
    """A request and whether the actor may answer it; his own he may see. Raises NotFound."""
    found = _with_names().filter(pk=request_id).first()
    if found is None:
        raise NotFound
    mine = found.person_id == actor.person_id
    decides = not mine and (
        decide(actor=actor, action="manage", node_id=found.node_id, touching="grant").allowed
    )
    if not (mine or decides):
        raise NotFound
    return found, decides


def texts_of(asked: AccessRequest) -> tuple[str, str]:
    """Purpose and answer, opened. The caller has checked who may read them."""
    project_id = asked.node.project_id or asked.node_id
    purpose, answer = (
        ""
        if not sealed
        else vault.open_value(
            bytes(sealed), project_id=project_id, context=_place(name, asked.pk)
        ).decode()
        for name, sealed in (("purpose", asked.purpose), ("answer", asked.answer))
    )
    return purpose, answer


def sealed_answer(text: str, *, asked: AccessRequest) -> bytes | None:
    """An answer as it is kept; None for no words. Raises Invalid."""
    text = _text(text, field="reason", needed=False)
    project_id = asked.node.project_id or asked.node_id
    return _sealed(text, "answer", asked.pk, project_id) if text else None


def _with_names() -> QuerySet[AccessRequest]:
    return AccessRequest.objects.select_related(
        "node", "person__organisation", "answered_by", "grant"
    )


def _tell_who_decide(asked: AccessRequest, *, by: UUID, now: datetime) -> None:
    members = RoleAssignment.objects.filter(node_id__in=asked.node.path)
    deciding = set(members.filter(role__in=_DECIDE).values_list("person_id", flat=True))
    if members.filter(person_id=asked.node.owner_id).exists():
        deciding.add(asked.node.owner_id)
    notify(code=NoticeCode.ASKED, person_ids=deciding, node_id=asked.node_id, by=by, now=now)


def _record(code: events.Event, asked: AccessRequest, *, actor: Actor) -> None:
    events.record(
        code=code,
        actor=actor,
        node_id=asked.node_id,
        project_id=asked.node.project_id or asked.node_id,
        subject=("access-request", asked.pk),
        details={
            "actions": asked.actions,
            "until": asked.until.isoformat() if asked.until else "",
        },
    )


def _text(text: str, *, field: str, needed: bool) -> str:
    text = text.strip()
    if len(text) > LONGEST or (needed and not text):
        least = "1" if needed else "at most"
        said = f"1 to {LONGEST}" if needed else f"{least} {LONGEST}"
        raise Invalid(f"Say it in {said} characters.", field=field)
    return text


def _place(name: str, request_id: UUID) -> bytes:
    return b"access-request " + name.encode() + b" " + request_id.bytes


def _sealed(text: str, name: str, request_id: UUID, project_id: UUID) -> bytes:
    return vault.seal_value(text.encode(), project_id=project_id, context=_place(name, request_id))
