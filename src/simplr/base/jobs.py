"""Background jobs: procrastinate on PostgreSQL, enqueued in the transaction of the change.

A worker that is killed leaves its job in `doing`; the reaper finds it by its missing heartbeat
and puts it back. So every task is idempotent. A job that fails for good is a fact of the ledger.
Django's database connections are closed after each job by procrastinate's own middleware.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from procrastinate import App
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app as app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from simplr.base import events, metrics
from simplr.base.actors import SYSTEM
from simplr.base.ids import new_id
from simplr.base.loaded import say_loaded
from simplr_core.errors import SimplrError, Unavailable

log = logging.getLogger("simplr.jobs")

_FAILED = {"event.code": events.Event.JOB_FAILED.value}
CONCURRENCY = 2
ATTEMPTS = 5
STOP_WITHIN_SECONDS = 25
"""How long a running job may go on after SIGTERM; then it is put back like that of a dead worker."""


class Patient(BaseRetryStrategy):
    """Tries again, at growing intervals, while something that the job needs is away.

    A sealed store, a full disk, a database that restarts: none of them is the fault of what the
    job works on, so none of them may cost it. Any other error ends the job.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> RetryDecision | None:
        if not isinstance(exception, Unavailable | OperationalError | InterfaceError):
            return None
        return RetryDecision(retry_in={"seconds": min(300, 2 ** min(job.attempts + 1, 9))})


def on_app_ready(procrastinate_app: App) -> None:
    """Register the reaper once Django's apps are loaded."""
    from simplr.base import tasks  # noqa: F401 - registers by import


def stalled_after() -> float:
    """Seconds without a sign of life after which a worker counts as dead."""
    return float(settings.ENV.stalled_seconds)


Beside = Callable[[], object]
_beside: list[tuple[Beside, float]] = []


def beside_the_work(*, every_seconds: float) -> Callable[[Beside], Beside]:
    """Have a function called so often beside the jobs of each worker, so that none delays it.

    It may be called by several workers at once, and any call may be cut off.
    """

    def register(function: Beside) -> Beside:
        _beside.append((function, every_seconds))
        return function

    return register


async def _beside_for_ever(function: Beside, seconds: float) -> None:
    def called() -> None:
        close_old_connections()
        try:
            function()
        finally:
            close_old_connections()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix=function.__name__) as thread:
        while True:
            try:
                await asyncio.get_running_loop().run_in_executor(thread, called)
            except Exception:
                # The database may restart under it; the next round comes soon.
                log.exception("%s failed", function.__name__)
            await asyncio.sleep(seconds)


class WorkerConnector(PsycopgConnector):
    """The worker's own connections, for what it asks itself; tasks enqueue by Django's.

    While it is open, the published one would enqueue by a connection of its own, so that a job
    could be begun before the rows that it is about are there, or without their ever being there.
    """

    def __init__(self, tasks: DjangoConnector) -> None:
        super().__init__(kwargs=connector_params(tasks.alias))
        self._tasks = tasks

    def get_sync_connector(self) -> BaseConnector:
        return self._tasks


async def work(*, concurrency: int = CONCURRENCY, wait: bool = True) -> None:
    """Run jobs until SIGTERM or SIGINT, or, without `wait`, until none is left."""
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError("the worker starts from Django's connection")
    with app.replace_connector(WorkerConnector(connector)) as worker_app:
        async with worker_app.open_async():
            say_loaded()
            beside = [asyncio.create_task(_reap_for_ever(worker_app))] if wait else []
            beside += [asyncio.create_task(_beside_for_ever(*one)) for one in _beside if wait]
            try:
                await worker_app.run_worker_async(
                    concurrency=concurrency,
                    wait=wait,
                    listen_notify=wait,
                    update_heartbeat_interval=stalled_after() / 6,
                    stalled_worker_timeout=stalled_after(),
                    shutdown_graceful_timeout=STOP_WITHIN_SECONDS,
                    worker_middleware=[in_the_ledger],
                    delete_jobs="never",
                )
            finally:
                for one in beside:
                    one.cancel()


async def _reap_for_ever(worker_app: Any) -> None:
    """Look for jobs of dead workers beside the work, so that long jobs never delay it."""
    while True:
        await asyncio.sleep(stalled_after() / 2)
        try:
            await put_back_stalled(worker_app)
        except Exception:
            # The database may restart under it; the next round comes soon.
            log.exception("stalled jobs could not be looked for")


async def in_the_ledger(call_next: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """Gives each job a request id of its own; a failure that is not retried becomes an event."""
    events.request_id.set(new_id())
    job, task = context.job, context.task
    name = task.name if task is not None else "unknown"
    began = time.perf_counter()
    ending = "stopped"  # by whoever cancelled it, or handed back at the end of this worker
    try:
        result = await call_next()
        ending = "succeeded"
        return result
    except Exception as error:
        if task is not None and task.get_retry_exception(exception=error, job=job) is not None:
            ending = "retried"
        else:
            ending = "failed"
            log.exception("job %s failed", job.task_name, extra=_FAILED)
            await sync_to_async(record_failure)(job, _name_of(error))
        raise
    finally:
        metrics.JOBS.labels(name, ending).inc()
        metrics.JOB_SECONDS.labels(name).observe(time.perf_counter() - began)


def record_failure(job: Any, reason: str) -> None:
    """Write that a job failed for good: its task and number, and a code, never its message."""
    events.record(
        code=events.Event.JOB_FAILED,
        actor=SYSTEM,
        outcome="failed",
        details={"task": job.task_name, "job": job.id, "reason": reason, "attempts": job.attempts},
    )


def _name_of(error: Exception) -> str:
    return error.code if isinstance(error, SimplrError) else type(error).__name__


async def put_back_stalled(procrastinate_app: Any) -> int:
    """Retry jobs whose worker died; give up after ATTEMPTS. Returns how many were put back.

    Several may look at once, a worker on each machine: each job is put back once.
    """
    manager = procrastinate_app.job_manager
    put_back = 0
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=stalled_after()):
        if job.attempts >= ATTEMPTS:
            if await _if_still_stalled(procrastinate_app, job, then=_GIVE_UP):
                await sync_to_async(record_failure)(job, "worker-died")
                log.error(
                    "job %s gave up after %d attempts", job.task_name, job.attempts, extra=_FAILED
                )
        elif await _if_still_stalled(procrastinate_app, job, then=_PUT_BACK):
            metrics.JOBS_PUT_BACK.inc()
            put_back += 1
    return put_back


_PUT_BACK = "procrastinate_retry_job_v2(job.id, now(), NULL, NULL, NULL)"
_GIVE_UP = "procrastinate_finish_job_v1(job.id, 'failed', false)"


async def _if_still_stalled(procrastinate_app: Any, job: Any, *, then: str) -> bool:
    """Do that to a job, unless somebody else did it since it was found: a living worker may have it.

    Each time a job is put back counts as an attempt, so their number tells.
    """
    done = await procrastinate_app.connector.execute_query_all_async(
        query=f"""
        SELECT {then} FROM (
            SELECT id FROM procrastinate_jobs
            WHERE id = %(job_id)s AND status = 'doing' AND attempts = %(attempts)s FOR UPDATE
        ) job
        """,  # noqa: S608 - one of the two above
        job_id=job.id,
        attempts=job.attempts,
    )
    return bool(done)
