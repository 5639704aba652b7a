"""The judge of what looks for unusual access: made histories in, what was found and when out.

It hands a detector what came since it last looked, twice a minute, as an installation does. An
attack is found by an alarm about that person between its first event and a minute after its last.
Every other alarm in the measured weeks is a false one.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.histories import FRESH, History, history
from benchmarks.institution import BEGINS, DAYS, LEARNING_DAYS, Event

EVERY = 30
WITHIN = timedelta(seconds=60)
FIRST_THREE = ("mass", "enumeration", "stolen")
FRESH_SEEDS = tuple(range(FRESH, FRESH + 20))

Detector = Callable[[Sequence[Event], datetime], Iterable[str]]
"""(what came, now) -> the people about whom an alarm is raised now"""


@dataclass
class Judgement:
    """What a detector did on some histories."""

    found: dict[str, list[bool]] = field(default_factory=dict)
    waited: dict[str, list[float]] = field(default_factory=dict)
    """Minutes from the first event of an attack to its alarm."""
    false_alarms: list[tuple[str, datetime]] = field(default_factory=list)
    person_days: int = 0

    def recall(self, *kinds: str) -> float:
        found = [one for kind in kinds for one in self.found.get(kind, [])]
        return sum(found) / len(found) if found else 0.0

    @property
    def false_per_1000(self) -> float:
        return 1000 * len(self.false_alarms) / max(1, self.person_days)

    def median_minutes(self, kind: str) -> float:
        return statistics.median(self.waited.get(kind) or [float("nan")])


def judge(make: Callable[[], Detector], seeds: Iterable[int]) -> Judgement:
    """Show a new detector each history, and add up."""
    result = Judgement()
    for seed in seeds:
        _judge_one(make(), history(seed), result)
    return result


def _judge_one(detector: Detector, made: History, result: Judgement) -> None:
    alarms: list[tuple[str, datetime]] = []
    batch: list[Event] = []
    ends = BEGINS
    for event in made.events:
        if event.at >= ends:
            alarms += [(person, ends) for person in detector(batch, ends)] if batch else []
            batch = []
            ends += timedelta(seconds=EVERY * (int((event.at - ends).total_seconds()) // EVERY + 1))
        batch.append(event)
    alarms += [(person, ends) for person in detector(batch, ends)]
    count_alarms(made, alarms, result)


def count_alarms(made: History, alarms: Sequence[tuple[str, datetime]], result: Judgement) -> None:
    """Tell found from missed and true from false; an alarm up to a day after an attack is its echo."""
    explained = set()
    attacked_days = 0
    for attack in made.attacks:
        attacked_days += (attack.end - attack.begin).days + 1
        times = []
        for number, (person, at) in enumerate(alarms):
            if person == attack.person and attack.begin <= at <= attack.end + timedelta(days=1):
                explained.add(number)
                if at <= attack.end + WITHIN:
                    times.append(at)
        result.found.setdefault(attack.kind, []).append(bool(times))
        if times:
            minutes = (min(times) - attack.begin).total_seconds() / 60
            result.waited.setdefault(attack.kind, []).append(minutes)
    result.false_alarms += [
        alarm
        for number, alarm in enumerate(alarms)
        if number not in explained and alarm[1] >= made.measured_from
    ]
    present = (DAYS - max(joined, LEARNING_DAYS) for joined in made.joined.values())
    result.person_days += sum(present) - attacked_days
