"""A sealed installation answers health and unsealing, and nothing else (row 16)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from simplr.base.models import Event
from simplr.vault import keys
from simplr.vault.agent import AgentClient
from simplr.vault.agent.messages import NoKeyAgent
from simplr_core.crypto import Key

SOURCES = Path(__file__).resolve().parents[3] / "src"
WRONG = ("", "x", "0" * 64, "simplr-root-key", "é" * 40, "A" * 500)


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh agent that knows which key it waits for and has not got it; the key as written."""
    agent_of_the_run = keys.agent()
    root_key_id = agent_of_the_run.status().root_key_id
    assert root_key_id
    socket = Path(str(settings.ENV.key_agent)).parent / "sealed.sock"
    agent = subprocess.Popen(
        [
            *(sys.executable, "-m", "simplr.vault.agent", "--socket", str(socket)),
            *("--key-store", f"file:{tmp_path / 'nothing-here.key'}"),
            *("--expected-id", root_key_id, "--die-with", str(os.getpid())),
        ],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
    )
    client = AgentClient(socket)
    until = time.monotonic() + 30
    while True:
        try:
            assert client.is_sealed()
            break
        except NoKeyAgent:
            assert agent.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
    monkeypatch.setattr(keys, "_agent", client)
    yield _written_root_key()
    agent.terminate()
    agent.wait(timeout=10)


def _written_root_key() -> str:
    agent = Path(str(settings.ENV.key_agent)).parent
    found = agent.parent / agent.name.replace("agent", "keys", 1) / "root.key"
    return found.read_text().strip()


def every_path() -> list[str]:
    """One address for each pattern of the URL table, with made-up ids."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route

    found = []
    for route in walk(get_resolver().url_patterns, "/"):
        path = "".join(
            "0" if index % 2 else part
            for index, part in enumerate(route.replace("<", "\0").replace(">", "\0").split("\0"))
        )
        found.append(path.replace("^", "").replace("$", "").replace("\\Z", ""))
    return found


def test_only_health_and_unsealing_answer(sealed: str) -> None:
    client = Client()
    open_while_sealed = {"/api/v1/health", "/api/v1/health/live", "/api/v1/unseal", "/unseal"}
    paths = every_path()
    assert len(paths) > 30

    assert client.get("/api/v1/health").json()["status"] == "sealed"
    assert client.get("/api/v1/health/live").json() == {"status": "live"}
    assert client.get("/unseal").status_code == 200
    assert "/api/v1/health/ready" in paths, "which must answer that it is sealed"
    for path in [*paths, "/api/v1/health/more", "/unseal/more", "/api/v1/healthy"]:
        if path not in open_while_sealed:
            answer = client.get(path, headers={"Accept": "application/json"})
            assert (answer.status_code, answer.json()["code"]) == (503, "sealed"), path
    asked = client.options("/api/v1/tus/0", headers={"Accept": "application/json"})
    assert asked.status_code == 503, "nor does it say what it could do"
    where = client.head(f"/api/v1/tus/{uuid4()}", headers={"Tus-Resumable": "1.0.0"})
    assert where.status_code == 423, "a sender of files asks again instead of beginning anew"


def test_every_wrong_key_is_answered_alike(sealed: str) -> None:
    answers = set()
    for written in (*WRONG[:3], Key.generate().id):
        answer = Client().post("/api/v1/unseal", {"key": written}, content_type="application/json")
        body = answer.json()
        body.pop("request_id")
        answers.add((answer.status_code, str(body), tuple(sorted(answer.headers))))

    assert len(answers) == 1
    assert next(iter(answers))[0] == 403


def test_after_five_wrong_keys_even_the_right_one_waits(sealed: str) -> None:
    codes = [
        Client()
        .post("/api/v1/unseal", {"key": "x"}, content_type="application/json")
        .json()["code"]
        for _ in range(6)
    ]
    right = Client().post("/api/v1/unseal", {"key": sealed}, content_type="application/json")

    assert codes == ["wrong-root-key"] * 5 + ["too-many-tries"]
    assert (right.status_code, right.json()["code"]) == (429, "too-many-tries")


def test_the_right_key_opens_and_both_outcomes_are_in_the_ledger(
    sealed: str, caplog: pytest.LogCaptureFixture
) -> None:
    Client().post("/api/v1/unseal", {"key": "wrong"}, content_type="application/json")
    answer = Client().post("/api/v1/unseal", {"key": sealed}, content_type="application/json")

    assert answer.json()["status"] == "ok"
    assert Client().get("/api/v1/me").status_code != 503
    codes = list(Event.objects.order_by("id").values_list("code", flat=True))
    assert [code for code in codes if code.startswith("vault:store:")][-2:] == [
        "vault:store:unseal-refused",
        "vault:store:unsealed",
    ]
    assert sealed not in caplog.text
    for details in Event.objects.values_list("details", flat=True):
        assert sealed not in str(details)


def test_the_page_takes_the_key_and_never_shows_it_again(sealed: str) -> None:
    wrong = Client().post("/unseal", {"key": "a-key-that-is-wrong"})
    right = Client().post("/unseal", {"key": sealed})

    assert wrong.status_code == 403
    assert b"a-key-that-is-wrong" not in wrong.content
    assert right.status_code == 302


def test_the_root_key_is_in_no_environment_or_argument_of_this_or_the_agent_process(
    sealed: str,
) -> None:
    Client().post("/api/v1/unseal", {"key": sealed}, content_type="application/json")
    agent = keys.agent().status().pid

    for process in (os.getpid(), agent):
        for name in ("environ", "cmdline"):
            assert sealed.encode() not in Path(f"/proc/{process}/{name}").read_bytes()
