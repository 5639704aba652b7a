"""What is usual in the whole institution: for those of whom little is known yet."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from simplr_core.anomaly.accesses import PartKind
from simplr_core.anomaly.days import AMOUNTS, Vector
from simplr_core.anomaly.usual import Usual, of_days, quantile, scaled

KEPT_DAYS = 400
"""Days that are remembered of each kind of subject, the newest."""
STRANGEST_KEPT = 3_000
FEW_DAYS = 10
"""Somebody with fewer days is new."""
NETWORK_OF_THE_HOUSE = 3
"""A network from which so many people came is one of the institution's."""
_NETWORKS_KEPT = 3_000
_NETWORK_DAYS = 60

_AT_FIRST: Vector = (300e6, 150.0, 60.0, 40.0, 10.0)
"""What a new subject may do in a day, as long as nothing else is known."""


@dataclass(slots=True)
class House:
    """Days of all subjects by kind, and the networks that several people come from."""

    days: dict[str, deque[Vector]] = field(default_factory=dict)
    strangest: deque[Vector] = field(default_factory=lambda: deque(maxlen=STRANGEST_KEPT))
    """The features of the most unusual access of each day, for the second method."""
    networks: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """network -> (the day it was last seen, up to three of those who came from it)"""
    is_changed: bool = False
    """Whether anything was added since it was read: it is large, and seldom changes."""
    _usual: dict[str, tuple[int, dict[PartKind, Usual]]] = field(default_factory=dict)

    def take_day(self, kind: str, vector: Vector, *, is_new: bool) -> None:
        """Remember a day that is over."""
        self.days.setdefault(_name(kind, is_new), deque(maxlen=KEPT_DAYS)).append(vector)
        self.is_changed = True

    def take_strangest(self, features: Vector) -> None:
        """Remember the features of the most unusual access of a day that is over."""
        self.strangest.append(features)
        self.is_changed = True

    def take_network(self, network: str, who: str, day: int) -> None:
        """Remember who came from a network."""
        _day, people = self.networks.get(network, (0, ()))
        if who not in people and len(people) < NETWORK_OF_THE_HOUSE:
            people = (*people, who)
        self.networks[network] = (day, people)
        self.is_changed = True
        if len(self.networks) > _NETWORKS_KEPT:
            oldest = sorted(self.networks, key=lambda name: self.networks[name][0])
            for name in oldest[: _NETWORKS_KEPT // 10]:
                del self.networks[name]

    def is_of_the_house(self, network: str, day: int) -> bool:
        """Whether several people came from there lately."""
        last, people = self.networks.get(network, (0, ()))
        return len(people) >= NETWORK_OF_THE_HOUSE and day - last <= _NETWORK_DAYS

    def usual(self, kind: str, *, is_new: bool) -> dict[PartKind, Usual]:
        """What is usual of a kind of subject; looked at anew when a tenth more is known."""
        name = _name(kind, is_new)
        days = self.days.get(name, ())
        counted, found = self._usual.get(name, (-1, {}))
        if counted < 0 or len(days) > 1.1 * counted + 5 or counted == KEPT_DAYS:
            found = _together(list(days), is_new=is_new)
            self._usual[name] = (len(days) if len(days) < KEPT_DAYS else KEPT_DAYS - 1, found)
        return found

    def to_json(self) -> dict[str, Any]:
        return {
            "days": {name: [list(day) for day in days] for name, days in self.days.items()},
            "strangest": [[round(part, 3) for part in day] for day in self.strangest],
            "networks": {name: [day, *who] for name, (day, who) in self.networks.items()},
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> House:
        return cls(
            days={
                name: deque((tuple(day) for day in days), maxlen=KEPT_DAYS)
                for name, days in kept.get("days", {}).items()
            },
            strangest=deque(
                (tuple(day) for day in kept.get("strangest", ())), maxlen=STRANGEST_KEPT
            ),
            networks={
                name: (day, tuple(who)) for name, (day, *who) in kept.get("networks", {}).items()
            },
        )


def _name(kind: str, is_new: bool) -> str:
    return f"{kind}, new" if is_new else kind


def _together(days: list[Vector], *, is_new: bool) -> dict[PartKind, Usual]:
    """The usual over subjects. Little is known at first: what is built in counts as twenty days."""
    found = of_days(days) if days else {}
    share = 20 / (len(days) + 20)
    result = {}
    for number, kind in enumerate(AMOUNTS):
        first = scaled(kind, _AT_FIRST[number])
        if kind not in found:
            result[kind] = Usual(first - 1.6, 1.0, first)
            continue
        own = found[kind]
        values = sorted(scaled(kind, day[number]) for day in days)
        # Of the new nothing is known but that they are some of these: the heaviest count.
        high = max(own.high, quantile(values, 0.98)) if is_new else own.high
        result[kind] = Usual(
            own.middle, max(own.spread, 0.4), (1 - share) * high + share * max(first, high)
        )
    return result
