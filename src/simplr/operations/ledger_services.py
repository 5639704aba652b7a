"""Reading the ledger as an auditor, and taking it away, are themselves facts of the ledger."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import transaction

from simplr.audit import queries as audit
from simplr.audit import services as audit_services
from simplr.audit.copies import CopyDamaged
from simplr.base import events
from simplr.base.actors import Actor
from simplr.base.events import Event


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


def verify_now() -> audit.Verification:
    """Take in what is final, then check everything. A damaged log is a finding, not a failure."""
    with suppress(audit_services.LedgerDamaged, CopyDamaged):
        audit_services.seal_now()
    return audit.verify()
