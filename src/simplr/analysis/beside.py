"""Watching access, beside the worker's jobs: a long job must not make an alert late."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from simplr.base import jobs

EVERY_SECONDS = 10.0
"""An alert comes within a minute of the access, with time to spare."""


@jobs.beside_the_work(every_seconds=EVERY_SECONDS)
def watch_access() -> int:
    """Read what came since the last time; returns how many events came."""
    from simplr.analysis import services

    if settings.ENV.unusual_access == "off":
        return 0
    return services.watch_now(now=timezone.now())
