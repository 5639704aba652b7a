"""A newer release takes over a running one's databases: bounded waits, kills, and the older code.

The newer release is this one with one more migration, in a copy of the sources; the older one is
the commit that `RELEASED` names (row 56).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from simplr.operations.start import databases, temporary
from simplr.operations.start.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
RELEASED = (Path(__file__).with_name("RELEASED")).read_text().strip()
LATEST = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("projects", "{before}")]
    operations = [
        migrations.RunSQL("CREATE TABLE projects.upgraded (id bigint)"),
        migrations.RunSQL("ALTER TABLE projects.projects_project ADD COLUMN motto text"),
        migrations.RunSQL("SELECT pg_sleep({sleep})"),
        migrations.RunSQL("INSERT INTO projects.upgraded VALUES (1)"),
    ]
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary.temporary(migrate=True, keep=ROOT / "build" / "test-postgres") as running:
        yield running


@pytest.fixture
def databases_of(cluster: Cluster, request: pytest.FixtureRequest) -> dict[str, str]:
    """A copy of the migrated databases; the variables that point at it."""
    suffix = f"_{abs(hash(request.node.name)) % 10**8}"
    return temporary.clone(cluster.data.parent, suffix)


def environ(sources: Path, urls: dict[str, str], *, owner: bool) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SIMPLR_", "DJANGO_"))}
    return {
        **kept,
        **urls,
        "PYTHONPATH": str(sources),
        "DJANGO_SETTINGS_MODULE": "simplr.config.settings",
        "SIMPLR_SECRET_KEY": "only-for-tests-" + "0" * 40,
        "SIMPLR_DATA": "/nonexistent",
        **({"SIMPLR_AS_OWNER": "1"} if owner else {}),
    }


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of a release that has one more migration."""
    sources = tmp_path_factory.mktemp("newer") / "src"
    shutil.copytree(ROOT / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
    return sources


def add_migration(newer: Path, *, sleep: float) -> None:
    folder = newer / "simplr/projects/migrations"
    last = max(path.stem for path in folder.glob("0*.py") if path.stem != "0999_upgraded")
    (folder / "0999_upgraded.py").write_text(LATEST.format(before=last, sleep=sleep))


def migrating(newer: Path, urls: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simplr.config.manage", "migrate_all"],
        env=environ(newer, urls, owner=True),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def owner_of(urls: dict[str, str]) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(urls["SIMPLR_DATABASE_OWNER_URL"], autocommit=True)


def upgraded(urls: dict[str, str]) -> bool:
    with owner_of(urls) as connection:
        found = connection.execute("SELECT to_regclass('projects.upgraded')").fetchone()
        return found is not None and found[0] is not None


@pytest.mark.prove
def test_a_migration_that_is_killed_leaves_nothing_and_is_done_the_next_time(
    newer: Path, databases_of: dict[str, str]
) -> None:
    add_migration(newer, sleep=1.5)
    first = migrating(newer, databases_of)
    assert wait_for_sleep(databases_of), first.communicate(timeout=60)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=10)
    assert not upgraded(databases_of), "half of it is not there"

    second = migrating(newer, databases_of)
    said, _ = second.communicate(timeout=60)

    assert second.returncode == 0, said
    with owner_of(databases_of) as connection:
        assert connection.execute("SELECT count(*) FROM projects.upgraded").fetchone() == (1,)


def wait_for_sleep(urls: dict[str, str]) -> bool:
    until = time.monotonic() + 30
    with owner_of(urls) as connection:
        while time.monotonic() < until:
            if connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(%' AND"
                " datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone():
                return True
            time.sleep(0.02)
    return False


@pytest.mark.prove
def test_a_migration_that_waits_for_a_table_lets_others_by(
    newer: Path, databases_of: dict[str, str]
) -> None:
    add_migration(newer, sleep=0)
    took: list[float] = []
    over = threading.Event()

    def read() -> None:
        """A caller of the release that serves: he needs the table, too."""
        with owner_of(databases_of) as connection:
            while not over.is_set():
                began = time.monotonic()
                connection.execute("SELECT count(*) FROM projects.projects_project")
                took.append(time.monotonic() - began)
                time.sleep(0.05)

    with psycopg.connect(databases_of["SIMPLR_DATABASE_OWNER_URL"]) as holding:
        # A long report holds the table: with it alone, readers go on.
        holding.execute("SELECT count(*) FROM projects.projects_project")
        reader = threading.Thread(target=read)
        reader.start()
        process = migrating(newer, databases_of)
        time.sleep(7)
        assert process.poll() is None, process.communicate(timeout=10)
        assert not upgraded(databases_of)
        holding.rollback()
        said, _ = process.communicate(timeout=60)
        over.set()
        reader.join()

    assert process.returncode == 0, said
    assert upgraded(databases_of)
    assert max(took) < 3, "nobody waits behind a migration that waits"
    assert sum(seconds > 1 for seconds in took) <= 6
    assert len(took) > 30


EVERY_MODEL = """
import django; django.setup()
from django.apps import apps
from simplr.config.placement import PLACES
for model in apps.get_models(include_auto_created=True):
    place = PLACES.get(model._meta.app_label)
    if place and model._meta.db_table:
        try:
            model._base_manager.using(place[0]).first()
        except Exception as error:
            print(model.__name__, type(error).__name__, str(error).splitlines()[0])
        for field in model._meta.local_concrete_fields:
            print("known", place[0], model._meta.db_table, field.column)
"""


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the release that `RELEASED` names."""
    folder = tmp_path_factory.mktemp("older")
    packed = subprocess.run(
        ["git", "archive", RELEASED, "src"], cwd=ROOT, capture_output=True, check=False
    )
    if packed.returncode != 0:
        pytest.skip("the commit of the last release is not in this clone")
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
    return folder / "src"


@pytest.mark.prove
def test_the_previous_release_runs_on_the_new_schema(
    older: Path, databases_of: dict[str, str]
) -> None:
    """While a release is replaced both serve: the older reads every table and adds to every one."""
    done = subprocess.run(
        [sys.executable, "-c", EVERY_MODEL],
        env=environ(older, databases_of, owner=False),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    assert [line for line in lines if not line.startswith("known ")] == []
    known = {tuple(line.split()[1:]) for line in lines}
    assert len(known) > 300

    assert must_be_given(databases_of, known) == []


def must_be_given(urls: dict[str, str], known: set[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Columns of known tables that an INSERT must give, and that the older release cannot know."""
    found = []
    tables = {(alias, table) for alias, table, _ in known}
    for database in databases.DATABASES:
        with psycopg.connect(urls[database.owner_variable]) as connection:
            for table, column in connection.execute(
                "SELECT table_name, column_name FROM information_schema.columns WHERE"
                " is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
                " AND is_generated = 'NEVER' AND table_schema NOT IN"
                " ('pg_catalog', 'information_schema')"
            ).fetchall():
                one = (database.alias, str(table), str(column))
                if one[:2] in tables and one not in known:
                    found.append(one)
    return found


@pytest.mark.prove
def test_a_column_that_the_older_release_would_leave_out_is_noticed(
    older: Path, databases_of: dict[str, str]
) -> None:
    known = {("default", "projects_project", "id")}
    with owner_of(databases_of) as connection:
        connection.execute("ALTER TABLE projects.projects_project ADD COLUMN motto text NOT NULL")

    found = must_be_given(databases_of, known)

    assert ("default", "projects_project", "motto") in found
