"""How well unusual access is found: the product's own rules, shown made histories.

`python benchmarks/unusual.py` prints the figures of the manual for the fresh seeds; with `--seeds
1-20` for those of development.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

from benchmarks.institution import Event  # noqa: E402
from benchmarks.judging import (  # noqa: E402
    FIRST_THREE,
    FRESH_SEEDS,
    Detector,
    Judgement,
    judge,
)

from simplr_core.anomaly import (  # noqa: E402
    Access,
    Baseline,
    Finding,
    Forest,
    House,
    grown,
    watch,
)


class Watcher:
    """What an installation remembers, in memory; each alarm with its finding is kept to look at."""

    def __init__(self) -> None:
        self.house = House()
        self.baselines: dict[tuple[str, str], Baseline] = {}
        self.alarms: list[tuple[str, Finding]] = []

    def baseline(self, kind: str, subject: str, person: str) -> Baseline:
        key = (kind, subject)
        if key not in self.baselines:
            self.baselines[key] = Baseline(kind, person)
        return self.baselines[key]

    def __call__(self, batch: Sequence[Event], now: datetime) -> list[str]:
        forest = self.forest_on(now.toordinal())
        alarmed = []
        for event in batch:
            browsers = self.baseline("person", event.person, event.person)
            subject = browsers
            if event.token:
                subject = self.baseline("token", event.token, event.person)
            found = watch(subject, access_of(event), self.house, browsers, forest)
            if found is not None and found.is_alarm:
                self.alarms.append((event.person, found))
                alarmed.append(event.person)
        return alarmed

    def forest_on(self, day: int) -> Forest | None:
        """The forest of the second method; none for the first."""
        return None


class ForestWatcher(Watcher):
    """The second method: each week a forest grows from the days before it."""

    def __init__(self) -> None:
        super().__init__()
        self.forest: Forest | None = None
        self.grown_on = 0

    def forest_on(self, day: int) -> Forest | None:
        if day - self.grown_on >= 7:
            self.forest, self.grown_on = grown(self.house.strangest), day
        return self.forest


def access_of(event: Event) -> Access:
    """An event of a made history as the product knows it."""
    return Access(
        at=event.at,
        node=event.node,
        octets=event.octets,
        refused=event.refused,
        network=event.network,
        signed_in=event.signed_in,
    )


METHODS: dict[str, Callable[[], Detector]] = {"robust": Watcher, "isolation forest": ForestWatcher}


def scores(seeds: Iterable[int] = FRESH_SEEDS) -> dict[str, float]:
    """The figures that are kept: of the method that an installation uses."""
    found = judge(METHODS["robust"], seeds)
    return {
        "unusual_recall": round(found.recall(*FIRST_THREE), 4),
        "unusual_recall_drip": round(found.recall("drip"), 4),
        "unusual_false_per_1000_person_days": round(found.false_per_1000, 3),
        "unusual_person_days": found.person_days,
    }


def table(name: str, found: Judgement) -> str:
    """One row of the manual's table for each kind."""
    lines = [
        f"| {name} | {kind} | {sum(hits)} of {len(hits)} | {found.median_minutes(kind):,.1f} |"
        for kind, hits in found.found.items()
    ]
    wrong = len(found.false_alarms)
    lines.append(
        f"| {name} | false alarms | {wrong} in {found.person_days:,} person-days:"
        f" {found.false_per_1000:.2f} per 1,000 | |"
    )
    return "\n".join(lines)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", default=f"{FRESH_SEEDS[0]}-{FRESH_SEEDS[-1]}")
    asked.add_argument("--method", choices=sorted(METHODS), action="append")
    arguments = asked.parse_args()
    first, _, last = arguments.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    print("| method | what | found | minutes from the first event, median |\n|---|---|---|---|")
    for name in arguments.method or METHODS:
        print(table(name, judge(METHODS[name], seeds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
