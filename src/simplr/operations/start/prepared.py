"""What need not be done again: migrations that were applied, static files that were collected.

A start on an existing folder must be quick, and asking Django takes seconds. The database itself
remembers the fingerprint of the code that migrated it last (as the comment on the database, so
that a restored older copy tells the truth), the folder that of the collected static files.
"""

from __future__ import annotations

import compileall
import hashlib
import os
from pathlib import Path

from psycopg import sql

from simplr.operations.start import databases, reach
from simplr.operations.start.folder import DataFolder, write_privately
from simplr.operations.start.postgres import Cluster
from simplr.operations.start.temporary import fingerprint

COMMENT = "Simplr, migrated by "


def forget_what_was_read() -> None:
    """The code may have been replaced while we ran."""
    fingerprint.cache_clear()


def is_migrated(cluster: Cluster) -> bool:
    """Whether the code that runs now migrated these databases last."""
    wanted = COMMENT + fingerprint()
    with cluster.connect() as connection:
        for database in databases.DATABASES:
            row = connection.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
                [database.name],
            ).fetchone()
            if row is None or row[0] != wanted:
                return False
    return True


def note_migrated(cluster: Cluster) -> None:
    """Let the databases remember who migrated them."""
    with cluster.connect() as connection:
        for database in databases.DATABASES:
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                    sql.Identifier(database.name), sql.Literal(COMMENT + fingerprint())
                )
            )


def are_static_files_collected(folder: DataFolder) -> bool:
    """Whether the static files in the folder are those of the code that runs now."""
    try:
        return (folder.path / "static-files").read_text() == static_fingerprint()
    except FileNotFoundError:
        return False


def note_static_files_collected(folder: DataFolder) -> None:
    write_privately(folder.path / "static-files", static_fingerprint(), mode=0o644)


def static_fingerprint() -> str:
    """A name for all static files as they lie now, by place, size and time of change."""
    digest = hashlib.sha256(fingerprint().encode())
    for top in sorted((reach.SOURCES / "simplr").glob("*/static")):
        for place, folders, names in os.walk(top):
            folders.sort()
            for name in sorted(names):
                found = (Path(place) / name).stat()
                digest.update(f"{place}/{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def compile_sources() -> None:
    """Compile our code while we may write beside it: the service account may not."""
    if os.access(reach.SOURCES / "simplr", os.W_OK):
        for package in ("simplr", "simplr_core", "simplr_client"):
            compileall.compile_dir(reach.SOURCES / package, quiet=2, workers=1)
