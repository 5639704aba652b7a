"""Writes `config/schema`: each database as its migrations leave it (`make schema`).

PostgreSQL's own pg_dump tells how it looks; owners, rights and extensions are left out, since the
start sets them, and what is particular to one run.
"""

from __future__ import annotations

import subprocess

from psycopg import sql

from simplr.base.prepared_schema import FOLDER, MIGRATION
from simplr.config.placement import schemas_of
from simplr.operations.start import databases
from simplr.operations.start.databases import Database
from simplr.operations.start.postgres import Cluster
from simplr.operations.start.temporary import temporary

MADE_BEFORE = ("CREATE SCHEMA ", "CREATE EXTENSION ")
SET_FOR_THE_SESSION = "SET "
KEPT_SETTINGS = ("SET check_function_bodies",)
FILLED = {"django_migrations", "django_content_type"}
"""The only tables into which migrating writes rows. Both are filled by the start itself."""


def layout(cluster: Cluster, database: Database) -> str:
    """One migrated database as SQL, with the migrations that made it named at the top."""
    with cluster.connect(database.name) as connection:
        place = sql.Identifier(schemas_of(database.alias)[0], "django_migrations")
        applied = connection.execute(
            sql.SQL("SELECT app, name FROM {} ORDER BY id").format(place)
        ).fetchall()
        _check_nothing_else_is_filled(connection.execute(_COUNTS).fetchall())
    done = subprocess.run(
        [
            *(cluster.programs.program("pg_dump"), "--schema-only", "--no-owner"),
            *("--no-privileges", "--no-comments", "--dbname", cluster.superuser_url(database.name)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    names = [f"{MIGRATION}{app}.{name}" for app, name in applied]
    return "\n".join(["-- Written by `make schema`.", *names, "", *_kept(done.stdout)]) + "\n"


_COUNTS = "SELECT relname, n_tup_ins FROM pg_stat_user_tables"


def _check_nothing_else_is_filled(counts: list[tuple[object, ...]]) -> None:
    filled = {str(name) for name, rows in counts if rows}
    if more := sorted(filled - FILLED):
        raise ValueError(
            f"A migration fills {', '.join(more)}: let the start fill it, or name it here."
        )


def _kept(dump: str) -> list[str]:
    lines = [
        line
        for line in dump.splitlines()
        if line
        and not line.startswith(("--", "\\", *MADE_BEFORE))
        and (not line.startswith(SET_FOR_THE_SESSION) or line.startswith(KEPT_SETTINGS))
    ]
    return [line.rstrip() for line in lines]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with temporary(migrate=True, each=True) as cluster:
        for database in databases.DATABASES:
            path = FOLDER / f"{database.alias}.sql"
            path.write_text(layout(cluster, database), encoding="utf-8")
            print(path.name)


if __name__ == "__main__":
    main()
