"""One PostgreSQL cluster under our own hands: made, started, seen to be ready, stopped.

Passwords everywhere (SCRAM), no network listener, one socket in a private folder, data checksums,
errors logged without the statement and the values that caused them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from simplr.operations.start import binaries, processes
from simplr.operations.start.account import Account
from simplr.operations.start.errors import StartFailed

SUPERUSER = "postgres"
PORT = 5432
"""Part of the socket's name only: nothing listens on the network."""

SAFE_LOGGING = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] %e %q%u@%d ",
    "log_checkpoints": "off",
}
"""A server's log must hold no value of a cell: an error's text, detail and statement may."""

HOST_BASED_AUTHENTICATION = "local all all scram-sha-256\n"

UNSAFE_BUT_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
}
"""For tests: nothing has to survive the machine."""


@dataclass(frozen=True)
class Cluster:
    """A cluster's place on disk and how its programs are run.

    `password_file` holds the superuser's password. `account` is whom root drops to; `enter` gives a
    child of root its view of the file system.
    """

    data: Path
    sockets: Path
    password_file: Path
    log: Path
    programs: binaries.Binaries
    account: Account | None = None
    durable: bool = True
    enter: Callable[[], None] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    @property
    def major_version(self) -> int:
        return int((self.data / "PG_VERSION").read_text().strip())

    def create(self) -> None:
        """Initialise the cluster; a creation that was cut off leaves nothing that counts."""
        partial = self.data.with_name(f"{self.data.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        password = secrets.token_urlsafe(32)
        handed_over = self.sockets / "initial-password"
        self._write(handed_over, password, own=True)
        if self.account is not None:
            self.account.own(partial)
        try:
            self._run(
                "initdb",
                f"--pgdata={partial}",
                f"--username={SUPERUSER}",
                f"--pwfile={handed_over}",
                "--auth-local=scram-sha-256",
                "--auth-host=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--data-checksums",
                *(() if self.durable else ("--no-sync",)),
            )
        finally:
            handed_over.unlink(missing_ok=True)
        authentication = partial / "pg_hba.conf"
        authentication.write_text(HOST_BASED_AUTHENTICATION)
        self._write(self.password_file, password, own=False)
        partial.rename(self.data)

    def start(self, *, output: int | None = None) -> subprocess.Popen[bytes]:
        """Start the server in the background, from the main thread. It stops when we end.

        It says what it has to say into its log, or to the open descriptor `output`.
        """
        self.clear_what_a_crash_left()
        chosen = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": str(PORT),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            "max_connections": "300",
            "password_encryption": "scram-sha-256",
            **SAFE_LOGGING,
            **({} if self.durable else UNSAFE_BUT_QUICK),
            **self.settings,
        }
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        return processes.spawn(
            [self.programs.program("postgres"), "-D", self.data, *options],
            environment=self._environment(),
            folder=self.sockets,
            log=self.log,
            account=self.account,
            death_signal=signal.SIGINT,
            enter=self.enter,
            output=output,
        )

    def wait_until_ready(self, server: subprocess.Popen[bytes], *, seconds: float = 600) -> None:
        """Return when the server takes connections; recovery after a crash may take a while."""
        deadline = time.monotonic() + seconds
        while True:
            if server.poll() is not None:
                raise StartFailed(
                    f"PostgreSQL ended with status {server.returncode}."
                    f" The end of {self.log}:\n{processes.last_lines(self.log)}"
                )
            try:
                self.connect(connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise StartFailed(f"PostgreSQL does not answer: {error}") from error
                time.sleep(0.03)
            else:
                return

    def stop(self, server: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
        """Stop in order (fast: sessions are ended, everything is written), at last by force."""
        for signal_number, patience in (
            (signal.SIGINT, seconds),
            (signal.SIGQUIT, 5.0),
            (signal.SIGKILL, 5.0),
        ):
            if server.poll() is None:
                server.send_signal(signal_number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(patience)

    def superuser_url(self, database: str = "postgres", **parameters: str | int) -> str:
        """A libpq connection string of the superuser: for this process only, never handed on."""
        return make_conninfo(
            "",
            host=str(self.sockets),
            port=PORT,
            user=SUPERUSER,
            password=self.password_file.read_text().strip(),
            dbname=database,
            **parameters,
        )

    def connect(
        self, database: str = "postgres", **parameters: str | int
    ) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the superuser, in autocommit mode."""
        return psycopg.connect(self.superuser_url(database, **parameters), autocommit=True)

    def clear_what_a_crash_left(self) -> None:
        """End a server that outlived its supervisor; remove lock files of one that did not.

        A stale `postmaster.pid` whose number was given to another program meanwhile would keep
        PostgreSQL from starting for ever.
        """
        lock = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(lock.read_text().splitlines()[0])
            ours = processes.program_of(pid) == "postgres" and self._works_here(pid)
            if ours and processes.is_alive(pid):
                self._end_leftover(pid)
            lock.unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _works_here(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve()
        except OSError:
            return False

    def _end_leftover(self, pid: int) -> None:
        for signal_number, patience in (
            (signal.SIGINT, 30.0),
            (signal.SIGQUIT, 5.0),
            (signal.SIGKILL, 5.0),
        ):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal_number)
            if processes.wait_until(lambda: not processes.is_alive(pid), seconds=patience):
                return
        raise StartFailed(f"An earlier PostgreSQL (process {pid}) holds the folder {self.data}.")

    def _run(self, program: str, *arguments: str) -> None:
        child = processes.spawn(
            [self.programs.program(program), *arguments],
            environment=self._environment(),
            folder=self.sockets,
            log=self.log.with_name(f"{program}.log"),
            account=self.account,
            enter=self.enter,
        )
        if child.wait(timeout=300) != 0:
            raise StartFailed(
                f"{program} ended with status {child.returncode}. The end of its log:\n"
                f"{processes.last_lines(self.log.with_name(f'{program}.log'))}"
            )

    def _write(self, path: Path, text: str, *, own: bool) -> None:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if own and self.account is not None:
            self.account.own(path)

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
