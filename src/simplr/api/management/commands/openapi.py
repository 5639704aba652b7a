"""`manage openapi`: the OpenAPI document of /api/v1, for clients, tests and the manual."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import resolve


class Command(BaseCommand):
    help = "Print the OpenAPI document of /api/v1."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        resolve("/api/v1/openapi.json")  # loads every app's endpoints
        from simplr.api.endpoints import api

        self.stdout.write(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=2))
