"""Forgetting what was usual of whoever does not come any more."""

from __future__ import annotations

from django.utils import timezone

from simplr.base.jobs import app


@app.periodic(cron="47 4 * * *")
@app.task(name="analysis.forget_baselines", queueing_lock="forget-baselines")
def forget_baselines(timestamp: int) -> int:
    """Remove baselines that nothing was added to for half a year; returns how many."""
    from simplr.analysis import services

    return services.forget_old(now=timezone.now())
