"""Figures of the whole installation, for its administrators. No figure is about any content."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from simplr.accounts.models import Person
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


def person_count() -> int:
    """People who may sign in."""
    return Person.objects.filter(is_active=True).count()


def project_count() -> int:
    """Projects of all organisations."""
    return Project.objects.count()
