"""Fixity: stored objects are opened again from time to time and compared with their digest.

Disks and stores lose bits without a word. What is damaged is known before somebody needs it, and
while a backup still has it: an event names it, doctor and the page of the installation count it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet, Sum
from django.utils import timezone

from simplr.base import events
from simplr.base.actors import SYSTEM
from simplr.vault import backups, services
from simplr.vault.models import SealedObject
from simplr.vault.objects import ObjectStore
from simplr_core.errors import Corrupt

SECONDS_AN_HOUR = 600.0
BYTES_AN_HOUR = 50 * 2**30


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a round of checking found."""

    objects: int
    damaged: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Fixity:
    """How well it is known that what is kept is whole."""

    objects: int
    never_checked: int
    oldest_check: datetime | None
    damaged: int
    bytes: int


def state() -> Fixity:
    """How many objects were checked, when the longest unchecked one was, and what is damaged."""
    kept = _kept()
    checked = kept.filter(checked_at__isnull=False)
    return Fixity(
        objects=kept.count(),
        never_checked=kept.filter(checked_at=None).count(),
        oldest_check=checked.aggregate(oldest=Min("checked_at"))["oldest"],
        damaged=kept.filter(damaged_at__isnull=False).count(),
        bytes=kept.aggregate(total=Sum("sealed_size"))["total"] or 0,
    )


def damaged_ids() -> list[UUID]:
    """The objects that are missing or wrong, longest known first; a thousand at most."""
    damaged = _kept().filter(damaged_at__isnull=False).order_by("damaged_at", "id")
    return list(damaged.values_list("id", flat=True)[:1000])


def check_due(*, now: datetime) -> Checked:
    """Check what was not looked at for SIMPLR_FIXITY_DAYS, as much as an hour may take."""
    before = now - timedelta(days=settings.ENV.fixity_days)
    return check(before=before, seconds=SECONDS_AN_HOUR, most_bytes=BYTES_AN_HOUR)


def check(
    *,
    before: datetime,
    seconds: float | None = None,
    most_bytes: int | None = None,
    told: Callable[[Checked], None] = lambda _: None,
) -> Checked:
    """Open every object that was last checked before a moment, longest unchecked first.

    A damaged one is noted, with an event the first time, and does not stop the others. Raises what
    the store raises when it does not answer: that says nothing of an object.
    """
    began = time.monotonic()
    objects = damaged = length = 0
    store = services.store()
    for row in _due(before):
        found = _is_whole(row, store)
        if found is None:
            continue  # it was erased meanwhile
        objects += 1
        damaged += not found
        length += row.sealed_size or 0
        _note(row, whole=found)
        told(Checked(objects=objects, damaged=damaged, bytes=length))
        if seconds is not None and time.monotonic() - began > seconds:
            break
        if most_bytes is not None and length > most_bytes:
            break
    return Checked(objects=objects, damaged=damaged, bytes=length)


def _kept() -> QuerySet[SealedObject]:
    return SealedObject.objects.filter(stored_at__isnull=False, wrapped__isnull=False)


def _due(before: datetime) -> Iterator[SealedObject]:
    """A batch at a time, so that no cursor stays open for hours."""
    due = _kept().filter(Q(checked_at=None) | Q(checked_at__lt=before))
    ordered = due.order_by(F("checked_at").asc(nulls_first=True), "id")
    while rows := list(ordered[:500]):
        yield from rows
        if ordered.filter(id=rows[-1].id).exists():
            return  # what cannot be noted is not looked at for ever


def _is_whole(row: SealedObject, store: ObjectStore) -> bool | None:
    try:
        backups.prove(row.id, store.fetch(row.id))
    except Corrupt:
        return None if backups.is_erased(row.id) else False
    return True


def _note(row: SealedObject, *, whole: bool) -> None:
    now = timezone.now()
    code = None
    if whole and row.damaged_at is not None:
        code = events.Event.OBJECT_MENDED
    elif not whole and row.damaged_at is None:
        code = events.Event.OBJECT_DAMAGED
    if code is not None:
        with transaction.atomic():
            events.record(code=code, actor=SYSTEM, subject=("object", row.id))
    SealedObject.objects.filter(id=row.id).update(
        checked_at=now, damaged_at=None if whole else row.damaged_at or now
    )
