"""Reading one's own notices."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, QuerySet

from simplr.accounts.models import Notice, Person
from simplr_core.errors import NotFound


def notices_of(person_id: UUID, *, unread: bool = False) -> QuerySet[Notice]:
    """The notices of a person, the newest first."""
    rows = Notice.objects.filter(person_id=person_id).select_related("by").order_by("-id")
    return rows.filter(read_at=None) if unread else rows


def notice_of(notice_id: UUID, *, person_id: UUID) -> Notice:
    """One of a person's own notices. Raises NotFound."""
    notice = Notice.objects.filter(pk=notice_id, person_id=person_id).first()
    if notice is None:
        raise NotFound
    return notice


def unread_counts(person_id: UUID) -> dict[str, int]:
    """How many notices of each code a person has not read."""
    rows = notices_of(person_id, unread=True).order_by().values_list("code")
    return dict(rows.annotate(n=Count("id")))


def who_want_digests() -> list[UUID]:
    """The people who asked to be told by mail."""
    return list(
        Person.objects.filter(wants_daily_mail=True, is_active=True).values_list("id", flat=True)
    )
