"""Background jobs: procrastinate on PostgreSQL, enqueued in the transaction of the change.

A worker that is killed leaves its job in `doing`; the reaper finds it by its missing heartbeat
and puts it back. So every task is idempotent.
"""

from __future__ import annotations

import logging
from typing import Any

from procrastinate import App
from procrastinate.contrib.django import app as app

log = logging.getLogger("simplr.jobs")

STALLED_AFTER_SECONDS = 30
ATTEMPTS = 5


def on_app_ready(procrastinate_app: App) -> None:
    """Register the reaper once Django's apps are loaded."""
    from simplr.base import tasks  # noqa: F401 - registers by import


async def put_back_stalled(procrastinate_app: Any) -> int:
    """Retry jobs whose worker died; give up after ATTEMPTS. Returns how many were put back."""
    manager = procrastinate_app.job_manager
    put_back = 0
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        if job.attempts >= ATTEMPTS:
            from procrastinate.jobs import Status

            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
            log.error("job %s gave up after %d attempts", job.task_name, job.attempts)
            continue
        await manager.retry_job(job)
        put_back += 1
    return put_back
