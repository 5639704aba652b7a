"""An installation that serves: what all of its processes say together, seen from outside."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as read

from simplr.operations.start import processes

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
