"""No acknowledged byte is lost, and nothing is half kept, whatever is killed when (rows 1 and 2).

Web processes, workers, PostgreSQL and the key agent are killed with -9 at seeded moments while
files arrive, are understood and are kept. `make test` does a few, `make prove` two hundred.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import threading
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.store.house import Answered, House

from simplr.operations.start import processes

ENDED = {"kept", "failed", "cancelled"}


@dataclass
class Writer(threading.Thread):
    """Puts files and keeps them, one after the other, until told to stop; never gives up."""

    house: House
    project: str
    seed: int
    stop: threading.Event
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    """upload -> SHA-256 of what was sent."""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        rng = random.Random(self.seed)
        number = 0
        while not self.stop.is_set():
            number += 1
            lines = [f"{n},{rng.getrandbits(80):x}" for n in range(rng.randrange(20, 20_000))]
            content = ("n,w\n" + "\n".join(lines) + "\n").encode()
            as_ = rng.choice(["auto", "file"])
            try:
                upload = self.house.put(self.project, f"{self.seed}-{number}.csv", content, as_)
            except (Answered, OSError, ValueError, urllib.error.URLError):
                time.sleep(0.2)
                continue  # not acknowledged: it may be gone
            self.acknowledged[upload["id"]] = content
            with contextlib.suppress(Answered, OSError, ValueError, AssertionError):
                self.house.wait_for(upload["id"], "understood", seconds=3)
                self.house.ask("POST", f"/uploads/{upload['id']}/keep", {"fields": []})


def kill(house: House, part: str) -> None:
    pid = house.simplr.pid(part)
    victims = [pid, *processes.children_of(pid)] if part != "postgres" else [pid]
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):
            if victim:
                os.kill(victim, signal.SIGKILL)


def settle(house: House, upload: str, *, seconds: float) -> dict[str, Any]:
    """The upload once it rests: kept, or understood and kept now; whatever it takes."""
    until = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = {}
        with contextlib.suppress(Answered, OSError, ValueError, urllib.error.URLError):
            found = house.ask("GET", f"/uploads/{upload}")
            if found["state"] == "understood":
                house.ask("POST", f"/uploads/{upload}/keep", {"fields": []})
        if found.get("state") in ENDED:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.2)


def run_kills(house: House, *, kills: int, seed: int) -> tuple[int, int]:
    """Files and bytes that were acknowledged meanwhile, every one of which is there, whole."""
    rng = random.Random(seed)
    project = house.project(f"Kills {seed}")
    stop = threading.Event()
    writers = [Writer(house, project, seed * 10 + n, stop) for n in range(2)]
    for writer in writers:
        writer.start()
    parts = ["web", "worker", "postgres", "vault"]
    for number in range(kills):
        time.sleep(rng.uniform(0.3, 1.5))
        kill(house, parts[number % 4])
        if number % 4 == 3 or number == kills - 1:
            assert processes.wait_until(house.simplr.serves, seconds=60, every=0.3)
    stop.set()
    for writer in writers:
        writer.join(timeout=60)
    acknowledged = {k: v for writer in writers for k, v in writer.acknowledged.items()}
    assert len(acknowledged) >= 2
    total = 0
    for upload, content in acknowledged.items():
        found = settle(house, upload, seconds=150)
        assert found["state"] == "kept", found
        got = house.raw("GET", f"/resources/{found['resource']}/content")
        assert hashlib.sha256(got).digest() == hashlib.sha256(content).digest()
        total += len(content)
        versions = house.ask("GET", f"/resources/{found['resource']}/versions")["items"]
        assert len(versions) == 1, "kept twice"
        if found["kind"] == "table":
            rows = house.raw("GET", f"/datasets/{found['resource']}/rows?format=csv")
            assert rows.count(b"\n") == content.count(b"\n")
    nothing_half_kept(house, project, whole=total, uploads=set(acknowledged))
    return len(acknowledged), total


def nothing_half_kept(house: House, project: str, *, whole: int, uploads: set[str]) -> None:
    """What was never acknowledged ends as failed, and the books are right."""
    until = time.monotonic() + 150
    while True:
        listed = house.ask("GET", f"/projects/{project}/uploads?limit=500")["items"]
        rest = [item for item in listed if item["id"] not in uploads]
        # A connection may have died between the answer and its reader: such a one is whole, too.
        unread = [item for item in rest if item["state"] in {"understood", "kept"}]
        if all(item["state"] in {"failed", "understood", "kept"} for item in rest):
            break
        assert time.monotonic() < until, rest
        time.sleep(0.5)
    assert house.used_bytes(project) == whole + sum(item["size"] for item in unread)
    resources = house.ask("GET", f"/projects/{project}/resources?limit=500")["items"]
    kept = [item for item in listed if item["state"] == "kept"]
    assert len(resources) == len(kept)


SWEPT = """
import json
from datetime import timedelta
from django.utils import timezone
from simplr.audit import queries, services
from simplr.vault import claims, services as vault
for later in (timedelta(minutes=1), timedelta(hours=25)):
    vault.sweep(claimed=claims.claimed, now=timezone.now() + later)
alive = vault.SealedObject.objects.filter(wrapped__isnull=False)
kept, there = set(alive.values_list("id", flat=True)), set(vault.store().ids())
services.seal_now()
print(json.dumps({
    "bytes without a key": len(there - kept),
    "keys without bytes": len(kept - there),
    "objects that nothing refers to": alive.filter(confirmed_at=None).count(),
    "ledger": str(queries.verify().finding or "whole"),
    "objects": len(kept),
}))
"""


def nothing_is_left_over(house: House) -> int:
    """After a day's sweeping there is no orphan, nothing half written, and the ledger is whole.

    The number of objects that were looked at.
    """
    found = json.loads(house.manage(SWEPT))
    objects = int(found.pop("objects"))
    assert found == {
        "bytes without a key": 0,
        "keys without bytes": 0,
        "objects that nothing refers to": 0,
        "ledger": "whole",
    }
    assert house.half_written() == []
    return objects


def test_what_was_acknowledged_survives_kills_of_any_part(house: House) -> None:
    run_kills(house, kills=4, seed=1)
    assert nothing_is_left_over(house) > 0


@pytest.mark.prove
def test_what_was_acknowledged_survives_two_hundred_kills(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    rounds = [run_kills(house, kills=20, seed=100 + seed) for seed in range(10)]
    objects = nothing_is_left_over(house)

    assert objects > 200
    record_property("kills", 20 * len(rounds))
    record_property("files acknowledged", sum(files for files, _ in rounds))
    record_property("bytes acknowledged", sum(size for _, size in rounds))
    record_property("bytes lost or wrong", 0)
    record_property("objects afterwards", objects)
    record_property("orphans", 0)
