"""The three databases, their two roles each, and the extensions: what a superuser sets up once.

An owner role migrates, an app role serves. Both find their tables by a search_path that is set on
the role, so that psql, a pool and the job queue see the same tables as Django does.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from simplr.config.placement import EXTENSIONS_SCHEMA, search_path_of
from simplr.operations.start.errors import FolderUnsuitable
from simplr.operations.start.postgres import PORT, Cluster

EXTENSIONS = ("pg_trgm", "unaccent", "citext", "btree_gist", "ltree")
WANTED_EXTENSIONS = ("vector",)
LOWEST_VERSION = 18
"""uuidv7() and the builtin locale provider came with it."""


@dataclass(frozen=True)
class Database:
    """One of the three, by its alias in Django's settings."""

    alias: str
    name: str
    variable: str

    @property
    def owner(self) -> str:
        return f"{self.name}_owner"

    @property
    def app(self) -> str:
        return f"{self.name}_app"

    @property
    def owner_variable(self) -> str:
        return self.variable.removesuffix("_URL") + "_OWNER_URL"


DATABASES = (
    Database(alias="default", name="simplr", variable="SIMPLR_DATABASE_URL"),
    Database(alias="vault", name="simplr_vault", variable="SIMPLR_VAULT_DATABASE_URL"),
    Database(alias="audit", name="simplr_audit", variable="SIMPLR_AUDIT_DATABASE_URL"),
)


def load_passwords(path: Path) -> dict[str, str]:
    """The roles' passwords; made and written once, for us alone, when there are none yet."""
    roles = [role for database in DATABASES for role in (database.owner, database.app)]
    try:
        passwords = {str(k): str(v) for k, v in json.loads(path.read_text()).items()}
    except FileNotFoundError:
        passwords = {role: secrets.token_urlsafe(32) for role in roles}
        partial = path.with_name(f"{path.name}.partial")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump(passwords, stream)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(path)
    except ValueError as error:
        raise FolderUnsuitable(f"{path} is not readable as JSON: restore it.") from error
    missing = [role for role in roles if role not in passwords]
    if missing:
        raise FolderUnsuitable(f"{path} lacks the passwords of {', '.join(missing)}: restore it.")
    return passwords


def url(*, role: str, password: str, database: str, sockets: Path) -> str:
    """A connection URL as libpq and the settings read it: over the socket, by password."""
    host = quote(str(sockets), safe="")
    return f"postgresql://{role}:{quote(password, safe='')}@/{database}?host={host}&port={PORT}"


def urls(passwords: Mapping[str, str], *, sockets: Path, suffix: str = "") -> dict[str, str]:
    """The connection URLs of all roles, by environment variable; `suffix` marks a copy's names."""
    found: dict[str, str] = {}
    for database in DATABASES:
        for variable, role in (
            (database.variable, database.app),
            (database.owner_variable, database.owner),
        ):
            found[variable] = url(
                role=role,
                password=passwords[role],
                database=database.name + suffix,
                sockets=sockets,
            )
    return found


def ensure(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    """Make roles, databases and extensions as they should be; harmless when they already are."""
    ensure_empty(cluster, passwords)
    for database in DATABASES:
        ensure_extensions(cluster, database, database.name)


def ensure_empty(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    """Make roles and databases, and nothing in these: a restored dump brings the rest."""
    with cluster.connect() as connection:
        for database in DATABASES:
            for role in (database.owner, database.app):
                _ensure_role(connection, role, passwords[role])
            _ensure_database(connection, database, database.name)


def ensure_extensions(cluster: Cluster, database: Database, name: str) -> None:
    """Put the extensions into their schema and let both roles use it.

    A schema of their own: dropping an app's schema must not take others' keys and indexes along.
    """
    with cluster.connect(name) as connection:
        schema = sql.Identifier(EXTENSIONS_SCHEMA)
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}, {}").format(
                schema, sql.Identifier(database.owner), sql.Identifier(database.app)
            )
        )
        available = {
            str(row[0])
            for row in connection.execute("SELECT name FROM pg_available_extensions").fetchall()
        }
        for extension in (*EXTENSIONS, *(e for e in WANTED_EXTENSIONS if e in available)):
            connection.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}").format(
                    sql.Identifier(extension), schema
                )
            )


def drop(cluster: Cluster, names: Iterable[str]) -> None:
    """Drop databases, ending the sessions that use them."""
    with cluster.connect() as connection:
        for name in names:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def clone(cluster: Cluster, suffix: str) -> None:
    """Copy the three databases, which nobody may be using, under names that end in `suffix`."""
    drop(cluster, [database.name + suffix for database in DATABASES])
    with cluster.connect() as connection:
        for database in DATABASES:
            _ensure_database(connection, database, database.name + suffix, template=database.name)


def _ensure_role(
    connection: psycopg.Connection[tuple[object, ...]], role: str, password: str
) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("CREATE ROLE" if known is None else "ALTER ROLE")
    connection.execute(
        sql.SQL("{} {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD {}").format(
            verb, sql.Identifier(role), sql.Literal(password)
        )
    )
    alias = next(d.alias for d in DATABASES if role in (d.owner, d.app))
    path = sql.SQL(", ").join(sql.Identifier(schema) for schema in search_path_of(alias))
    connection.execute(
        sql.SQL("ALTER ROLE {} SET search_path = {}").format(sql.Identifier(role), path)
    )


def _ensure_database(
    connection: psycopg.Connection[tuple[object, ...]],
    database: Database,
    name: str,
    *,
    template: str | None = None,
) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if known is None:
        copy = (
            sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
            if template
            else sql.SQL("")
        )
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}{}").format(
                sql.Identifier(name), sql.Identifier(database.owner), copy
            )
        )
    connection.execute(
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
    )
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
            sql.Identifier(name), sql.Identifier(database.app)
        )
    )
