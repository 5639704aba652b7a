"""New databases are laid out at once: exactly as the migrations, one by one, would make them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.start.test_upgrading import environ

from simplr.base.prepared_schema import FOLDER
from simplr.operations.start import databases, schema, temporary
from simplr.operations.start.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def migrated() -> Iterator[Cluster]:
    with temporary.temporary(migrate=True, each=True) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def laid_out() -> Iterator[Cluster]:
    with temporary.temporary(migrate=True, keep=ROOT / "build" / "test-postgres") as cluster:
        yield cluster


@pytest.mark.parametrize("database", databases.DATABASES, ids=lambda one: one.alias)
def test_what_is_laid_out_is_what_the_migrations_make(
    migrated: Cluster, laid_out: Cluster, database: databases.Database
) -> None:
    wanted = schema.layout(migrated, database)
    written = (FOLDER / f"{database.alias}.sql").read_text(encoding="utf-8")

    assert written == wanted, "a migration was added: run `make schema`"
    assert without_casts(schema.layout(laid_out, database)) == without_casts(wanted)


def without_casts(text: str) -> list[str]:
    """The lines, with lists of values alike: PostgreSQL writes their casts anew at each reading."""
    return [
        re.sub(r"::character varying|::text(\[\])?|[()]", "", line) if " = ANY (" in line else line
        for line in text.splitlines()
    ]


def test_both_ways_fill_the_same_rows_and_give_the_same_rights(
    migrated: Cluster, laid_out: Cluster
) -> None:
    for database in databases.DATABASES:
        found = []
        for cluster in (migrated, laid_out):
            with cluster.connect(database.name) as connection:
                rights = connection.execute(
                    "SELECT table_schema, table_name, grantee, privilege_type"
                    " FROM information_schema.role_table_grants"
                    " WHERE grantee = %s ORDER BY 1, 2, 3, 4",
                    [database.app],
                ).fetchall()
                owners = connection.execute(
                    "SELECT schemaname, tablename, tableowner FROM pg_tables ORDER BY 1, 2"
                ).fetchall()
                kinds = (
                    connection.execute(
                        "SELECT app_label, model FROM base.django_content_type ORDER BY 1, 2"
                    ).fetchall()
                    if database.alias == "default"
                    else []
                )
            found.append((rights, owners, kinds))
        assert found[0][0]
        assert found[0] == found[1]


RIGHTS = """
import django; django.setup()
import json, sys
import psycopg
from django.db import connections
from simplr.base.migrate import grant_serving_role
told = set()
with psycopg.connect(sys.argv[1], autocommit=True) as serving:
    def look(execute, *rest):
        done = execute(*rest)
        asked = "SELECT " + ", ".join(
            f"has_table_privilege('base_event', '{act}')" for act in ("SELECT", "INSERT", "UPDATE", "DELETE")
        )
        told.add(serving.execute(asked).fetchone())
        return done
    with connections["default"].execute_wrapper(look):
        grant_serving_role("default", sys.argv[2])
print(json.dumps(sorted(told)))
"""


def test_rights_are_given_again_without_a_moment_that_has_others(laid_out: Cluster) -> None:
    urls = temporary.urls_in(laid_out.data.parent)

    done = subprocess.run(
        [sys.executable, "-c", RIGHTS, urls["SIMPLR_DATABASE_URL"], databases.DATABASES[0].app],
        env=environ(ROOT / "src", urls, owner=True),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == [[True, True, False, False]], "read and add, and no more"
