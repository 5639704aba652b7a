"""Jobs of access: forgetting codes that were used or never will be."""

from __future__ import annotations

from django.utils import timezone

from simplr.access.oauth import forgetting
from simplr.base import jobs


@jobs.app.periodic(cron="37 * * * *")
@jobs.app.task(name="access.forget_codes", queueing_lock="forget-codes")
def forget_codes(timestamp: int) -> int:
    """Remove codes, renewals and hourly tokens of programs that nothing can come of any more."""
    return forgetting.forget_over(now=timezone.now())
