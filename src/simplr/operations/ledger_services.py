"""Reading the ledger as an auditor, and taking it away, are themselves facts of the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from simplr.access.authentication import actor_again
from simplr.access.facts import known_of
from simplr.audit import queries as audit
from simplr.audit import services as audit_services
from simplr.audit.copies import CopyDamaged
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.events import Event
from simplr_core.access import Action, ThingKind, Via, decide_office
from simplr_core.errors import Refused

ASK_AGAIN_SECONDS = 0.4


class OfficeEnded(Refused):
    """The right to read the ledger ended while it was being read."""

    code = "office-ended"


def note_reading(*, actor: Actor, node_id: UUID | None = None, what: str = "events") -> None:
    """Record that an auditor reads what is not his own. Owners reading theirs leave no event.

    Raises LedgerUnavailable; then nothing is shown.
    """
    if actor.auditor:
        with transaction.atomic():
            events.record(
                code=Event.LEDGER_READ, actor=actor, node_id=node_id, details={"what": what}
            )


def note_export(*, actor: Actor, size: int) -> None:
    """Record that the ledger is taken away. Raises LedgerUnavailable; then it is not."""
    with transaction.atomic():
        events.record(code=Event.LEDGER_EXPORTED, actor=actor, details={"size": size})


def while_auditor(pieces: Iterable[bytes], *, actor: Actor) -> Iterator[bytes]:
    """Pass an export on for as long as its reader is an auditor: asked again while it flows.

    Raises OfficeEnded, so that the transfer breaks and is not taken for the whole.
    """
    asked_at = time.monotonic()
    for piece in pieces:
        if time.monotonic() - asked_at > ASK_AGAIN_SECONDS:
            if not _is_auditor(actor):
                raise OfficeEnded
            asked_at = time.monotonic()
        yield piece


def _is_auditor(actor: Actor) -> bool:
    now = timezone.now()
    return decide_office(
        office=Via.AUDITOR,
        action=Action.READ,
        actor=known_of(actor_again(actor, now=now), now=now).actor,
        thing=ThingKind.LEDGER,
        now=now,
    ).allowed


def verify_now() -> audit.Verification:
    """Take in what is final, then check everything. A damaged log is a finding, not a failure."""
    with suppress(audit_services.LedgerDamaged, CopyDamaged):
        audit_services.seal_now()
    return audit.verify()
