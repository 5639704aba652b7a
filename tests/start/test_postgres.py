"""PostgreSQL under our own hands: real clusters, real kills."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from simplr.operations.start import databases, processes, temporary
from simplr.operations.start.postgres import Cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary.temporary() as running:
        yield running


def test_nobody_enters_without_a_password(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"host={cluster.sockets} port=5432 user=postgres dbname=postgres")


def test_nothing_listens_on_the_network(cluster: Cluster) -> None:
    with cluster.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)


def test_the_socket_and_the_password_are_private(cluster: Cluster) -> None:
    assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.password_file.stat().st_mode) == 0o600


def test_each_database_has_an_owner_and_an_app_role_and_the_extensions(cluster: Cluster) -> None:
    urls = temporary.urls_in(cluster.data.parent)

    for database in databases.DATABASES:
        with psycopg.connect(urls[database.owner_variable]) as owner:
            owner.execute("CREATE SCHEMA trial")
            assert owner.execute("SELECT similarity('ab', 'abc') > 0").fetchone() == (True,)
            owner.rollback()
        with psycopg.connect(urls[database.variable]) as app:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("CREATE SCHEMA trial")
            app.rollback()
            row = app.execute(
                "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles"
                " WHERE rolname = current_user"
            ).fetchone()
            assert row == (False,)


def test_a_role_enters_only_its_own_database(cluster: Cluster) -> None:
    url = temporary.urls_in(cluster.data.parent)["SIMPLR_DATABASE_URL"]

    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url.replace("/simplr?", "/simplr_vault?"))


def test_the_log_holds_no_value_of_a_failed_statement(cluster: Cluster) -> None:
    with cluster.connect() as connection, pytest.raises(psycopg.DataError):
        connection.execute("SELECT 'planted-canary-7731'::text::integer")

    assert "canary" not in cluster.log.read_text()


def test_a_copy_of_the_databases_is_made_from_what_was_migrated(cluster: Cluster) -> None:
    urls = temporary.clone(cluster.data.parent, "_copy")

    with psycopg.connect(urls["SIMPLR_AUDIT_DATABASE_URL"]) as app:
        assert app.execute("SELECT current_database()").fetchone() == ("simplr_audit_copy",)


def test_the_server_goes_when_its_keeper_is_killed() -> None:
    with temporary.temporary() as cluster:
        server = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        keeper = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(keeper, signal.SIGKILL)

        assert processes.wait_until(lambda: not processes.is_alive(server), seconds=5)
        restarted = cluster.start()
        cluster.wait_until_ready(restarted, seconds=20)
        cluster.stop(restarted)


def test_a_stale_lock_file_with_a_reused_number_does_not_keep_it_down() -> None:
    with temporary.temporary() as cluster:
        server = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        keeper = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])
        lock = (cluster.data / "postmaster.pid").read_text().splitlines()
        os.kill(keeper, signal.SIGKILL)
        assert processes.wait_until(lambda: not processes.is_alive(server), seconds=5)
        stale = "\n".join([str(os.getpid()), *lock[1:], ""])
        (cluster.data / "postmaster.pid").write_text(stale)

        restarted = cluster.start()
        cluster.wait_until_ready(restarted, seconds=20)
        cluster.stop(restarted)
