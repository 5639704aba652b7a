"""Background jobs as an administrator sees them: names and states, never what they work on."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from simplr.base import jobs
from simplr_core.errors import Conflict, NotFound

_LARGEST = 2**63 - 1


class JobOver(Conflict):
    """This job is over. There is nothing to cancel."""

    code = "job-over"


def job_state(job_id: int) -> dict[str, Any]:
    """The state of one job. Raises NotFound."""
    row = ProcrastinateJob.objects.filter(id=job_id).first() if 0 < job_id <= _LARGEST else None
    if row is None:
        raise NotFound
    return {"id": row.id, "task": row.task_name, "status": row.status, "attempts": row.attempts}


def cancel_job(*, job_id: int) -> dict[str, Any]:
    """Cancel a waiting job or ask a running one to stop. Raises NotFound or JobOver."""
    job_state(job_id)
    if not jobs.app.job_manager.cancel_job_by_id(job_id, abort=True):
        raise JobOver
    return job_state(job_id)
