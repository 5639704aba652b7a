"""Everything from nothing: drop what the databases and the object folder hold, make it again.

For demonstration and test installations only. The root key, the passwords of the roles, port and
certificate stay; all that people put in goes, and so does the ledger.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping

import psycopg
from psycopg import sql

from simplr.config.placement import schemas_of
from simplr.operations.start import control, databases, prepared, reach
from simplr.operations.start.account import service_account
from simplr.operations.start.environment import (
    address_of,
    environment,
    objects_url_of,
    uses_own_postgres,
)
from simplr.operations.start.errors import ProductionProtected, StartFailed
from simplr.operations.start.folder import DataFolder
from simplr.operations.start.services import Services

EMPTIED = ("objects", "cache", "ledger", "tmp")


def check_rebuildable(folder: DataFolder, *, environment_said: str) -> None:
    """Return quietly if this installation may be dropped; raise the reason if not."""
    installation = folder.installation()
    if installation.is_production:
        raise ProductionProtected(
            f"{folder.path} is marked production (installation.json): nothing drops its databases."
            " Make another installation with `simplr up --data DIR --env test`."
        )
    if not objects_url_of(folder).startswith("file:"):
        raise ProductionProtected(
            f"Objects lie at {objects_url_of(folder)}: nothing here empties a bucket. Make another"
            " installation with `simplr up --data DIR --env test`."
        )
    if environment_said != installation.environment:
        raise ProductionProtected(
            f"{folder.path} is a {installation.environment} installation, and --env says"
            f" {environment_said}: name the one that you mean."
        )


def rebuild(
    folder: DataFolder,
    *,
    environment_said: str,
    tell: Callable[[str], None],
    environ: Mapping[str, str] | None = None,
) -> None:
    """Drop, recreate and migrate the three databases of a stopped installation; empty its objects.

    Call from the main thread. Raises ProductionProtected, AlreadyRunning or StartFailed.
    """
    surroundings = dict(os.environ if environ is None else environ)
    check_rebuildable(folder, environment_said=environment_said)
    account = service_account()
    reached = reach.reach_for(account)
    services = Services(folder, reached, address_of(folder), surroundings)
    with control.locked(folder):
        folder.prepare(environment="", account=account, web_account=reached.web_account)
        if uses_own_postgres(surroundings):
            _rebuild_ours(folder, services, tell)
        else:
            _drop_schemas(environment(folder, owner=True, environ=surroundings), tell)
            _migrate(services, tell)
        for name in EMPTIED:
            _empty(folder, name)
        folder.update(welcomed=False)


def _rebuild_ours(folder: DataFolder, services: Services, tell: Callable[[str], None]) -> None:
    cluster = services.cluster()
    if not cluster.exists:
        cluster.create()
    server = cluster.start()
    try:
        cluster.wait_until_ready(server)
        tell("dropping the databases")
        databases.drop(cluster, [database.name for database in databases.DATABASES])
        passwords = databases.load_passwords(folder.secret / "databases.json")
        databases.ensure(cluster, passwords)
        _migrate(services, tell)
        prepared.note_migrated(cluster)
    finally:
        cluster.stop(server)


def _drop_schemas(owned: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """On other servers we are no administrator: all schemas go, or none; never only some."""
    for database in databases.DATABASES:
        tell(f"dropping the schemas of {database.name}")
        try:
            url = owned[database.owner_variable]
        except KeyError:
            raise StartFailed(f"Set {database.owner_variable}: its owner alone can drop it.") from (
                None
            )
        with psycopg.connect(url) as connection:
            for schema in schemas_of(database.alias):
                connection.execute(
                    sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema))
                )
            connection.execute("DROP TABLE IF EXISTS public.django_migrations")


def _migrate(services: Services, tell: Callable[[str], None]) -> None:
    tell("migrating the databases")
    process = services.manage("migrate_all", owner=True)
    if process.wait() != 0:
        said = services.folder.log("migrate_all").read_text(errors="replace")
        raise StartFailed(f"`migrate_all` ended with status {process.returncode}:\n{said[-4000:]}")


def _empty(folder: DataFolder, name: str) -> None:
    for path in (folder.path / name).iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
