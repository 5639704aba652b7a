"""What should be found in a history: four kinds of attack, of sizes that are fixed."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from benchmarks.institution import BEGINS, DAYS, LEARNING_DAYS, Event, Person, World

MASS = 10.0
"""A mass download: so many times the person's p95 day, within some hours."""
IDS = 200
"""An enumeration: so many ids asked for that were never asked for."""
DRIP, DRIP_DAYS = 1.5, 10
"""A drip: each of so many days at most so many times the p95 day, the usual reading included."""

EACH_KIND = 3
"""Attacks of each kind in one history."""


@dataclass(frozen=True)
class Attack:
    """One thing to be found: through whose hands, and from when to when."""

    kind: str
    person: str
    begin: datetime
    end: datetime


def attacks_on(
    world: World, by_person: dict[str, list[Event]]
) -> Iterator[tuple[Attack, list[Event]]]:
    random = world.random
    free = [person for person in world.people if not person.habit.joins]
    random.shuffle(free)
    for kind, make in (
        ("stolen", _stolen), ("mass", _mass), ("enumeration", _enumeration), ("drip", _drip)
    ):  # fmt: skip
        for _ in range(EACH_KIND):
            person = next(one for one in free if kind != "stolen" or one.token)
            free.remove(person)
            made = make(world, person, by_person[person.name], random)
            made.sort(key=lambda event: event.at)
            yield Attack(kind, person.name, made[0].at, made[-1].at), made


def p95_day(events: Sequence[Event], before: datetime) -> float:
    """What a person reads on a day of use that is larger than 19 of 20 of them."""
    days: dict[int, float] = {}
    for event in events:
        if event.at < before:
            day = (event.at - BEGINS).days
            days[day] = days.get(day, 0) + event.octets
    return statistics.quantiles(days.values(), n=20, method="inclusive")[-1]


def _day_of_attack(random: Random, *, length: int = 1) -> datetime:
    day = random.randint(LEARNING_DAYS + 5, DAYS - length - 1)
    return BEGINS + timedelta(days=day)


def _usual(person: Person, events: Sequence[Event]) -> tuple[str, str]:
    """The token and the network that somebody mostly comes with."""
    return statistics.mode((event.token, event.network) for event in events if event.node)


def _mass(world: World, person: Person, events: Sequence[Event], random: Random) -> list[Event]:
    day = _day_of_attack(random)
    left = MASS * p95_day(events, day)
    token, network = _usual(person, events)
    many = random.random() < 0.5
    mean = left / (random.randint(80, 400) if many else random.randint(4, 12))
    begin = random.uniform(8, 20)
    length = random.uniform(0.3, 4)
    sizes: list[float] = []
    while left > 0:
        sizes.append(min(left, mean * random.lognormvariate(0, 0.5)))
        left -= sizes[-1]
    return [
        Event(
            at=day + timedelta(hours=begin + length * n / len(sizes)),
            person=person.name,
            token=token,
            node=random.choice(person.reaches),
            octets=size,
            refused=False,
            network=network,
        )
        for n, size in enumerate(sizes)
    ]


def _enumeration(
    world: World, person: Person, events: Sequence[Event], random: Random
) -> list[Event]:
    day = _day_of_attack(random)
    token, network = _usual(person, events)
    there = random.choice([0.0, 0.1, 1.0])
    pause = random.uniform(0.5, 20)
    begin = random.uniform(7, 21)
    made = []
    for number in range(IDS):
        is_there = random.random() < there
        made.append(
            Event(
                at=day + timedelta(hours=begin, seconds=pause * number),
                person=person.name,
                token=token,
                node=f"asked-{person.name}-{number}",
                octets=random.lognormvariate(10, 0.5) if is_there else 0.0,
                refused=not is_there,
                network=network,
            )
        )
    return made


def _stolen(world: World, person: Person, events: Sequence[Event], random: Random) -> list[Event]:
    day = _day_of_attack(random)
    begin, minutes = random.uniform(0, 4), random.uniform(20, 120)
    return [
        Event(
            at=day + timedelta(hours=begin, minutes=random.uniform(0, minutes)),
            person=person.name,
            token=person.token,
            node=(node := random.choice(random.choice([person.favourites, person.reaches]))),
            octets=world.octets(person, node),
            refused=False,
            network=f"thief-{person.name}",
        )
        for _ in range(random.randint(10, 40))
    ]


def _drip(world: World, person: Person, events: Sequence[Event], random: Random) -> list[Event]:
    begin = _day_of_attack(random, length=DRIP_DAYS)
    p95 = p95_day(events, begin)
    token, network = _usual(person, events)
    made = []
    for number in range(DRIP_DAYS):
        day = begin + timedelta(days=number)
        usual = sum(one.octets for one in events if day <= one.at < day + timedelta(days=1))
        left = p95 * random.uniform(1.0, DRIP) - usual
        count = random.randint(3, 15)
        made += [
            Event(
                at=day + timedelta(hours=random.uniform(9, 17)),
                person=person.name,
                token=token,
                node=random.choice(random.choice([person.favourites, person.reaches])),
                octets=left / count,
                refused=False,
                network=network,
            )
            for _ in range(count)
            if left > 0
        ]
    return made
