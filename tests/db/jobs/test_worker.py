"""A worker that is killed in the middle of a job loses nothing (row 26); failures are events."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.manager import JobManager

from simplr.base import jobs
from simplr.base.models import Event

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)

PROGRAM = """
import asyncio, os, pathlib, sys, time
from simplr.config import settings  # the test's databases, by their variables
from django.conf import settings as shown
for alias, name in zip(("default", "vault", "audit"), sys.argv[2:5]):
    shown.DATABASES[alias]["NAME"] = name
import django
django.setup()
from simplr.base import jobs

@jobs.app.task(name="test-slow")
def slow(mark):
    with open(mark, "a") as seen:
        seen.write("begun\\n")
    while pathlib.Path(mark + ".hold").exists():
        time.sleep(0.05)
    with open(mark, "a") as seen:
        seen.write("done\\n")

@jobs.app.task(name="test-failing")
def failing():
    raise RuntimeError("a secret stands in this message")

@jobs.app.task(name="test-enqueueing")
def enqueueing(mark):
    from django.db import transaction
    with transaction.atomic():
        jobs.app.configure_task("test-slow").defer(mark=mark)
        transaction.set_rollback(True)
    with transaction.atomic():
        jobs.app.configure_task("test-slow").defer(mark=mark)

asyncio.run(jobs.work(concurrency=1))
"""


def start_worker() -> subprocess.Popen[bytes]:
    from django.db import connections

    names = [
        str(connections[alias].settings_dict["NAME"]) for alias in ("default", "vault", "audit")
    ]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "worker", *names],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )


def wait_until(what: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def defer(task: str, **arguments: str) -> int:
    return jobs.app.configure_task(task).defer(**arguments)


def status_of(job: int) -> str:
    return ProcrastinateJob.objects.get(id=job).status


def test_a_job_of_a_killed_worker_is_put_back_and_done(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hold = tmp_path / "mark.hold"
    hold.touch()
    job = defer("test-slow", mark=str(mark))
    first = start_worker()
    wait_until(mark.exists)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(timeout=10)
    assert status_of(job) == "doing"
    hold.unlink()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h'")

    put_back = asyncio.run(jobs.put_back_stalled(jobs.app))
    second = start_worker()
    wait_until(lambda: status_of(job) == "succeeded")
    second.send_signal(signal.SIGTERM)

    assert put_back == 1
    assert second.wait(timeout=30) == 0
    assert mark.read_text() == "begun\nbegun\ndone\n"


def test_a_job_that_a_task_enqueues_is_there_if_what_it_wrote_is(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    defer("test-enqueueing", mark=str(mark))
    worker = start_worker()
    wait_until(lambda: mark.exists() and "done" in mark.read_text())
    wait_until(lambda: not ProcrastinateJob.objects.filter(status__in=["todo", "doing"]).exists())
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=30)

    assert ProcrastinateJob.objects.filter(task_name="test-slow").count() == 1
    assert mark.read_text() == "begun\ndone\n"


def test_a_worker_finishes_its_job_when_it_is_told_to_stop(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    hold = tmp_path / "mark.hold"
    hold.touch()
    job = defer("test-slow", mark=str(mark))
    worker = start_worker()
    wait_until(mark.exists)

    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    hold.unlink()

    assert worker.wait(timeout=30) == 0
    assert status_of(job) == "succeeded"


def test_a_job_that_fails_is_an_event_without_its_message() -> None:
    job = defer("test-failing")
    worker = start_worker()
    wait_until(lambda: status_of(job) == "failed")
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=30)

    told = Event.objects.get(code="operations:job:failed")
    assert (told.outcome, told.details["task"], told.details["job"]) == (
        "failed",
        "test-failing",
        job,
    )
    assert told.details["reason"] == "RuntimeError"


def test_a_job_whose_worker_dies_again_and_again_is_given_up_and_told() -> None:
    job = defer("test-slow", mark="/nowhere")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s",
            [jobs.ATTEMPTS, job],
        )

    put_back = asyncio.run(jobs.put_back_stalled(jobs.app))

    assert put_back == 0
    assert status_of(job) == "failed"
    assert Event.objects.get(code="operations:job:failed").details["reason"] == "worker-died"


@pytest.mark.parametrize("attempts", [0, jobs.ATTEMPTS])
def test_a_job_that_two_find_stalled_is_put_back_once(
    attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between finding and putting back somebody else was quicker, and a living worker has it."""
    job = defer("test-slow", mark="/nowhere")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE id = %s",
            [attempts, job],
        )
    find = JobManager.get_stalled_jobs
    quicker: list[int] = []

    async def find_slowly(manager: JobManager, **asked: Any) -> Any:
        found = await find(manager, **asked)
        if not quicker:
            quicker.append(-1)
            quicker[0] = await jobs.put_back_stalled(jobs.app)
            await asyncio.to_thread(taken_by_a_living_worker, job)
        return found

    monkeypatch.setattr(JobManager, "get_stalled_jobs", find_slowly)

    put_back = asyncio.run(jobs.put_back_stalled(jobs.app))

    given_up = attempts == jobs.ATTEMPTS
    assert (quicker, put_back) == ([0 if given_up else 1], 0)
    assert status_of(job) == ("failed" if given_up else "doing")
    assert ProcrastinateJob.objects.get(id=job).attempts == attempts + 1
    assert Event.objects.filter(code="operations:job:failed").count() == given_up


def taken_by_a_living_worker(job: int) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s"
            " WHERE id = %s AND status = 'todo'",
            [worker, job],
        )
    connections["default"].close()
