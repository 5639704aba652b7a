"""Figures of the whole installation, for its administrators. No figure is about any content."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections
from django.db.models import Count, Min, Q, Sum
from procrastinate.contrib.django.models import (
    ProcrastinateEvent,
    ProcrastinateJob,
    ProcrastinateWorker,
)

from simplr.accounts.models import Person
from simplr.base.events import Event
from simplr.base.models import Event as EventRow
from simplr.projects.models import Project

_SIGN_OF_LIFE = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Room:
    """The disk below the data folder."""

    free: int
    total: int


def room() -> Room:
    """How much the disk of the data folder holds, and how much of it is free."""
    used = shutil.disk_usage(settings.ENV.data)
    return Room(free=used.free, total=used.total)


def live_worker_count(*, now: datetime) -> int:
    """Workers that gave a sign of life within the last minute."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=now - _SIGN_OF_LIFE).count()


def failed_job_count() -> int:
    """Jobs that ended in an error and are still remembered."""
    return ProcrastinateJob.objects.filter(status="failed").count()


def newest_backup_at() -> datetime | None:
    """When the newest backup was taken by `simplr backup`; None when none was."""
    taken = EventRow.objects.filter(code=Event.BACKUP_TAKEN.value).order_by("-at")
    return taken.values_list("at", flat=True).first()


def person_count() -> int:
    """People who may sign in."""
    return Person.objects.filter(is_active=True).count()


def project_count() -> int:
    """Projects of all organisations."""
    return Project.objects.count()


def waiting_and_running_jobs() -> dict[tuple[str, str], int]:
    """How many jobs of each queue wait (`todo`) and are being done (`doing`)."""
    found = ProcrastinateJob.objects.filter(status__in=("todo", "doing"))
    counts = found.values_list("queue_name", "status").annotate(Count("id")).order_by()
    return {(queue, status): count for queue, status, count in counts}


def waiting_since(*, now: datetime) -> datetime | None:
    """When the job was enqueued that could be done and waits longest; None where none waits."""
    due = Q(job__scheduled_at__isnull=True) | Q(job__scheduled_at__lte=now)
    waiting = ProcrastinateEvent.objects.filter(due, type="deferred", job__status="todo")
    first: datetime | None = waiting.aggregate(first=Min("at"))["first"]
    return first


def stalled_job_count(*, now: datetime) -> int:
    """Jobs that are being done by a worker that gives no sign of life."""
    silent = now - timedelta(seconds=settings.ENV.stalled_seconds)
    doing = ProcrastinateJob.objects.filter(status="doing")
    return doing.filter(Q(worker=None) | Q(worker__last_heartbeat__lt=silent)).count()


def stored_bytes() -> int:
    """What all projects keep, as it counts against their quotas."""
    return int(Project.objects.aggregate(all=Sum("used_bytes"))["all"] or 0)


@dataclass(frozen=True, kw_only=True)
class Connections:
    """Connections to one database, and how many its server takes in all."""

    database: str
    count: int
    most: int


def database_connections() -> list[Connections]:
    """How many connections each of the three databases has now, ours and others'."""
    found = []
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT current_database(), count(*), current_setting('max_connections')::int"
                " FROM pg_stat_activity WHERE datname = current_database()"
            )
            database, count, most = cursor.fetchone()
            found.append(Connections(database=database, count=count, most=most))
    return found
