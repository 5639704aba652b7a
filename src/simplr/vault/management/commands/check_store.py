"""Try the place where objects are kept; prints what was found as JSON. `simplr up` calls it."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from simplr.vault import services
from simplr_core.errors import SimplrError


class Command(BaseCommand):
    help = "Try whether objects can be kept, and whether one is never overwritten."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        found: dict[str, Any]
        try:
            found = {"creates_on_condition": services.store().creates_on_condition()}
        except SimplrError as error:
            found = {
                "failed": {"code": error.code, "status": error.status, "message": error.message}
            }
        self.stdout.write(json.dumps(found))
