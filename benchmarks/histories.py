"""Made histories of access: people of several kinds over months, and four things to be found.

Nothing here is the product's: it was written before there was anything that looks for them, and the
effect sizes are fixed (`MASS`, `IDS`, `DRIP`, `DRIP_DAYS`). A seed gives the same history always.
Seeds below `FRESH` are for development; those from `FRESH` on were not looked at while it was made.

What is not an attack is meant to be hard: holidays, month-ends, trips into other hours, trains and
cafés, a new project of thirty data sets, work at night, programs that retry, fill up what they
missed or ask all day for something that is gone, and people on their first day.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

MASS = 10.0
"""A mass download: so many times the person's p95 day, within some hours."""
IDS = 200
"""An enumeration: so many ids asked for that were never asked for."""
DRIP, DRIP_DAYS = 1.5, 10
"""A drip: each of so many days at most so many times the p95 day, the usual reading included."""
FRESH = 7_000

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
LEARNING_DAYS, MEASURED_DAYS = 42, 35
DAYS = LEARNING_DAYS + MEASURED_DAYS
EACH_KIND = 3
"""Attacks of each kind in one history."""


@dataclass(frozen=True, slots=True)
class Event:
    """Somebody read something, was refused, or signed in."""

    at: datetime
    person: str
    token: str
    """Empty for a browser."""
    node: str
    octets: float
    refused: bool
    network: str
    signed_in: bool = False


@dataclass(frozen=True)
class Attack:
    """One thing to be found: through whose hands, and from when to when."""

    kind: str
    person: str
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class History:
    """What happened, in order, and what of it should be found."""

    events: list[Event]
    attacks: list[Attack]
    joined: dict[str, int]
    """person -> the day of joining"""

    @property
    def measured_from(self) -> datetime:
        return BEGINS + timedelta(days=LEARNING_DAYS)


@dataclass(frozen=True)
class Habit:
    """What people of a kind do on a day."""

    count: int
    reads: float
    workday: float
    hours: tuple[float, float]
    spread: float = 0.5
    favourites: int = 12
    explores: float = 0.05
    downloads: float = 0.25
    by_token: float = 0.0
    weekly: bool = False
    month_end: float = 1.0
    joins: bool = False


HABITS = {
    "daily": Habit(24, 18, 0.95, (8, 17.5)),
    "notebook": Habit(8, 22, 0.95, (8.5, 18), by_token=0.6, favourites=20),
    "weekly": Habit(12, 30, 0.9, (9, 17), weekly=True, downloads=0.5, favourites=8),
    "month-end": Habit(6, 10, 0.95, (8, 17), month_end=3.0),
    "owl": Habit(4, 20, 0.8, (17, 25.5), spread=0.7),
    "newcomer": Habit(4, 15, 0.95, (8, 17), joins=True, explores=0.3),
    "program": Habit(10, 0, 1.0, (0, 24), by_token=1.0),
}


@dataclass
class _Person:
    name: str
    kind: str
    habit: Habit
    random: Random
    reaches: list[str]
    favourites: list[str]
    joined: int = 0
    weekday: int = 0
    office: str = ""
    home: str = ""
    away: range = range(0)
    trip: range = range(0)
    trip_network: str = ""
    shift: float = 0.0
    new_project: list[str] = field(default_factory=list)
    runs: list[float] = field(default_factory=list)
    per_run: int = 0
    token: str = ""


class _World:
    """One institution: resources with sizes, and who reaches which of them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"world {seed}")  # noqa: S311 - the same each time
        self.sizes = {f"r{n}": min(2e9, self.random.lognormvariate(14.5, 1.6)) for n in range(500)}
        self.people = list(self._people(seed))

    def _people(self, seed: int) -> Iterator[_Person]:
        resources = list(self.sizes)
        for kind, habit in HABITS.items():
            for number in range(habit.count):
                random = Random(f"{seed} {kind} {number}")  # noqa: S311 - the same each time
                reaches = random.sample(resources, random.randint(80, 250))
                person = _Person(
                    name=f"{kind}-{number}",
                    kind=kind,
                    habit=habit,
                    random=random,
                    reaches=reaches,
                    favourites=reaches[: max(3, round(habit.favourites * random.uniform(0.5, 2)))],
                    weekday=random.randrange(5),
                    office=f"office-{random.randrange(3)}",
                    home=f"home-{kind}-{number}-0",
                    token=f"token-{kind}-{number}" if habit.by_token else "",
                )
                if habit.joins:
                    person.joined = random.randint(LEARNING_DAYS, DAYS - 15)
                if kind == "program":
                    first, every = random.uniform(0, 24), random.choice([24, 24, 12, 6, 1])
                    person.runs = [(first + every * n) % 24 for n in range(24 // every)]
                    person.per_run = random.randint(2, 40) if every > 1 else random.randint(1, 5)
                    person.office = f"server-{number}"
                yield person

    def octets(self, person: _Person, node: str) -> float:
        if person.kind == "program" or person.random.random() < person.habit.downloads:
            return self.sizes[node]
        return min(self.sizes[node], person.random.lognormvariate(10.5, 0.8))


def history(seed: int, *, attacked: bool = True) -> History:
    """A history of eleven weeks. Without `attacked` nothing in it should be found."""
    world = _World(seed)
    events: list[Event] = []
    for person in world.people:
        for day in range(person.joined, DAYS):
            events += _day(world, person, day)
    attacks: list[Attack] = []
    if attacked:
        by_person: dict[str, list[Event]] = {}
        for event in events:
            by_person.setdefault(event.person, []).append(event)
        for attack, made in _attacks(world, by_person):
            attacks.append(attack)
            events += made
    events.sort(key=lambda event: event.at)
    return History(events, attacks, {person.name: person.joined for person in world.people})


# ---- usual days


def _day(world: _World, person: _Person, day: int) -> list[Event]:
    if person.kind == "program":
        return _runs(world, person, day)
    return _worked(world, person, day) if _works(person, day) else []


def _works(person: _Person, day: int) -> bool:
    random, weekday = person.random, day % 7
    if day >= person.away.stop and random.random() < 1 / 90:
        person.away = range(day, day + random.choice([3, 7, 14]))
    if day in person.away or weekday > 4:
        return day not in person.away and random.random() < 0.02
    if person.habit.weekly and weekday != person.weekday:
        return random.random() < 0.04
    return random.random() < person.habit.workday


def _worked(world: _World, person: _Person, day: int) -> list[Event]:
    random, habit = person.random, person.habit
    network, signs_in = _network(person, day)
    begin, end = habit.hours
    if day in person.trip:
        begin, end = begin + person.shift, end + person.shift
    elif random.random() < 1 / 40:
        network, begin, end = person.home, 19, random.uniform(22, 25)
    reads = max(1, round(random.lognormvariate(0, habit.spread) * habit.reads))
    if _is_month_end(day):
        reads = round(reads * habit.month_end)
    if day == person.away.stop:
        reads = round(reads * 1.5)
    start = random.gauss(begin, 0.5)
    last = max(start + 0.5, random.gauss(end, 0.7))
    times = sorted(random.uniform(start, last) for _ in range(reads))
    if random.random() < 0.3:  # in one go
        times = sorted(times[0] + random.uniform(0, 0.5) for _ in times)
    tokens = [person.token if random.random() < habit.by_token else "" for _ in times]
    made = [
        _read(world, person, day, hour, _choice(person, day), network, token)
        for hour, token in zip(times, tokens, strict=True)
    ]
    if signs_in or "" in tokens:
        at = BEGINS + timedelta(days=day, hours=times[0] - 0.02)
        made.insert(0, Event(at, person.name, "", "", 0, False, network, signed_in=True))
    return made


def _network(person: _Person, day: int) -> tuple[str, bool]:
    """Where from; and whether he signs in there, whatever he uses then."""
    random = person.random
    if day not in person.trip and random.random() < 1 / 200:
        person.trip = range(day, day + random.randint(2, 5))
        person.trip_network = f"hotel-{person.name}-{day}"
        person.shift = random.choice([-8, -6, 7, 9]) if random.random() < 0.3 else 0.0
    if day in person.trip:
        return person.trip_network, True
    if random.random() < 1 / 45:
        person.home = f"home-{person.name}-{day}"
    if random.random() < 0.03:
        return f"café-{person.name}-{day}", True
    return (person.home if random.random() < 0.3 else person.office), False


def _is_month_end(day: int) -> bool:
    today = BEGINS + timedelta(days=day)
    return (today + timedelta(days=3)).month != today.month or today.day <= 2


def _choice(person: _Person, day: int) -> str:
    random = person.random
    if not person.new_project and random.random() < 1 / 1800:
        person.new_project = random.sample(person.reaches, random.randint(10, 30))
    if person.new_project and random.random() < 0.6:
        return person.new_project.pop()
    explores = person.habit.explores
    if person.habit.joins:
        explores *= max(0.15, 1 - (day - person.joined) / 20)
    if random.random() < explores:
        return random.choice(person.reaches)
    return person.favourites[min(len(person.favourites) - 1, int(random.expovariate(0.35)))]


def _read(
    world: _World, person: _Person, day: int, hour: float, node: str, network: str, token: str
) -> Event:
    refused = person.random.random() < 0.012
    if refused and person.random.random() < 0.5:
        node = f"gone-{person.random.randrange(10**6)}"
    octets = 0.0 if refused else world.octets(person, node)
    at = BEGINS + timedelta(days=day, hours=hour)
    return Event(at, person.name, token, node, octets, refused, network)


def _runs(world: _World, person: _Person, day: int) -> list[Event]:
    random = person.random
    times = 4 if random.random() < 0.01 else 2 if random.random() < 0.03 else 1
    gone = person.favourites[0] if random.random() < 0.01 else ""
    if random.random() < 0.02:
        return []
    made = []
    for run in person.runs:
        for number in range(person.per_run * times):
            node = person.favourites[number % len(person.favourites)]
            if random.random() < 0.002:
                node = random.choice(person.reaches)
            refused = node == gone
            at = BEGINS + timedelta(days=day, hours=run + 0.002 * number + random.uniform(0, 0.01))
            octets = 0.0 if refused else world.sizes[node] * random.lognormvariate(0, 0.1)
            made.append(Event(at, person.name, person.token, node, octets, refused, person.office))
    return made


# ---- what should be found


def _attacks(
    world: _World, by_person: dict[str, list[Event]]
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


def _usual(person: _Person, events: Sequence[Event]) -> tuple[str, str]:
    """The token and the network that somebody mostly comes with."""
    return statistics.mode((event.token, event.network) for event in events if event.node)


def _mass(world: _World, person: _Person, events: Sequence[Event], random: Random) -> list[Event]:
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
    world: _World, person: _Person, events: Sequence[Event], random: Random
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


def _stolen(world: _World, person: _Person, events: Sequence[Event], random: Random) -> list[Event]:
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


def _drip(world: _World, person: _Person, events: Sequence[Event], random: Random) -> list[Event]:
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
