"""Notices: telling a person that something needs him, by ids and never by values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from simplr.accounts.models import Notice, NoticeCode, Person
from simplr.base import events
from simplr.base.actors import Actor
from simplr_core.errors import NotFound


def notify(
    *,
    code: NoticeCode,
    person_ids: Iterable[UUID],
    node_id: UUID,
    by: UUID | None,
    now: datetime,
) -> int:
    """Tell some people, inside the caller's transaction; returns how many were told anew.

    Nobody is told of what he did himself, nor twice of the same while the first is unread.
    """
    wanted = {id_ for id_ in person_ids if id_ != by}
    told = Notice.objects.filter(
        code=code.value, node_id=node_id, person_id__in=wanted, read_at=None
    )
    wanted -= set(told.values_list("person_id", flat=True))
    people = Person.objects.filter(id__in=wanted, is_active=True).values_list("id", flat=True)
    made = Notice.objects.bulk_create(
        Notice(person_id=id_, code=code.value, node_id=node_id, by_id=by, at=now) for id_ in people
    )
    return len(made)


def mark_read(*, person_id: UUID, now: datetime, ids: Iterable[UUID] | None = None) -> int:
    """Mark one's own notices as read: some by id, or all. Returns how many were unread."""
    rows = Notice.objects.filter(person_id=person_id, read_at=None)
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    return rows.update(read_at=now)


@transaction.atomic
def choose_digest(*, person_id: UUID, wanted: bool, actor: Actor) -> Person:
    """Say whether one wants to be told by mail once a day. Raises NotFound."""
    person = Person.objects.select_for_update(of=("self",)).filter(pk=person_id).first()
    if person is None:
        raise NotFound
    if person.wants_daily_mail != wanted:
        person.wants_daily_mail = wanted
        person.save(update_fields=["wants_daily_mail"])
        events.record(
            code=events.Event.DIGEST_CHOSEN,
            actor=actor,
            subject=("person", person_id),
            details={"wanted": wanted},
        )
    return person


def begin_digest(*, person_id: UUID, now: datetime) -> bool:
    """Claim today's mail to a person, so that it is sent once; whether it is still to be sent."""
    rows = Person.objects.filter(pk=person_id, wants_daily_mail=True, is_active=True)
    rows = rows.exclude(daily_mail_at__date=now.date())
    return bool(rows.update(daily_mail_at=now))
