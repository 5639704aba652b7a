"""`manage work`: the worker that the supervisor keeps running."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from simplr.base import jobs


class Command(BaseCommand):
    help = "Run background jobs until SIGTERM; running jobs are finished first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=jobs.CONCURRENCY, metavar="N")
        parser.add_argument("--until-empty", action="store_true", help="stop when no job waits")

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(jobs.work(concurrency=options["concurrency"], wait=not options["until_empty"]))
