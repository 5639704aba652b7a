"""Tables are where the placement table says, and the serving roles may do no more than serve."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import ProgrammingError, connections, transaction

from simplr.config.placement import APPEND_ONLY, PLACES


def test_every_table_lies_in_the_schema_of_its_app() -> None:
    found = {}
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT tablename, schemaname FROM pg_tables")
            found[alias] = dict(cursor.fetchall())

    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.proxy or not meta.managed or meta.app_label not in PLACES:
            continue
        alias, schema = PLACES[meta.app_label]
        assert found[alias].get(meta.db_table) == schema, meta.label


def test_nothing_lies_in_public_but_the_list_of_migrations() -> None:
    for alias in connections:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            assert {name for (name,) in cursor.fetchall()} <= {"django_migrations"}, alias


@pytest.mark.parametrize(
    ("alias", "table"),
    [(alias, table) for alias, tables in APPEND_ONLY.items() for table in tables],
)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "TRUNCATE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {}",
        "UPDATE {} SET id = id",
    ],
)
def test_the_serving_role_cannot_rewrite_the_ledger(alias: str, table: str, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError),
        transaction.atomic(using=alias),
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
