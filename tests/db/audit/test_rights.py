"""What the serving role may do to the ledger: add and read, nothing else (row 15)."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from django.db import connections

TABLES = {
    "base.base_event": ("default", "id"),
    "audit.audit_leaf": ("audit", "seq"),
    "audit.audit_checkpoint": ("audit", "size"),
}
ATTEMPTS = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table}",
    "alter": "ALTER TABLE {table} ADD COLUMN sneaked integer",
    "trigger off": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "replication role": "SET session_replication_role = replica",
    "drop": "DROP TABLE {table}",
    "own": "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "become the owner": "SET ROLE {owner}",
    "rule": "CREATE RULE sneaked AS ON INSERT TO {table} DO INSTEAD NOTHING",
}


def serving(alias: str) -> psycopg.Connection:
    at = connections[alias].settings_dict
    return psycopg.connect(
        dbname=at["NAME"],
        user=at["USER"],
        password=at["PASSWORD"],
        host=at["HOST"],
        port=at["PORT"],
        autocommit=True,
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_serving_role_is_refused(table: str, attempt: str) -> None:
    alias, column = TABLES[table]
    with serving(alias) as connection:
        owner = connection.execute(
            "SELECT relowner::regrole::text FROM pg_class WHERE oid = %s::regclass", [table]
        ).fetchone()
        assert owner is not None
        statement = ATTEMPTS[attempt].format(table=table, column=column, owner=owner[0])
        with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)
        ) as caught:
            connection.execute(statement)

    assert caught.type is psycopg.errors.InsufficientPrivilege


@pytest.mark.parametrize("table", TABLES)
def test_the_serving_role_has_two_rights_and_cannot_give_itself_more(table: str) -> None:
    alias, _ = TABLES[table]
    with serving(alias) as connection:
        connection.execute(f"GRANT ALL ON {table} TO CURRENT_USER")  # a warning, and no effect
        rights = connection.execute(
            "SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',"
            " 'REFERENCES', 'TRIGGER']) AS privilege WHERE has_table_privilege(%s, privilege)",
            [table],
        ).fetchall()

    assert {right for (right,) in rights} == {"SELECT", "INSERT"}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attempt", ["update", "delete", "truncate"])
def test_a_slip_of_the_owner_is_refused_too(table: str, attempt: str) -> None:
    alias, column = TABLES[table]
    owner, at = settings.ENV.owners[alias], connections[alias].settings_dict
    with psycopg.connect(
        dbname=at["NAME"],
        user=owner.user,
        password=owner.password,
        host=owner.host,
        port=owner.port,
    ) as connection:
        _insert_one(connection, table)
        statement = ATTEMPTS[attempt].format(table=table, column=column)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
        connection.rollback()


def _insert_one(connection: psycopg.Connection, table: str) -> None:
    connection.execute(
        {
            "base.base_event": (
                "INSERT INTO base.base_event (id, at, code, outcome, actor_kind, subject_kind,"
                " details) VALUES (uuidv7(), now(), 'x', 'ok', 'system', '', '{}')"
            ),
            "audit.audit_leaf": (
                "INSERT INTO audit.audit_leaf (seq, event_id, entry, leaf_hash)"
                " VALUES (-5, uuidv7(), '', '')"
            ),
            "audit.audit_checkpoint": (
                "INSERT INTO audit.audit_checkpoint (size, at, root, text)"
                " VALUES (-5, now(), '', '')"
            ),
        }[table]
    )
