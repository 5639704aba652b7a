"""Readiness says which part is away, soon, however a part is away; liveness asks none of them."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from simplr.vault import keys, readiness
from simplr.vault.agent import AgentClient

READY = "/api/v1/health/ready"


@pytest.fixture(autouse=True)
def looked() -> Iterator[None]:
    """Each test looks anew."""
    readiness.looked.forget()
    yield
    readiness.looked.forget()


def asked() -> tuple[int, str]:
    answer = Client().get(READY)
    document = answer.json()
    return answer.status_code, document.get("status") if answer.status_code == 200 else document[
        "code"
    ]


def test_it_is_ready_when_everything_answers() -> None:
    (settings.ENV.data / "objects").mkdir(exist_ok=True)

    assert asked() == (200, "ready")


def test_without_key_agent_it_is_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(keys, "_agent", AgentClient(tmp_path / "nobody"))

    assert asked() == (503, "no-key-agent")
    assert Client().get("/api/v1/health/live").status_code == 200


def test_without_the_place_of_objects_it_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = dataclasses.replace(settings.ENV, objects_url=(tmp_path / "unmounted").as_uri())
    monkeypatch.setattr(settings, "ENV", gone)

    assert asked() == (503, "objects-away")


@pytest.mark.parametrize("hangs", [True, False], ids=["it hangs", "it is down"])
def test_without_a_database_it_says_so_within_three_seconds(
    monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if hangs:
            server.listen()
        place = {"host": "127.0.0.1", "port": str(server.getsockname()[1])}
        for alias in connections:
            given = connections[alias].get_connection_params()
            monkeypatch.setattr(
                connections[alias],
                "get_connection_params",
                lambda given=given: {**given, **place},
            )
        began = time.monotonic()

        assert asked() == (503, "database-away")

    assert time.monotonic() - began < 3.5
    assert Client().get("/api/v1/health/live").status_code == 200


def test_however_many_ask_it_looks_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def look() -> None:
        looks.append(time.monotonic())
        time.sleep(0.05)

    monkeypatch.setattr(readiness, "_look", look)
    answers: list[Any] = []

    def ask() -> None:
        try:
            readiness.check_ready()
            answers.append("ready")
        except BaseException as error:
            answers.append(error)

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == ["ready"] * 50
    assert len(looks) == 1
