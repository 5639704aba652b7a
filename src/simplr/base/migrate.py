"""Migrations that put every table into its app's schema.

Django's executor, with the search_path of the app whose migration runs: `CREATE TABLE` without a
schema lands in the first one of the path, third-party tables included.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from simplr.base.prepared_schema import lay_out
from simplr.config.placement import (
    APPEND_ONLY,
    EXTENSIONS_SCHEMA,
    PLACES,
    schemas_of,
    search_path_of,
)
from simplr_core.errors import Unavailable

LOCK_SECONDS = 2
"""How long a migration waits for a table. Whoever comes after it waits behind it: pages too."""
ATTEMPTS = 30
_LOCK_NOT_AVAILABLE = "55P03"


class MigrationWaits(Unavailable):
    """A table is held too long by others to be migrated. Try again when less goes on."""

    code = "migration-waits"


def _quoted(connection: BaseDatabaseWrapper, names: list[str]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in names)


def set_search_path(connection: BaseDatabaseWrapper, schemas: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {_quoted(connection, schemas)}")


class PlacedExecutor(MigrationExecutor):
    """Applies each migration with its app's schema first in the search_path."""

    def _placed(self, app_label: str, call: Callable[[], Any]) -> Any:
        alias, schema = PLACES.get(app_label, (None, None))
        if schema is None or alias != self.connection.alias:
            return call()
        others = [name for name in search_path_of(alias) if name != schema]
        try:
            set_search_path(self.connection, [schema, *others])
            return call()
        finally:
            if not self.connection.needs_rollback:
                set_search_path(self.connection, search_path_of(alias))

    def apply_migration(
        self, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False
    ) -> Any:
        """Apply one migration, in a transaction; again after a pause where a table is held.

        While it waits for a table, everybody else who wants that table waits behind it. So it gives
        up soon, lets them by and comes back: a release is upgraded while it serves.
        """
        parent = super().apply_migration
        for attempt in range(ATTEMPTS):
            try:
                return self._placed(
                    migration.app_label,
                    # A migration that fails has changed the state that it was given.
                    lambda: parent(state.clone(), migration, fake, fake_initial),
                )
            except OperationalError as error:
                held = getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE
                if not held or not migration.atomic:
                    raise
                time.sleep(min(0.2 * 2**attempt, 5))
        raise MigrationWaits(
            f"{migration} could not be applied: other sessions hold a table that it changes. End"
            " them, or try again when less goes on; nothing of it was done."
        )

    def unapply_migration(self, state: Any, migration: Any, fake: bool = False) -> Any:
        parent = super().unapply_migration
        return self._placed(migration.app_label, lambda: parent(state, migration, fake))


def prepare_schemas(alias: str) -> None:
    """Create the schemas of one database. Runs as its owner role, before any migration."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        for schema in [*schemas_of(alias), EXTENSIONS_SCHEMA]:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(connection, [schema])}")
    set_search_path(connection, search_path_of(alias))


def grant_serving_role(alias: str, role: str) -> None:
    """Let the serving role use what the owner made; on the ledger's tables only add and read.

    In one transaction: whoever serves meanwhile is at no moment without a right that he had, nor
    with one on the ledger that he must not have, and a kill leaves neither.
    """
    connection = connections[alias]
    name = connection.ops.quote_name(role)
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        for schema in [*schemas_of(alias), EXTENSIONS_SCHEMA]:
            place = connection.ops.quote_name(schema)
            cursor.execute(f"GRANT USAGE ON SCHEMA {place} TO {name}")
            if schema == EXTENSIONS_SCHEMA:
                continue
            cursor.execute(
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {place} TO {name}"
            )
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {place} TO {name}")
        for table in APPEND_ONLY.get(alias, ()):
            cursor.execute(f"REVOKE ALL ON {table} FROM {name}")
            cursor.execute(f"GRANT SELECT, INSERT ON {table} TO {name}")


def _targets(executor: MigrationExecutor, alias: str) -> list[tuple[str, str]]:
    """The newest migrations of the apps that live in this database; others leave no trace in it."""
    return [
        (app_label, name)
        for app_label, name in executor.loader.graph.leaf_nodes()
        if PLACES[app_label][0] == alias
    ]


def migrate_placed(
    alias: str,
    *,
    serving_role: str | None,
    each: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Bring one database to the newest state; returns how many migrations were applied.

    A database that holds nothing is laid out at once, unless `each` migration is to be applied.
    """
    connection = connections[alias]
    connection.prepare_database()
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    prepare_schemas(alias)
    laid_out = 0 if each else lay_out(alias)
    if laid_out:
        say(f"{alias}: laid out as {laid_out} migrations leave it")
    executor = PlacedExecutor(connection)
    executor.loader.check_consistent_history(connection)
    targets = _targets(executor, alias)
    plan = executor.migration_plan(targets)
    if plan:
        say(f"{alias}: {len(plan)} migrations")
    executor.migrate(targets, plan)
    if serving_role:
        grant_serving_role(alias, serving_role)
    return laid_out + len(plan)


def unapplied(alias: str) -> list[str]:
    """The names of migrations that one database still lacks."""
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(_targets(executor, alias))
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
