"""The three databases, ours or on other servers: what is missing there, told precisely."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg

from simplr.config.placement import EXTENSIONS_SCHEMA, schemas_of
from simplr.operations.doctor.findings import Finding, error, fine, note, warning
from simplr.operations.start import databases
from simplr.operations.start.environment import environment, uses_own_postgres
from simplr.operations.start.folder import DataFolder

DRIFT_SECONDS = 5.0


def examine(folder: DataFolder, *, running: bool) -> Iterator[Finding]:
    """Look at each database as the role that serves; at migrations as the settings see them."""
    if uses_own_postgres() and not running:
        yield note("databases", "They are not looked at, since the installation does not run.")
        return
    surroundings = environment(folder, owner=True)
    reachable = True
    for database in databases.DATABASES:
        url = surroundings.get(database.variable, "")
        if not url:
            reachable = False
            yield error(
                "databases",
                f"{database.variable} is not set.",
                means="Some databases are named, but not all three.",
                mend=f"Set {database.variable} and {database.owner_variable}.",
            )
            continue
        try:
            with psycopg.connect(url, connect_timeout=10) as connection:
                yield from _one(connection, database)
        except psycopg.OperationalError as failure:
            reachable = False
            yield error(
                "databases",
                f"{database.name} cannot be reached: {str(failure).strip().splitlines()[-1]}",
                means="Nothing that it keeps can be served.",
                mend=f"See that the server runs and that {database.variable} names an existing"
                " database, role and password.",
            )
        if not surroundings.get(database.owner_variable):
            yield warning(
                "databases",
                f"{database.owner_variable} is not set.",
                means="Migrations cannot be applied when Simplr starts.",
                mend=f"Name the role that owns {database.name} there, or apply migrations yourself.",
            )
    if reachable:
        yield from migrations(surroundings)


def _one(
    connection: psycopg.Connection[tuple[object, ...]], database: databases.Database
) -> Iterator[Finding]:
    version = connection.info.server_version
    if version < databases.LOWEST_VERSION * 10_000:
        yield error(
            "database-version",
            f"{database.name} is served by PostgreSQL {version // 10_000}.",
            means=f"Simplr needs PostgreSQL {databases.LOWEST_VERSION} (uuidv7 and the builtin"
            " locale provider).",
            mend="Upgrade the server.",
        )
        return
    yield fine("database-version", f"{database.name} is served by PostgreSQL {version // 10_000}.")
    yield from _role(connection, database)
    yield from _extensions(connection, database)
    yield from _clock(connection, database)


def _role(
    connection: psycopg.Connection[tuple[object, ...]], database: databases.Database
) -> Iterator[Finding]:
    row = connection.execute(
        "SELECT current_user, rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls,"
        " pg_has_role(current_user, (SELECT datdba FROM pg_database"
        " WHERE datname = current_database()), 'MEMBER'), current_setting('search_path')"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if row is None:
        return
    role, mighty, owns, path = str(row[0]), bool(row[1]), bool(row[2]), str(row[3])
    if mighty or owns:
        yield error(
            "database-role",
            f"{database.name} is served as {role}, who could change the ledger and the tables.",
            means="The serving role must own nothing: the ledger is safe from us only then.",
            mend=f"Serve as a role with NOSUPERUSER NOCREATEDB NOCREATEROLE that does not own"
            f" {database.name}.",
        )
    missing = [name for name in schemas_of(database.alias) if name not in path]
    if missing:
        yield warning(
            "database-role",
            f"The search_path of {role} in {database.name} lacks {', '.join(missing)}.",
            means="Simplr sets it itself; psql and poolers do not find the tables.",
            mend=f"As an administrator: ALTER ROLE {role} SET search_path = "
            f"{', '.join([*schemas_of(database.alias), EXTENSIONS_SCHEMA, 'public'])};",
        )


def _extensions(
    connection: psycopg.Connection[tuple[object, ...]], database: databases.Database
) -> Iterator[Finding]:
    rows = connection.execute(
        "SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n"
        " ON n.oid = e.extnamespace"
    ).fetchall()
    there = {str(name): str(schema) for name, schema in rows}
    for name in databases.EXTENSIONS:
        if name not in there:
            yield error(
                "database-extensions",
                f"{database.name} lacks the extension {name}.",
                means="Migrations and search need it.",
                mend=f"As an administrator, in {database.name}: CREATE EXTENSION {name}"
                f" SCHEMA {EXTENSIONS_SCHEMA};",
            )
        elif there[name] != EXTENSIONS_SCHEMA:
            yield warning(
                "database-extensions",
                f"The extension {name} of {database.name} lies in the schema {there[name]}.",
                means="Dropping that schema would take others' indexes along.",
                mend=f"As an administrator: ALTER EXTENSION {name} SET SCHEMA {EXTENSIONS_SCHEMA};",
            )
    if all(name in there for name in databases.EXTENSIONS):
        yield fine("database-extensions", f"{database.name} has what it needs.")
    for name in databases.WANTED_EXTENSIONS:
        if name not in there:
            yield note(
                "database-extensions",
                f"{database.name} has no {name}.",
                means="Search by meaning is not offered.",
            )


def _clock(
    connection: psycopg.Connection[tuple[object, ...]], database: databases.Database
) -> Iterator[Finding]:
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    if row is None or not isinstance(row[0], datetime):
        return
    apart = abs((row[0] - datetime.now(UTC)).total_seconds())
    if apart > DRIFT_SECONDS:
        yield warning(
            "clock",
            f"The clock of the server of {database.name} is {apart:.0f} s apart from ours.",
            means="Grants and tokens end earlier or later than they say.",
            mend="Keep both clocks right with an NTP service.",
        )


def migrations(surroundings: dict[str, str]) -> Iterator[Finding]:
    """Whether a migration is missing, as Django sees it, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "simplr.config.manage", "migrate_all", "--check"],
        env={**surroundings, "SIMPLR_AS_OWNER": "0", "HOME": os.environ.get("HOME", "/")},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode == 0:
        yield fine("migrations", "All migrations are applied.")
        return
    missing = done.stdout.strip().splitlines()
    if missing:
        yield error(
            "migrations",
            f"{len(missing)} migrations are not applied, first {missing[0]}.",
            means="The code and the tables do not fit each other.",
            mend="Start again with `simplr up`, which applies them.",
        )
    else:
        yield error(
            "migrations",
            f"They cannot be looked at: {(done.stderr.strip().splitlines() or ['?'])[-1]}",
            means="The settings or a database are wrong.",
            mend="Mend what is said above, then ask again.",
        )
