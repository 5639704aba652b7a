"""An installation that serves: what all of its processes say together, seen from outside."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families as read
from tests.store.house import House

from simplr.operations.start import databases, processes
from simplr.operations.start.folder import DataFolder

New = Callable[[], Any]

pytestmark = pytest.mark.prove
"""They start an installation of their own, which takes longer than what they look at."""


@pytest.fixture(scope="module")
def serving(new_installation: New) -> Any:
    """One installation for the whole module, with two web processes."""
    simplr = new_installation()
    simplr.extra = {"SIMPLR_WEB_PROCESSES": "2", "SIMPLR_METRICS_FROM": "127.0.0.1"}
    simplr.first = simplr.up("--port", "0", "--env", "test")
    return simplr


def ask(serving: Any, path: str) -> bytes:
    with urllib.request.urlopen(serving.first["url"] + path, timeout=20) as answer:  # noqa: S310
        return bytes(answer.read())


def metrics(serving: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in read(ask(serving, "/api/v1/metrics").decode())
        for sample in family.samples
    }


HEALTH = (("method", "GET"), ("operation", "api:health"), ("status", "200"))


def test_what_each_process_counts_is_told_by_any_of_them(serving: Any) -> None:
    before = metrics(serving)["simplr_requests_total", HEALTH]

    for _ in range(40):
        assert json.loads(ask(serving, "/api/v1/health"))["status"] == "ok"

    after = {metrics(serving)["simplr_requests_total", HEALTH] for _ in range(10)}
    assert after == {before + 40}, "whichever process answers"


def test_the_workers_jobs_are_counted_and_every_part_is_measured(serving: Any) -> None:
    def job_done() -> bool:
        # The reaper runs each minute, and the sealer: the first of them within one.
        return any(
            name == "simplr_jobs_total" and dict(labels)["ending"] == "succeeded"
            for name, labels in metrics(serving)
        )

    assert processes.wait_until(job_done, seconds=70, every=0.5)
    found = metrics(serving)
    for part in ("supervisor", "postgres", "vault", "web", "worker"):
        assert found["simplr_processes", (("part", part),)] >= 1, part
        assert found["simplr_memory_bytes", (("part", part),)] > 2**20, part
    assert found["simplr_processes", (("part", "web"),)] == 3
    assert found["simplr_workers", ()] == 1


def test_a_web_process_that_is_killed_takes_no_count_along(serving: Any) -> None:
    ask(serving, "/api/v1/health")
    before = metrics(serving)["simplr_requests_total", HEALTH]
    for pid in processes.children_of(serving.pid("web")):
        os.kill(pid, signal.SIGKILL)

    def answers() -> bool:
        try:
            return bool(ask(serving, "/api/v1/health"))
        except OSError:
            return False

    assert processes.wait_until(answers, seconds=20, every=0.2)
    assert metrics(serving)["simplr_requests_total", HEALTH] >= before + 1
    assert metrics(serving)["simplr_streams_running", ()] == 0


CANARY = "canary7be2c1f09d3a"
FORGED = '{"@timestamp": "2026-01-01T00:00:00.000Z", "log.level": "info", "message": "forged"}'


def provoke(serving: Any) -> None:
    """Have every part write something: with line breaks, with secrets, at its own end."""
    for path in (f"/l/{CANARY}", f"/welcome/{CANARY}", "/api/v1/me"):
        request = urllib.request.Request(  # noqa: S310
            serving.first["url"] + path, headers={"Authorization": f"Bearer {CANARY}"}
        )
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
    port = int(serving.first["url"].rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(f"GET /l/{CANARY}\r\nHost: localhost\r\n\r\n".encode())
        wire.recv(4096)
    folder = DataFolder(serving.data)
    passwords = databases.load_passwords(folder.secret / "databases.json")
    url = databases.urls(passwords, sockets=folder.postgres_sockets)["SIMPLR_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute(
            "DO $$ BEGIN RAISE LOG E'first\n%\nand postgresql://a:" + CANARY + "@b/c', "
            f"'{FORGED}'; END $$"
        )
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(url, password="wrong").close()
    for part in ("vault", "worker"):
        killed = serving.pid(part)
        os.kill(killed, signal.SIGTERM)
        assert processes.wait_until(
            lambda part=part, killed=killed: serving.pid(part) not in (0, killed),
            seconds=20,
            every=0.3,
        )


def test_every_part_writes_one_line_a_record_and_no_secret(serving: Any) -> None:
    provoke(serving)
    secrets = [CANARY, serving.first["token"], serving.first["signin"].rpartition("/")[2]]
    stored = (path.read_text().strip() for path in (serving.data / "secret").iterdir())
    secrets += [secret for text in stored for secret in re.findall(r"[A-Za-z0-9_-]{20,}", text)]
    logs = [serving.data / "supervisor.log"]
    logs += [serving.data / "logs" / f"{part}.log" for part in ("postgres", "vault", "web")]

    said = {log.stem: log.read_text() for log in [*logs, serving.data / "logs" / "worker.log"]}

    for part, text in said.items():
        for line in text.splitlines():
            record = json.loads(line)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", record["@timestamp"]), line
            assert {"log.level", "message", "ecs.version"} <= set(record), line
            assert record["service"] == {"name": f"simplr-{part}"}, line
            assert record["message"] != "forged", line
        for secret in secrets:
            assert secret not in text, part
    for part in ("supervisor", "postgres", "vault", "web"):
        assert said[part], part
    postgres = [json.loads(line) for line in said["postgres"].splitlines()]
    assert any(FORGED in record["message"].splitlines() for record in postgres)
    refused = [r for r in postgres if r.get("event", {}).get("code") == "28P01"]
    assert refused[0]["log.level"] == "critical"
    assert refused[0]["labels"]["database"] == "simplr"


class Calling(threading.Thread):
    """A client that asks again and again, and keeps what went wrong."""

    def __init__(self, url: str, *, keeps_connection: bool) -> None:
        super().__init__()
        self.address = urlsplit(url).netloc
        self.keeps_connection = keeps_connection
        self.answered = 0
        self.wrong: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        connection = None
        while not self.over.is_set():
            try:
                connection = connection or http.client.HTTPConnection(
                    self.address.replace("localhost", "127.0.0.1"), timeout=30
                )
                connection.request("GET", "/api/v1/health", headers={"Host": self.address})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.wrong.append(str(answer.status))
                self.answered += 1
                if not self.keeps_connection or answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))
                connection = None
            time.sleep(0.02)


@dataclass
class Pace:
    """A transfer goes on slowly until it is let go."""

    began: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        self.began.set()
        self.let_go.wait(0.3)


def send_slowly(house: House, project: str, content: bytes, pace: Pace) -> bytes:
    """Upload by one request; what is answered."""
    head = house.head(
        "POST",
        f"/projects/{project}/uploads?name=slow.bin&as=file",
        "Content-Type: application/octet-stream",
        f"Content-Length: {len(content)}",
    )
    with house.connection(60) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        for start in range(0, len(content), 1000):
            wire.sendall(content[start : start + 1000])
            pace.wait()
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
        return answer


def read_slowly(house: House, resource: str, pace: Pace) -> bytes:
    """Download a file so that the server waits for us."""
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
        wire.settimeout(60)
        wire.connect(("127.0.0.1", urlsplit(house.url).port or 80))
        head = house.head("GET", f"/resources/{resource}/content")
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        answer = bytearray()
        while piece := wire.recv(64 << 10):
            answer += piece
            pace.wait()
        return bytes(answer).partition(b"\r\n\r\n")[2]


def test_a_restart_refuses_nobody_and_lets_transfers_end(serving: Any) -> None:
    house = House(serving, serving.first["url"], serving.first["signin"], serving.first["token"])
    project = house.project("Restarted")
    noise = random.Random(7).randbytes(24 << 20)
    kept = house.keep(house.put(project, "noise.bin", noise, "file")["id"])
    before = {part: serving.pid(part) for part in ("web", "worker", "postgres", "vault")}
    callers = [Calling(serving.first["url"], keeps_connection=bool(n % 2)) for n in range(4)]
    for caller in callers:
        caller.start()
    paces = [Pace(), Pace()]
    with ThreadPoolExecutor(2) as pool:
        sent = pool.submit(send_slowly, house, project, noise[:400_000], paces[0])
        got = pool.submit(read_slowly, house, kept["resource"], paces[1])
        assert all(pace.began.wait(20) for pace in paces)

        said = serving.json("restart")

        finishing = serving.status()["parts"]["web"]["finishing"]
        under_way = [not sent.done(), not got.done()]
        for pace in paces:
            pace.let_go.set()
        acknowledged, received = sent.result(60), got.result(60)
    asked = sum(caller.answered for caller in callers)
    time.sleep(1)
    for caller in callers:
        caller.over.set()
    for caller in callers:
        caller.join()

    assert said["restarted"] is True
    assert under_way == [True, True]
    assert finishing == 1
    assert [caller.wrong for caller in callers] == [[]] * 4
    assert asked > 100
    assert b" 201 " in acknowledged.splitlines()[0]
    assert hashlib.sha256(received).digest() == hashlib.sha256(noise).digest()
    after = {part: serving.pid(part) for part in before}
    assert {part for part in before if before[part] != after[part]} == {"web", "worker"}
    serving.replaced = [before["web"], before["worker"]]
    assert serving.status()["parts"]["web"]["restarts"] == 0


def test_an_upgrade_says_first_what_is_new_to_the_databases(serving: Any) -> None:
    said = serving.json("upgrade", "--check")
    assert (said["missing"], said["upgraded"]) == ([], False)
    folder = DataFolder(serving.data)
    passwords = databases.load_passwords(folder.secret / "databases.json")
    url = databases.urls(passwords, sockets=folder.postgres_sockets)["SIMPLR_DATABASE_OWNER_URL"]
    last = "SELECT id, app, name FROM django_migrations WHERE app = 'projects' ORDER BY id DESC"
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(last).fetchone()
        assert row is not None
        connection.execute("UPDATE django_migrations SET app = 'gone' WHERE id = %s", row[:1])
        try:
            said = serving.json("upgrade", "--check")
            refused = serving.run("upgrade", check=False)
        finally:
            connection.execute(
                "UPDATE django_migrations SET app = %s WHERE id = %s", [row[1], row[0]]
            )

    assert said["missing"] == [f"default: projects.{row[2]}"]
    assert refused.returncode == 2
    assert "backup" in refused.stderr


def test_what_cannot_be_restarted_serves_on(serving: Any) -> None:
    assert processes.wait_until(
        lambda: not any(map(processes.is_alive, serving.replaced)), seconds=40, every=0.3
    ), "what was replaced ends when its transfers have ended"
    before = serving.pid("web")
    remembered = serving.data / "installation.json"
    written = remembered.read_text()
    remembered.write_text("{")
    try:
        done = serving.run("restart", check=False)
    finally:
        remembered.write_text(written)

    assert done.returncode == 7
    error = json.loads(done.stdout)["error"]
    assert error["code"] in {"not-replaced", "data-folder-unsuitable"}
    assert serving.pid("web") == before
    assert json.loads(ask(serving, "/api/v1/health"))["status"] == "ok"


def test_what_does_not_run_is_not_restarted(new_installation: New) -> None:
    done = new_installation().run("restart", check=False)

    assert done.returncode == 4
