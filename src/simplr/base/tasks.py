"""The reaper: every minute, jobs of dead workers go back into the queue."""

from __future__ import annotations

from typing import Any

from simplr.base import jobs


@jobs.app.periodic(cron="* * * * *")
@jobs.app.task(queueing_lock="reap", pass_context=True)
async def reap_stalled_jobs(context: Any, timestamp: int) -> int:
    """Put back what a killed worker left; returns how many."""
    return await jobs.put_back_stalled(jobs.app)
