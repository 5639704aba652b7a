"""An institution as it is used on usual days: people of several kinds, and what they read.

See `histories`, which puts it together with what should be found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
LEARNING_DAYS, MEASURED_DAYS = 42, 35
DAYS = LEARNING_DAYS + MEASURED_DAYS


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
class Person:
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


class World:
    """One institution: resources with sizes, and who reaches which of them."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"world {seed}")  # noqa: S311 - the same each time
        self.sizes = {f"r{n}": min(2e9, self.random.lognormvariate(14.5, 1.6)) for n in range(500)}
        self.people = list(self._people(seed))

    def _people(self, seed: int) -> Iterator[Person]:
        resources = list(self.sizes)
        for kind, habit in HABITS.items():
            for number in range(habit.count):
                random = Random(f"{seed} {kind} {number}")  # noqa: S311 - the same each time
                reaches = random.sample(resources, random.randint(80, 250))
                person = Person(
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

    def octets(self, person: Person, node: str) -> float:
        if person.kind == "program" or person.random.random() < person.habit.downloads:
            return self.sizes[node]
        return min(self.sizes[node], person.random.lognormvariate(10.5, 0.8))


# ---- usual days


def day_of(world: World, person: Person, day: int) -> list[Event]:
    if person.kind == "program":
        return _runs(world, person, day)
    return _worked(world, person, day) if _works(person, day) else []


def _works(person: Person, day: int) -> bool:
    random, weekday = person.random, day % 7
    if day >= person.away.stop and random.random() < 1 / 90:
        person.away = range(day, day + random.choice([3, 7, 14]))
    if day in person.away or weekday > 4:
        return day not in person.away and random.random() < 0.02
    if person.habit.weekly and weekday != person.weekday:
        return random.random() < 0.04
    return random.random() < person.habit.workday


def _worked(world: World, person: Person, day: int) -> list[Event]:
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


def _network(person: Person, day: int) -> tuple[str, bool]:
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


def _choice(person: Person, day: int) -> str:
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
    world: World, person: Person, day: int, hour: float, node: str, network: str, token: str
) -> Event:
    refused = person.random.random() < 0.012
    if refused and person.random.random() < 0.5:
        node = f"gone-{person.random.randrange(10**6)}"
    octets = 0.0 if refused else world.octets(person, node)
    at = BEGINS + timedelta(days=day, hours=hour)
    return Event(at, person.name, token, node, octets, refused, network)


def _runs(world: World, person: Person, day: int) -> list[Event]:
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
