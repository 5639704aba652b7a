"""`manage event_reference`: docs/reference/events.md, made from the events and their words."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from simplr.base.event_words import WORDS
from simplr.base.events import Event

HEAD = """# Events

Every fact that the ledger knows. An event names people and things by id and carries no value; its
outcome is `ok`, `refused` or `failed`. This page is made by `make docs`.
"""


class Command(BaseCommand):
    help = "Print the reference page of events."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reference_page(), ending="")


def reference_page() -> str:
    """The page as it stands in the manual."""
    lines = [HEAD]
    with override("en"):
        for app, events in groupby(sorted(Event), key=lambda event: event.value.split(":")[0]):
            lines.append(f"\n## {app}\n\n| event | who did it … |\n|---|---|\n")
            lines += [f"| `{event.value}` | {WORDS[event].phrase} |\n" for event in events]
    return "".join(lines)
