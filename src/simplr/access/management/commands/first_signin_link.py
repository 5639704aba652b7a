"""Print a one-time sign-in link for the first, or for a named, administrator."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from simplr.access.first_start import first_signin_link
from simplr_core.errors import SimplrError


class Command(BaseCommand):
    help = "Print a one-time sign-in link for the first, or for a named, administrator."
    # They load every page, which takes a second, and a start waits for this.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default="", help="the address of an administrator")
        parser.add_argument("--json", action="store_true", help='{"signin": …, "token": …|null}')

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            start = first_signin_link(email=options["email"])
        except SimplrError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps({"signin": start.signin, "token": start.token}))
            return
        self.stdout.write(start.signin)
        if start.token:
            self.stdout.write(start.token)
