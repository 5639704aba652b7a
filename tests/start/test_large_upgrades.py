"""A large installation of the release before is migrated while it serves, with kills (row 56).

The databases are laid out by the code of the commit that `RELEASED` names, the only release before
this one, and filled by SQL (`benchmarks/large.py`) until the biggest tables hold a million rows.
Then the code that lies here migrates them, is killed in the midst of changing a big table, and goes on.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benchmarks.large import Size, fill
from tests.start.crowded import BIG, company
from tests.start.test_upgrading import environ, migrating, older

from simplr.operations.start import temporary
from simplr.operations.start.postgres import Cluster

__all__ = ["older"]

ROOT = Path(__file__).resolve().parents[2]
MILLION = 1_000_000
LARGE = Size(resources=210_000, events=MILLION, notices_each=1)
MOST_SECONDS = 2.0
"""How long anybody may be kept from a big table."""
OBJECTS = f"""
INSERT INTO vault_projectkey (id, project_id, root_key_id, created_at)
  SELECT uuidv7(), gen_random_uuid(), 'none', now() FROM generate_series(1, 3000);
INSERT INTO vault_sealedobject (id, project_key_id, kind, context, wrapped, header, size, sealed_size, digests, created_at, stored_at, confirmed_at)
  SELECT uuidv7(), (SELECT id FROM vault_projectkey LIMIT 1), 'part', '\\x00', decode(repeat('ab', 60), 'hex'),
    decode(repeat('cd', 47), 'hex'), n, n + 63, decode(repeat('ef', 111), 'hex'), now(), now(), now() FROM generate_series(1, {MILLION}) n
"""
LEAVES = f"""
INSERT INTO audit_leaf (seq, event_id, entry, leaf_hash)
  SELECT n, uuidv7(), decode(repeat('ab', 200), 'hex'), sha256(n::text::bytea) FROM generate_series(0, {MILLION} - 1) n
"""


@pytest.fixture(scope="module")
def large(older: Path) -> Iterator[tuple[Cluster, dict[str, str]]]:
    """A large installation as the release before left it; the variables that point at it."""
    with temporary.temporary(migrate=False) as cluster:
        urls = temporary.urls_in(cluster.data.parent)
        done = subprocess.run(
            [sys.executable, "-m", "simplr.config.manage", "migrate_all"],
            env=environ(older, urls, owner=True),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        with cluster.connect("simplr") as connection:
            fill(connection, LARGE)
        for database, filling in (("simplr_vault", OBJECTS), ("simplr_audit", LEAVES)):
            with cluster.connect(database) as connection, connection.transaction():
                schema = database.removeprefix("simplr_")
                connection.execute(f"SET LOCAL search_path = {schema}")
                connection.execute("SET LOCAL session_replication_role = replica")
                for statement in filling.strip().split(";\n"):
                    connection.execute(statement)
        yield cluster, urls


def counts(cluster: Cluster) -> dict[str, int]:
    """How many rows each big table has."""
    found = {}
    for table, (database, _) in BIG.items():
        with cluster.connect(database) as connection:
            schema = table.partition("_")[0]
            row = connection.execute(f"SELECT count(*) FROM {schema}.{table}").fetchone()
            assert row is not None
            found[table] = int(str(row[0]))
    return found


def missing(urls: dict[str, str]) -> list[str]:
    """The migrations that the databases lack of the code that lies here."""
    done = subprocess.run(
        [sys.executable, "-m", "simplr.config.manage", "migrate_all", "--check"],
        env=environ(ROOT / "src", urls, owner=True),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr[-3000:]
    return done.stdout.split("\n")[:-1]


def at_work(cluster: Cluster, process: subprocess.Popen[str]) -> str:
    """Wait until the migration changes a big table; the statement that does it, or nothing."""
    asked = (
        "SELECT query FROM pg_stat_activity WHERE usename LIKE '%%_owner' AND state = 'active'"
        " AND (query ILIKE 'CREATE%%INDEX%%' OR query ILIKE 'ALTER TABLE%%')"
    )
    with cluster.connect() as connection:
        while process.poll() is None:
            found = connection.execute(asked).fetchone()
            if found is not None and any(table in str(found[0]) for table in BIG):
                return str(found[0])
            time.sleep(0.002)
    return ""


@pytest.mark.prove
def test_a_million_rows_are_migrated_beside_readers_and_writers_whatever_is_killed(
    large: tuple[Cluster, dict[str, str]], record_property: Callable[[str, object], None]
) -> None:
    cluster, urls = large
    before = counts(cluster)
    lacks = missing(urls)
    assert lacks, "there is nothing to migrate: name an older commit in RELEASED"
    kills: list[str] = []
    with company(cluster, urls) as waits:
        time.sleep(2)
        while True:
            process = migrating(ROOT / "src", urls)
            statement = "" if len(kills) == len(lacks) else at_work(cluster, process)
            if not statement or statement in kills:
                break
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=10)
            kills.append(statement)
            assert missing(urls), "what was killed is not done"
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 0, said
        time.sleep(1)

    after = counts(cluster)
    print(f"{len(lacks)} migrations: {', '.join(lacks)}; {len(kills)} kills; {waits}")
    record_property("migrations", len(lacks))
    record_property("kills", len(kills))
    record_property("seconds that somebody waited at most", round(max(waits.took.values()), 2))
    assert waits.faults == []
    assert missing(urls) == []
    assert invalid_indexes(cluster) == []
    assert min(before[table] for table in ("access_grant", "base_event")) >= MILLION
    assert {k: n for k, n in after.items() if k != "base_event"} == {
        k: n for k, n in before.items() if k != "base_event"
    }
    assert len(kills) >= 1
    assert max(waits.took.values()) < MOST_SECONDS, "somebody waited for a migration"
    assert waits.longest("AccessExclusiveLock") < MOST_SECONDS


def invalid_indexes(cluster: Cluster) -> list[str]:
    """Indexes that a killed migration left half built."""
    found = []
    for database in {database for database, _ in BIG.values()}:
        with cluster.connect(database) as connection:
            rows = connection.execute(
                "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
            ).fetchall()
            found += [str(row[0]) for row in rows]
    return found
