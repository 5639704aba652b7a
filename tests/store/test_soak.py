"""Mixed load for a long time: memory and descriptors stay flat, no job is stuck, nothing is lost.

Row 60. `make test` soaks for some seconds, `make prove` for 42 minutes, with the same code. What is
done: files are put, kept, read, shared, taken back, thrown away and erased; keys are exchanged;
objects are checked; pages are read.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.store.house import House

PARTS = ("supervisor", "vault", "postgres", "web", "worker")
REPORT = Path(__file__).resolve().parents[2] / "build" / "soak.json"


@dataclass(frozen=True)
class Sample:
    """What a part used at one moment, its children included."""

    minute: float
    memory: int
    """Bytes that it would give back by ending (PSS)."""
    descriptors: int


@dataclass
class Person(threading.Thread):
    """Somebody who works until told to stop, and remembers what was acknowledged."""

    house: House
    project: str
    seed: int
    end: threading.Event
    done: Counter[str] = field(default_factory=Counter)
    kept: dict[str, bytes] = field(default_factory=dict)
    """SHA-256 of the files that are there."""
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.random = random.Random(self.seed)
        self.group = self.house.ask("POST", "/groups", {"name": f"Readers {self.project}"})["id"]

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        acts = (self.put, self.put_table, self.read, self.share, self.erase, self.look)
        while not self.end.is_set():
            act = self.random.choices(acts, weights=(3, 2, 6, 3, 3, 3))[0]
            try:
                act()
                self.done[act.__name__] += 1
            except Exception as error:  # every fault is reported, of whatever kind
                self.faults.append(f"{act.__name__}: {error!r}"[:300])

    def put(self) -> None:
        content = self.random.randbytes(self.random.randrange(1_000, 400_000))
        upload = self.house.put(self.project, f"{self.seed}.bin", content, "file")
        kept = self.house.keep(upload["id"])
        self.kept[kept["resource"]] = hashlib.sha256(content).digest()

    def put_table(self) -> None:
        rows = self.random.randrange(10, 5_000)
        content = ("n,w\n" + "".join(f"{n},{n * 7 % 101}\n" for n in range(rows))).encode()
        upload = self.house.put(self.project, f"{self.seed}.csv", content)
        kept = self.house.keep(upload["id"])
        self.kept[kept["resource"]] = hashlib.sha256(content).digest()
        got = self.house.raw("GET", f"/datasets/{kept['resource']}/rows?format=csv")
        assert got.count(b"\n") == rows + 1

    def read(self) -> None:
        if self.kept:
            id_ = self.random.choice(sorted(self.kept))
            got = self.house.raw("GET", f"/resources/{id_}/content")
            assert hashlib.sha256(got).digest() == self.kept[id_], f"{id_} differs"

    def share(self) -> None:
        if self.kept:
            id_ = self.random.choice(sorted(self.kept))
            asked = {"node": id_, "to": {"group": self.group}, "actions": ["download"]}
            made = self.house.ask("POST", "/grants", asked)
            self.house.raw("DELETE", f"/grants/{made['id']}")

    def erase(self) -> None:
        if len(self.kept) > 5:
            id_ = self.random.choice(sorted(self.kept))
            for act in ("trash", "erase"):
                items = self.house.ask("POST", "/acts", {"act": act, "ids": [id_]})["items"]
                assert items[0]["done"], items
            del self.kept[id_]

    def look(self) -> None:
        for path in ("/resources?limit=50", f"/projects/{self.project}", "/grants"):
            self.house.ask("GET", path)


def of_part(house: House, part: str) -> tuple[int, int]:
    """Memory and descriptors of a part and all its children."""
    running = json.loads((house.data / "running.json").read_text())
    pid = int(running["pid"] if part == "supervisor" else running["parts"][part]["pid"])
    family = [pid] if part == "supervisor" else [pid, *descendants(pid)]
    memory = descriptors = 0
    for member in family:
        try:
            rollup = (Path("/proc") / str(member) / "smaps_rollup").read_text()
            memory += int(rollup.split("Pss:")[1].split()[0]) * 1024
            descriptors += len(os.listdir(f"/proc/{member}/fd"))
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue  # a child that ended meanwhile
    return memory, descriptors


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            found += [child, *descendants(child)]
    return found


def soak(house: House, *, seconds: float, every: float) -> dict[str, Any]:
    """Work for so long, and what was seen meanwhile."""
    end = threading.Event()
    people = [Person(house, house.project(f"Soak {n}"), n, end) for n in range(3)]
    samples: dict[str, list[Sample]] = {part: [] for part in PARTS}
    began = time.monotonic()
    for person in people:
        person.start()
    exchanged = 0
    while (gone := time.monotonic() - began) < seconds:
        time.sleep(every)
        for part in PARTS:
            samples[part].append(Sample(gone / 60, *of_part(house, part)))
        if gone > (exchanged + 1) * max(seconds / 4, 60):
            exchanged += 1
            house.simplr.json("keys", "rotate-root")
            house.simplr.json("keys", "rotate")
    end.set()
    for person in people:
        person.join(60)
    return {
        "minutes": round((time.monotonic() - began) / 60, 1),
        "done": dict(sum((person.done for person in people), Counter())),
        "faults": [fault for person in people for fault in person.faults],
        "exchanged": exchanged,
        "parts": {part: summary(samples[part]) for part in PARTS},
        "people": people,
    }


def summary(samples: list[Sample]) -> dict[str, float]:
    """The median of the second quarter against that of the last, once all is warm."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    return {
        "memory_early_mb": round(statistics.median(s.memory for s in early) / 1e6, 1),
        "memory_late_mb": round(statistics.median(s.memory for s in late) / 1e6, 1),
        "descriptors_early": statistics.median(s.descriptors for s in early),
        "descriptors_late": statistics.median(s.descriptors for s in late),
    }


def nothing_is_lost(house: House, people: list[Person]) -> None:
    """Every file that was acknowledged and not erased is there, whole; no job is stuck."""
    for person in people:
        listed = {item["id"] for item in house.every(f"/projects/{person.project}/resources")}
        assert listed >= set(person.kept)
        for id_, digest in person.kept.items():
            got = house.raw("GET", f"/resources/{id_}/content")
            assert hashlib.sha256(got).digest() == digest
    found = house.simplr.json("objects", "check")
    assert found["damaged"] == 0
    said = house.manage(
        "from procrastinate.contrib.django.models import ProcrastinateJob as J\n"
        "from simplr.audit import queries, services\n"
        "services.seal_now()\n"
        "print(queries.verify().whole, J.objects.filter(status='failed').count(),"
        " J.objects.filter(status='doing').count() > 3)"
    )
    assert said.split() == ["True", "0", "False"]


@pytest.mark.prove
def test_mixed_load_meets_no_fault_and_loses_nothing(house: House) -> None:
    found = soak(house, seconds=3, every=1)

    assert found["faults"] == []
    assert sum(found["done"].values()) > 5
    nothing_is_lost(house, found["people"])


@pytest.mark.prove
def test_two_thirds_of_an_hour_of_mixed_load_leave_memory_and_descriptors_flat(
    house: House, record_property: Callable[[str, object], None]
) -> None:
    minutes = float(os.environ.get("SIMPLR_SOAK_MINUTES", "42"))
    found = soak(house, seconds=minutes * 60, every=10)
    people = found.pop("people")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))
    record_property("minutes", found["minutes"])
    record_property("acts", sum(found["done"].values()))
    record_property("faults", len(found["faults"]))
    record_property("exchanges of keys", found["exchanged"])
    for part, used in found["parts"].items():
        mb = f"{used['memory_early_mb']} MB, then {used['memory_late_mb']} MB"
        files = f"{used['descriptors_early']:g} descriptors, then {used['descriptors_late']:g}"
        record_property(part, f"{mb}, {files}")

    assert found["faults"] == []
    nothing_is_lost(house, people)
    for part, used in found["parts"].items():
        grown = used["memory_late_mb"] - used["memory_early_mb"]
        assert grown < 30 + 0.15 * used["memory_early_mb"], (part, used)
        assert used["descriptors_late"] <= used["descriptors_early"] * 1.3 + 10, (part, used)
