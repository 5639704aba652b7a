"""Dumping and restoring one database by PostgreSQL's own programs, through pipes only."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from simplr.operations.start import binaries
from simplr.operations.start.errors import StartFailed
from simplr.operations.start.postgres import PORT, SUPERUSER, Cluster

PIECE = 2**20


class SupportsRead(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class DumpFailed(StartFailed):
    """PostgreSQL's own program did not do what was asked. Its words are in the message."""

    code = "dump-failed"


def _environment(cluster: Cluster) -> dict[str, str]:
    # By environment, not as an argument: arguments are seen by everybody on the machine.
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "PGHOST": str(cluster.sockets),
        "PGPORT": str(PORT),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": cluster.password_file.read_text().strip(),
    }


@contextmanager
def dumped(cluster: Cluster, database: str, *, snapshot: str = "") -> Iterator[IO[bytes]]:
    """The dump of a database as a stream, consistent in itself. Raises DumpFailed at its end."""
    command = [str(binaries.find().program("pg_dump")), "--format=custom", "--compress=gzip:1"]
    command += ["--no-sync", f"--dbname={database}"]
    command += [f"--snapshot={snapshot}"] if snapshot else []
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen(
            command, env=_environment(cluster), stdout=subprocess.PIPE, stderr=said
        )
        assert program.stdout is not None  # noqa: S101 it was asked for
        try:
            yield program.stdout
        finally:
            program.stdout.close()
            status = program.wait()
        _check("pg_dump", status, said)


def restore(cluster: Cluster, database: str, source: SupportsRead) -> None:
    """Fill an empty database from a dump. Raises DumpFailed."""
    command = [str(binaries.find().program("pg_restore")), "--exit-on-error", "--no-password"]
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen(
            [*command, f"--dbname={database}"],
            env=_environment(cluster),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        assert program.stdin is not None  # noqa: S101 it was asked for
        try:
            with contextlib.suppress(BrokenPipeError), program.stdin as stream:
                while piece := source.read(PIECE):
                    stream.write(piece)
        finally:
            status = program.wait()
        _check("pg_restore", status, said)


def _check(name: str, status: int, said: IO[bytes]) -> None:
    if status == 0:
        return
    said.seek(0)
    words = said.read(4000).decode(errors="replace").strip()
    raise DumpFailed(f"{name} ended with status {status}: {words}")
