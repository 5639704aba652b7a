"""A new database is laid out at once, from what the migrations make, instead of step by step.

`config/schema/ALIAS.sql` holds one database as its migrations leave it, and names them. It is
written by `make schema`, and a test holds that it is what the migrations make. On a database that
holds nothing it is run as a whole, and its migrations count as applied; what came since follows as
ever. Rendering the state of every model for each of a hundred migrations takes twenty times as long.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from simplr.config import placement

FOLDER = Path(placement.__file__).parent / "schema"
MIGRATION = "-- migration: "


def lay_out(alias: str) -> int:
    """Lay out a database that holds nothing; how many migrations that makes, 0 if it holds any.

    The schemas of the apps exist. Nothing is done either where the file is of another release and
    names a migration that is not known here.
    """
    connection = connections[alias]
    recorder = MigrationRecorder(connection)
    if recorder.has_table():
        return 0
    text = (FOLDER / f"{alias}.sql").read_text(encoding="utf-8")
    applied = _named_in(text)
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    if not applied or not set(applied) <= set(known):
        return 0
    with transaction.atomic(using=alias):
        with connection.cursor() as cursor:
            cursor.execute(text)
            names = [connection.ops.quote_name(n) for n in placement.search_path_of(alias)]
            cursor.execute(f"SET search_path TO {', '.join(names)}")
        for app_label, name in applied:
            recorder.record_applied(app_label, name)
    return len(applied)


def _named_in(text: str) -> list[tuple[str, str]]:
    """(app label, name) of every migration that the file stands for, in their order."""
    lines = (line for line in text.splitlines() if line.startswith(MIGRATION))
    parts = (line.removeprefix(MIGRATION).partition(".") for line in lines)
    return [(app_label, name) for app_label, _, name in parts]
