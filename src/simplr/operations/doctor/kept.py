"""What is kept: whether any of it is known to be damaged, and whether there is a backup of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg

from simplr.operations.doctor.findings import Finding, error, fine, note, warning
from simplr.operations.start import databases
from simplr.operations.start.environment import environment
from simplr.operations.start.folder import DataFolder

BACKUP_OLD = timedelta(days=8)


def examine(folder: DataFolder) -> Iterator[Finding]:
    """What the databases of a running installation say; a database that is away is said elsewhere."""
    urls = environment(folder)
    try:
        with psycopg.connect(urls["SIMPLR_VAULT_DATABASE_URL"], connect_timeout=10) as connection:
            found = connection.execute(
                "SELECT count(*) FROM vault_sealedobject"
                " WHERE damaged_at IS NOT NULL AND wrapped IS NOT NULL"
            ).fetchone()
            damaged = int(found[0]) if found else 0
        with psycopg.connect(urls[databases.DATABASES[0].variable], connect_timeout=10) as default:
            row = default.execute(
                "SELECT max(at) FROM base_event WHERE code = 'operations:backup:taken'"
            ).fetchone()
            newest: datetime | None = row[0] if row else None
    except psycopg.Error:
        return
    yield from _objects(damaged)
    yield from _backups(newest)


def _objects(damaged: int) -> Iterator[Finding]:
    if damaged:
        yield error(
            "objects",
            f"{damaged} stored objects are missing or changed.",
            means="Whatever needs them cannot be read.",
            mend="`simplr objects check` names them; put them back from a backup.",
        )
    else:
        yield fine("objects", "No stored object is known to be damaged.")


def _backups(newest: datetime | None) -> Iterator[Finding]:
    if newest is None:
        yield note(
            "backup",
            "No backup was taken by `simplr backup` yet.",
            means="If this disk fails, everything is lost, unless something else copies it.",
        )
    elif datetime.now(UTC) - newest > BACKUP_OLD:
        yield warning(
            "backup",
            f"The newest backup is of {newest:%Y-%m-%d}.",
            means="What came since is on this disk alone.",
            mend="Run `simplr backup PLACE`, and let a timer do it each night.",
        )
    else:
        yield fine("backup", f"The newest backup is of {newest:%Y-%m-%d %H:%M}.")
