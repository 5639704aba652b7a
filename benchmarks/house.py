"""A small house to measure in: a PostgreSQL, a key agent and the whole server in this process.

Requests pass every middleware of the settings, without the socket and the process between. What
one of them costs is the processor time of this process and of the database's process that serves it.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def house(*, urlconf: str = "") -> Iterator[Path]:
    """The three databases, migrated; a key agent; Django set up. Gone at the end; its folder."""
    from simplr.operations.start import temporary

    with temporary.temporary(migrate=True, keep=ROOT / "build" / "test-postgres") as cluster:
        folder = cluster.data.parent
        socket = folder / "agent" / "socket"
        os.environ.update(temporary.urls_in(folder))
        os.environ.update(
            DJANGO_SETTINGS_MODULE="simplr.config.settings",
            SIMPLR_ENVIRONMENT="test",
            SIMPLR_BASE_URL="http://testserver",
            SIMPLR_SECRET_KEY="only-for-benchmarks-" + "0" * 40,
            SIMPLR_DATA=str(folder),
            SIMPLR_KEY_AGENT=str(socket),
        )
        agent = _key_agent(folder, socket)
        try:
            _set_up(urlconf)
            yield folder
        finally:
            from django.db import connections

            connections.close_all()
            agent.terminate()
            agent.wait(timeout=10)


def _set_up(urlconf: str) -> None:
    import django
    from django.conf import settings

    from simplr.base import garbage

    if urlconf:
        settings.ROOT_URLCONF = urlconf
    django.setup()
    # As a process of the server does once it has loaded: it looks for garbage among what is new.
    garbage.loaded()


def _key_agent(folder: Path, socket: Path) -> subprocess.Popen[bytes]:
    from simplr.vault.agent import AgentClient
    from simplr.vault.agent.messages import NoKeyAgent

    agent = subprocess.Popen(
        [
            *(sys.executable, "-m", "simplr.vault.agent", "--create", "--socket", str(socket)),
            *("--key-store", f"file:{folder / 'keys' / 'root.key'}"),
            *("--die-with", str(os.getpid())),
        ],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    client, until = AgentClient(socket), time.monotonic() + 30
    while time.monotonic() < until and agent.poll() is None:
        try:
            if not client.is_sealed():
                return agent
        except NoKeyAgent:
            time.sleep(0.05)
    raise RuntimeError("the key agent did not start")


@dataclass(frozen=True)
class Cost:
    """What some requests took: this process, its database's process, and by the clock."""

    web: float
    database: float
    wall: float

    @property
    def processor(self) -> float:
        return self.web + self.database


class Requests:
    """Sends requests to the server in this process, and says what they cost."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self._application = get_wsgi_application()

    def send(self, address: str, headers: dict[str, str]) -> tuple[int, bytes]:
        """One GET; status and body. Database connections stay open, as they do in a server."""
        path, _, query = address.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **headers,
        }
        status: list[str] = []
        answer = self._application(environ, lambda code, fields, info=None: status.append(code))
        body = b"".join(answer)
        answer.close()
        return int(status[0][:3]), body

    def cost_of(self, address: str, headers: dict[str, str], *, times: int) -> Cost:
        """What one request costs, of `times` in a row, each of which must be answered by 200."""
        began = (time.process_time(), _used_by_database(), time.monotonic())
        for _ in range(times):
            status, body = self.send(address, headers)
            if status != 200:
                raise RuntimeError(f"{address}: {status} {body[:300]!r}")
        ended = (time.process_time(), _used_by_database(), time.monotonic())
        return Cost(*((after - before) / times for before, after in zip(began, ended, strict=True)))

    def statements_of(self, address: str, headers: dict[str, str]) -> int:
        """How many statements one request asks of all three databases."""
        from django.db import connections
        from django.test.utils import CaptureQueriesContext

        with ExitStack() as stack:
            logs = [
                stack.enter_context(CaptureQueriesContext(connections[alias]))
                for alias in connections
            ]
            self.send(address, headers)
        return sum(len(log) for log in logs)


def _used_by_database() -> float:
    """Processor seconds of the database processes that serve this one."""
    from django.db import connections

    total = 0
    for connection in connections.all():
        if connection.connection is not None:
            stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text()
            fields = stat.rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS
