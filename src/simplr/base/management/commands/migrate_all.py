"""Create schemas, migrate the three databases in order, let the serving roles in."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from simplr.base.migrate import migrate_placed, unapplied


class Command(BaseCommand):
    help = "Migrate all three databases (as their owner roles); --check only tells what is missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 when one is missing")
        parser.add_argument(
            "--each", action="store_true", help="apply each migration, to new databases as well"
        )
        parser.add_argument(
            "--static", action="store_true", help="collect the static files in the same breath"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            missing = {alias: unapplied(alias) for alias in connections}
            for alias, names in missing.items():
                for name in names:
                    self.stdout.write(f"{alias}: {name}")
            if any(missing.values()):
                sys.exit(1)
            return
        applied = 0
        for alias in connections:
            serving = settings.ENV.databases[alias].user
            owner = settings.ENV.owners.get(alias)
            role = serving if owner is None or owner.user != serving else None
            applied += migrate_placed(
                alias, serving_role=role, each=options["each"], say=self.stdout.write
            )
        call_command("createcachetable", verbosity=0)
        for config in apps.get_app_configs():
            create_contenttypes(config, verbosity=0, using="default")
        for alias in connections:
            serving = settings.ENV.databases[alias].user
            owner = settings.ENV.owners.get(alias)
            if owner is not None and owner.user != serving:
                from simplr.base.migrate import grant_serving_role

                grant_serving_role(alias, serving)
        self.stdout.write(f"{applied} migrations applied")
        if options["static"]:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
