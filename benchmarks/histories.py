"""Made histories of access: people of several kinds over months, and four things to be found.

Nothing here is the product's: it was written before there was anything that looks for them, and the
effect sizes are fixed (`MASS`, `IDS`, `DRIP`, `DRIP_DAYS`). A seed gives the same history always.
Seeds below `FRESH` are for development; those from `FRESH` on were not looked at while it was made.

What is not an attack is meant to be hard: holidays, month-ends, trips into other hours, trains and
cafés, a new project of thirty data sets, work at night, programs that retry, fill up what they
missed or ask all day for something that is gone, and people on their first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.attacks import Attack, attacks_on
from benchmarks.institution import BEGINS, DAYS, LEARNING_DAYS, Event, World, day_of

FRESH = 7_000


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


def history(seed: int, *, attacked: bool = True) -> History:
    """A history of eleven weeks. Without `attacked` nothing in it should be found."""
    world = World(seed)
    events: list[Event] = []
    for person in world.people:
        for day in range(person.joined, DAYS):
            events += day_of(world, person, day)
    attacks: list[Attack] = []
    if attacked:
        by_person: dict[str, list[Event]] = {}
        for event in events:
            by_person.setdefault(event.person, []).append(event)
        for attack, made in attacks_on(world, by_person):
            attacks.append(attack)
            events += made
    events.sort(key=lambda event: event.at)
    return History(events, attacks, {person.name: person.joined for person in world.people})
