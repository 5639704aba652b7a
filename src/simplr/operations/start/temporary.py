"""A PostgreSQL for tests and development: up in a second, gone with the process that wanted it.

    python -m simplr.operations.start.temporary FOLDER [--until-pid PID]

keeps a cluster in FOLDER until PID ends (or until it is signalled), and removes FOLDER then. The
three databases in it are migrated once; test processes clone them (`clone`). A migrated cluster is
kept in `--keep FOLDER` under a name made from the placement table, every migration and the
versions of what is installed, and copied the next time.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import functools
import hashlib
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path

from simplr.operations.start import account, binaries, databases, processes, reach
from simplr.operations.start.errors import StartFailed
from simplr.operations.start.postgres import Cluster

READY = "ready.json"
SOURCES = Path(__file__).resolve().parents[3]


def cluster_in(folder: Path) -> Cluster:
    """The cluster of a temporary folder, however it was started."""
    who = account.service_account()
    programs = binaries.find()
    if who is not None and not reach.can_run(programs.program("postgres"), who):
        shared = Path(tempfile.gettempdir()) / f"simplr-programs-{os.geteuid()}"
        shared.mkdir(mode=0o755, exist_ok=True)
        if shared.stat().st_uid != os.geteuid() or shared.is_symlink():
            raise StartFailed(f"{shared} belongs to somebody else: remove it.")
        programs = programs.copied_to(shared)
    return Cluster(
        data=folder / "data",
        sockets=folder / "run",
        password_file=folder / "superuser-password",
        log=folder / "run" / "postgres.log",
        programs=programs,
        account=who,
        durable=False,
    )


def urls_in(folder: Path, *, suffix: str = "") -> dict[str, str]:
    """The environment variables that point Simplr at the databases of a temporary folder."""
    passwords = databases.load_passwords(folder / "passwords.json")
    return databases.urls(passwords, sockets=folder / "run", suffix=suffix)


def clone(folder: Path, suffix: str) -> dict[str, str]:
    """Copy the migrated databases for one test process; the variables that point at the copy."""
    cluster = cluster_in(folder)
    databases.clone(cluster, suffix)
    return urls_in(folder, suffix=suffix)


def prepare(folder: Path) -> None:
    """Make the folder and choose the passwords, so that URLs are known before anything runs.

    The processes of one run come at once: they take turns, and all read what the first wrote.
    """
    folder.mkdir(mode=0o711, exist_ok=True)
    with (folder / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        databases.load_passwords(folder / "passwords.json")


def start_keeper(
    folder: Path,
    *,
    until: int | None,
    keep: Path | None,
    migrate: bool = True,
    each: bool = False,
) -> None:
    """Have a keeper run the cluster in `folder` until process `until` ends; wait until it is ready."""
    command = [sys.executable, "-m", __spec__.name if __spec__ else __name__, str(folder)]
    if until is not None:
        command += ["--until-pid", str(until)]
    if keep is not None:
        command += ["--keep", str(keep)]
    if not migrate:
        command += ["--no-migrate"]
    if each:
        command += ["--each"]
    log = folder / "keeper.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
        )
    ready = folder / READY
    done = processes.wait_until(
        lambda: ready.exists() or keeper.poll() is not None, seconds=180, every=0.02
    )
    if not done or not ready.exists():
        raise StartFailed(
            f"The temporary PostgreSQL did not start:\n{processes.last_lines(log, 60)}"
        )


@contextmanager
def temporary(
    *, migrate: bool = False, each: bool = False, keep: Path | None = None
) -> Iterator[Cluster]:
    """A running cluster with the three databases, for the time of a `with` block.

    With `each` they are migrated step by step, not laid out at once.
    """
    folder = Path(tempfile.mkdtemp(prefix="simplr-"))
    folder.chmod(0o711)
    prepare(folder)
    start_keeper(folder, until=os.getpid(), keep=keep, migrate=migrate, each=each)
    keeper = int(json.loads((folder / READY).read_text())["keeper"])
    try:
        yield cluster_in(folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(keeper, signal.SIGTERM)
        processes.wait_until(lambda: not processes.is_alive(keeper), seconds=30)
        shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def fingerprint() -> str:
    """A name for "these migrations, placed like this, by these libraries"."""
    digest = hashlib.sha256()
    package = SOURCES / "simplr"
    files = [
        *sorted(package.glob("*/migrations/*.py")),
        *sorted(package.glob("*/migrations/*.sql")),
        *sorted(package.glob("config/schema/*.sql")),
        package / "config" / "placement.py",
        Path(databases.__file__),
    ]
    for path in files:
        digest.update(str(path.relative_to(package)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for name in sorted(f"{d.name}=={d.version}" for d in distributions()):
        digest.update(name.encode() + b"\0")
    return digest.hexdigest()[:20]


def keep_running(
    folder: Path, *, until: int | None, keep: Path | None, migrate: bool, each: bool
) -> None:
    """Run the cluster of `folder` until asked to stop; remove the folder at the end."""
    wake, signalled = os.pipe()
    os.set_blocking(signalled, False)
    signal.set_wakeup_fd(signalled)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    watched = os.pidfd_open(until) if until is not None else None
    cluster = cluster_in(folder)
    sockets = cluster.sockets
    sockets.mkdir(mode=0o700, exist_ok=True)
    if cluster.account is not None:
        cluster.account.own(sockets)
    if migrate:
        _bring(cluster, folder, keep, each=each)
    else:
        cluster.create()
    server = cluster.start()
    try:
        cluster.wait_until_ready(server, seconds=60)
        databases.ensure(cluster, databases.load_passwords(folder / "passwords.json"))
        ready = folder / f"{READY}.partial"
        ready.write_text(json.dumps({"keeper": os.getpid(), "urls": urls_in(folder)}))
        ready.chmod(0o600)
        ready.rename(folder / READY)
        waited = [wake] if watched is None else [wake, watched]
        while not select.select(waited, [], [], 1.0)[0]:
            if server.poll() is not None:
                raise StartFailed(f"PostgreSQL ended: {processes.last_lines(cluster.log)}")
    finally:
        cluster.stop(server, seconds=10)
        shutil.rmtree(folder, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source / "data", target / "data", symlinks=True)
    shutil.copy2(source / "superuser-password", target / "superuser-password")


def _make(cluster: Cluster, folder: Path, *, each: bool) -> None:
    """Make the cluster and migrate the databases; leave it stopped."""
    cluster.create()
    server = cluster.start()
    try:
        cluster.wait_until_ready(server, seconds=60)
        databases.ensure(cluster, databases.load_passwords(folder / "passwords.json"))
        done = subprocess.run(
            [
                *(sys.executable, "-m", "simplr.config.manage", "migrate_all"),
                *(["--each"] if each else []),
            ],
            env={
                **os.environ,
                **urls_in(folder),
                "SIMPLR_AS_OWNER": "1",
                "SIMPLR_ENVIRONMENT": "test",
                "SIMPLR_SECRET_KEY": secrets.token_urlsafe(48),
                "SIMPLR_DATA": str(folder),
            },
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            sys.exit(f"migrate_all failed:\n{done.stdout}{done.stderr}")
    finally:
        cluster.stop(server, seconds=10)


def _bring(cluster: Cluster, folder: Path, keep: Path | None, *, each: bool) -> None:
    """Leave a stopped cluster with the migrated databases: the kept one, or a new one, now kept."""
    if keep is None:
        _make(cluster, folder, each=each)
        return
    kept = keep / fingerprint()
    if kept.is_dir():
        _copy(kept, folder)
        _own_all(cluster)
        return
    _make(cluster, folder, each=each)
    partial = keep / f"{kept.name}.{os.getpid()}"
    partial.mkdir(parents=True, mode=0o700)
    _copy(folder, partial)
    try:
        partial.rename(kept)
    except OSError:  # another run was quicker
        shutil.rmtree(partial, ignore_errors=True)
    for old in sorted(keep.iterdir(), key=lambda path: path.stat().st_mtime)[:-4]:
        shutil.rmtree(old, ignore_errors=True)


def _own_all(cluster: Cluster) -> None:
    cluster.data.chmod(0o700)
    if cluster.account is not None:
        for path in (cluster.data, *cluster.data.rglob("*")):
            cluster.account.own(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--until-pid", type=int)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--no-migrate", action="store_true")
    parser.add_argument("--each", action="store_true")
    chosen = parser.parse_args()
    prepare(chosen.folder)
    keep_running(
        chosen.folder,
        until=chosen.until_pid,
        keep=chosen.keep,
        migrate=not chosen.no_migrate,
        each=chosen.each,
    )


if __name__ == "__main__":
    main()
