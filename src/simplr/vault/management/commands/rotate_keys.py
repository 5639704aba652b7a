"""Exchange the root key, or the keys of projects. `simplr keys rotate-root` and `rotate` call it."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.utils import timezone

from simplr.base.actors import SYSTEM
from simplr.vault import rotation
from simplr_core.errors import SimplrError


class Command(BaseCommand):
    help = "Exchange the root key, or the keys of projects; prints what was done as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("which", choices=("root", "promote-root", "projects"))
        parser.add_argument("--project", type=UUID, action="append", default=[])
        parser.add_argument("--root-key", default="", help="the id of the root key to promote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = self._done(**options)
        except SimplrError as error:
            # For whoever started this: the error itself, not only its sentence.
            found = {
                "failed": {"code": error.code, "status": error.status, "message": error.message}
            }
        self.stdout.write(json.dumps(found))

    def _done(self, *, which: str, project: list[UUID], root_key: str, **_: Any) -> dict[str, Any]:
        if which == "root":
            root_key_id, count = rotation.rotate_root_key(actor=SYSTEM)
            return {"root_key_id": root_key_id, "keys": count}
        if which == "promote-root":
            rotation.promote_root_key(root_key)
            return {"root_key_id": root_key}
        wanted = project or rotation.project_ids()
        now = timezone.now()
        counts = [
            rotation.rotate_project_key(project_id=project_id, actor=SYSTEM, now=now)
            for project_id in wanted
        ]
        return {"projects": len(wanted), "keys": sum(counts)}
