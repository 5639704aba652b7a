"""A worker that is killed in the midst of its jobs: each is done once more, and once only (row 26).

Real workers, real files, kill -9. What a killed worker left half done is nowhere afterwards: not
in a second version or a second event, not in the store, not as a process that works on.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.store.house import House
from tests.store.test_soak import descendants

from simplr.operations.start import processes

KILLS, MOST_KILLS, MANY_KILLS = 1, 6, 30
ROWS = 40_000
AFTERWARDS = """
import json
from collections import Counter
from datetime import timedelta
from django.db import connections
from django.utils import timezone
from simplr.base.models import Event
from simplr.resources.models import Version
from simplr.vault import claims, services
services.sweep(claimed=claims.claimed, now=timezone.now() + timedelta(hours=25))
alive = services.SealedObject.objects.filter(wrapped__isnull=False)
kept, there = set(alive.values_list("id", flat=True)), set(services.store().ids())
with connections["default"].cursor() as cursor:
    cursor.execute(
        "SELECT job.id, job.status, job.attempts, event.type, count(*)"
        " FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id"
        " WHERE job.args->>'upload_id' = ANY(%s) GROUP BY 1, 2, 3, 4", [UPLOADS])
    jobs = cursor.fetchall()
events = Event.objects.filter(subject_id__in=UPLOADS).values_list("code", "subject_id")
print(json.dumps({
    "jobs": [[str(cell) for cell in row] for row in jobs],
    "events": [[code, str(subject)] for code, subject in events],
    "loose": [str(id_) for id_ in there - kept],
    "lost": [str(id_) for id_ in kept - there],
    "unconfirmed": alive.filter(confirmed_at=None).count(),
}))
"""


@dataclass
class Killed:
    """What was put while workers were killed."""

    uploads: list[str] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    """Processes that the killed workers had started."""
    kills: int = 0


def kill_in(house: House, state: str, project: str, chance: random.Random, killed: Killed) -> None:
    """Put two files, and kill the worker somewhere while they are in that state."""
    content = ("n,w\n" + "".join(f"{n},{n * 7 % 1009}\n" for n in range(ROWS))).encode()
    uploads = [house.put(project, f"{n}.csv", content)["id"] for n in range(2)]
    killed.uploads += uploads
    if state == "keeping":
        for upload in uploads:
            house.wait_for(upload, "understood")
            house.ask("POST", f"/uploads/{upload}/keep", {"fields": []})
    house.wait_for(uploads[0], state, "understood", "kept")
    time.sleep(chance.uniform(0, 0.5))
    worker = house.simplr.pid("worker")
    killed.orphans += descendants(worker)
    os.kill(worker, signal.SIGKILL)
    killed.kills += 1
    for upload in uploads:
        if state != "keeping":
            house.wait_for(upload, "understood")
            house.ask("POST", f"/uploads/{upload}/keep", {"fields": []})
        found = house.wait_for(upload, "kept")
        rows = house.raw("GET", f"/datasets/{found['resource']}/rows?format=csv")
        assert rows == content.replace(b"\n", b"\r\n") or rows == content
        versions = house.ask("GET", f"/resources/{found['resource']}/versions")["items"]
        assert len(versions) == 1, "kept twice"


def each_once(house: House, killed: Killed) -> int:
    """That every job ended well, once, after as many retries as kills met it; how many those are."""
    for _ in range(100):  # a job ends a moment after what it did is seen
        said: dict[str, Any] = json.loads(
            house.manage(f"UPLOADS = {killed.uploads!r}\n{AFTERWARDS}")
        )
        if all(status == "succeeded" for _, status, *_ in said["jobs"]):
            break
        time.sleep(0.2)
    jobs: dict[str, dict[str, int]] = {}
    for id_, status, attempts, kind, count in said["jobs"]:
        assert status == "succeeded", said["jobs"]
        jobs.setdefault(id_, {"attempts": int(attempts)})[kind] = int(count)
    retried = 0
    for job in jobs.values():
        again = job.get("deferred_for_retry", 0)
        assert job["succeeded"] == 1
        assert job["started"] == job["attempts"] == again + 1
        retried += again
    assert len(jobs) == 2 * len(killed.uploads), "a job for understanding and one for keeping"
    for code in ("intake:upload:understood", "intake:upload:kept"):
        told = sorted(subject for found, subject in said["events"] if found == code)
        assert told == sorted(killed.uploads), f"{code} is told otherwise than once each"
    assert said["loose"] == []
    assert said["lost"] == []
    assert said["unconfirmed"] == 0
    assert house.half_written() == []
    assert processes.wait_until(
        lambda: not any(map(processes.is_alive, killed.orphans)), seconds=10
    )
    return retried


@pytest.mark.prove
def test_jobs_of_a_killed_worker_are_done_once_more_and_leave_nothing(house: House) -> None:
    killed = Killed()
    chance = random.Random(26)
    retried = 0
    while retried < KILLS and killed.kills < MOST_KILLS:  # a quick machine may have done its work
        kill_in(house, "keeping", house.project("Killed worker"), chance, killed)
        retried = each_once(house, killed)

    assert retried >= KILLS, "no kill met a job"


@pytest.mark.prove
def test_jobs_of_thirty_killed_workers_are_done_once_more_and_leave_nothing(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    killed = Killed()
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    project = house.project("Killed workers")
    for number in range(MANY_KILLS):
        kill_in(house, ("understanding", "keeping")[number % 2], project, chance, killed)
    retried = each_once(house, killed)
    print(
        f"seed {seed}: {killed.kills} workers killed, {retried} jobs put back, each done once;"
        f" {len(killed.uploads)} uploads kept once, 0 objects and 0 processes left over"
    )

    assert retried >= MANY_KILLS / 2
    record_property("workers killed", killed.kills)
    record_property("jobs put back and done once", retried)
