"""The sealer's clock: every minute what happened becomes part of the log; once a day all of it
is verified."""

from __future__ import annotations

import logging

from simplr.audit import queries, services
from simplr.base import jobs
from simplr_core.errors import Corrupt, Unavailable

log = logging.getLogger("simplr.ledger")


@jobs.app.periodic(cron="* * * * *")
@jobs.app.task(queueing_lock="seal-ledger")
def seal_ledger(timestamp: int) -> int:
    """Seal what is final; returns how many events were taken. Waits quietly while sealed."""
    try:
        return services.seal_now().added
    except Unavailable as error:
        log.warning("the head of the ledger is not signed now: %s", error.code)
        return 0


@jobs.app.periodic(cron="17 3 * * *")
@jobs.app.task(queueing_lock="verify-ledger")
def verify_ledger(timestamp: int) -> int:
    """Verify the whole ledger; a finding fails the job, and so stands in the ledger itself."""
    found = queries.verify()
    if found.finding is not None:
        raise LedgerNotWhole(seq=found.finding.first_bad_seq, reason=found.finding.reason.value)
    return found.size


class LedgerNotWhole(Corrupt):
    """The ledger is not what was written. Verify it, and keep every copy of its checkpoints."""

    code = "ledger-not-whole"
