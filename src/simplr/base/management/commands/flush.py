"""Django's `flush`, for tests: empties a database although the ledger's tables refuse it.

Django's own dies on the append-only triggers and leaks rows into the next test. This one works
as the owner role, and only where the environment is `test`.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.flush import Command as DjangoFlush
from django.db import connections
from psycopg import sql

from simplr.config.placement import APPEND_ONLY, schemas_of

KEPT = {"django_migrations", "django_content_type"}


class Command(DjangoFlush):
    help = "Empty every table of one database, the ledger's too. Only in a test environment."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_TEST:
            raise CommandError("Only a test environment is flushed. Use `simplr db rebuild`.")
        alias = options["database"]
        owner, at = settings.ENV.owners[alias], connections[alias].settings_dict
        with psycopg.connect(
            dbname=at["NAME"],
            user=owner.user,
            password=owner.password,
            host=owner.host,
            port=owner.port,
        ) as connection:
            tables = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)",
                [schemas_of(alias)],
            ).fetchall()
            names = [sql.Identifier(*row) for row in tables if row[1] not in KEPT]
            guarded = [sql.Identifier(*name.split(".")) for name in APPEND_ONLY.get(alias, ())]
            for change in ("DISABLE", "ENABLE"):
                for name in guarded:
                    connection.execute(
                        sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(name, sql.SQL(change))
                    )
                if change == "DISABLE":
                    connection.execute(
                        sql.SQL("TRUNCATE {} RESTART IDENTITY").format(sql.SQL(", ").join(names))
                    )
