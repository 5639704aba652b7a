"""An installation that serves: what all of its processes say together, seen from outside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families as read

from simplr.operations.start import databases, processes
from simplr.operations.start.folder import DataFolder

New = Callable[[], Any]


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
