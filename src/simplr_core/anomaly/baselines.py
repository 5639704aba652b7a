"""What is remembered of one subject: of a person's browsers, or of one token."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import log10
from typing import Any

from simplr_core.anomaly.accesses import PartKind
from simplr_core.anomaly.days import AMOUNTS, Day, Vector
from simplr_core.anomaly.house import FEW_DAYS, House
from simplr_core.anomaly.usual import Usual, of_days, scaled, shrunk

KEPT_DAYS = 60
_NODES_KEPT = 3_000
_NETWORKS_KEPT = 100
ACCEPTED_FOR_DAYS = 90
"""How long something that was dismissed as a false alarm counts as usual."""
_OTHERS_WEIGH = 1.5
_FORGET_HOURS = 0.98
ALLOWED_RARITY = 0.9
"""A day as heavy as one in eight adds nothing to a drip; what is less takes away."""
_RAREST = 1.8


@dataclass(slots=True)
class Baseline:
    """The days, things, hours and networks of one subject, and its day while it runs."""

    kind: str
    """`person` or `token`"""
    who: str
    """The person, whose networks are known to all that she uses."""
    days: list[Vector] = field(default_factory=list)
    nodes: dict[str, int] = field(default_factory=dict)
    networks: dict[str, int] = field(default_factory=dict)
    """network -> the day of its last use"""
    network_changes: float = 0.0
    """Days with a new network that nothing explained: neither a sign-in nor other people there."""
    hours: list[float] = field(default_factory=lambda: [0.0] * 24)
    days_of_hours: float = 0.0
    drip: float = 0.0
    drip_days: int = 0
    accepted: dict[str, tuple[float, int]] = field(default_factory=dict)
    """kind of part -> (what was dismissed, until which day it counts as usual)"""
    today: Day | None = None
    from_noon: Day | None = None
    """The same from noon to noon, so that nothing is cut in half by midnight."""
    hours_today: set[int] = field(default_factory=set)
    networks_today: set[str] = field(default_factory=set)
    unexplained_today: bool = False
    signed_in_from: set[str] = field(default_factory=set)
    alarmed_at: datetime | None = None
    strangest: tuple[float, Vector] | None = None
    """The score and the features of the most unusual access of the day."""
    _usual: dict[PartKind, Usual] = field(default_factory=dict)
    _before: list[float] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return len(self.days) < FEW_DAYS

    def usual(self, house: House) -> Mapping[PartKind, Usual]:
        """What is usual of this subject's days, drawn towards others' where it is little known."""
        if not self._usual:
            others = house.usual(self.kind, is_new=self.is_new)
            if not self.days:
                self._usual = dict(others)
            else:
                own = of_days(self.days)
                count = len(self.days)
                self._usual = {
                    kind: shrunk(own[kind], count, others[kind], weight=_OTHERS_WEIGH)
                    for kind in AMOUNTS
                }
        return self._usual

    def high(self, kind: PartKind, usual: Usual, day: int) -> float:
        """The scaled level above which an amount is unusual, dismissed alarms minded."""
        value, until = self.accepted.get(kind, (0.0, 0))
        return max(usual.high, scaled(kind, value)) if day <= until else usual.high

    def close(self, house: House) -> None:
        """End the running day: what it was becomes part of what is usual.

        A day with an alarm that nobody dismissed is not learned from: it counts as a high usual
        day, and its networks and things stay new.
        """
        day = self.today
        if day is None:
            return
        usual = self.usual(house)
        alarmed = self.alarmed_at is not None and self.alarmed_at.toordinal() == day.number
        vector = day.vector()
        self.drip = self.drip_with(vector[0])
        self.drip_days = self.drip_days + 1 if self.drip else 0
        if alarmed:
            vector = tuple(
                min(value, usual[kind].level(kind))
                for kind, value in zip(AMOUNTS, vector, strict=True)
            )
        else:
            self._learn_places(day, house)
            if self.strangest is not None:
                house.take_strangest(self.strangest[1])
        if vector[1]:
            house.take_day(self.kind, vector, is_new=self.is_new)
            self.days = [*self.days, vector][-KEPT_DAYS:]
        self.today = None
        self.hours_today, self.networks_today = set(), set()
        self.signed_in_from = set()
        self.unexplained_today = False
        self.strangest = None
        self._usual, self._before = {}, []

    def drip_with(self, octets: float) -> float:
        """The running sum (CUSUM) of how rare days are, with a day of so much.

        How rare is told by how many of the days before the sum began were as heavy.
        """
        if not self._before:
            until = len(self.days) - self.drip_days
            self._before = sorted(day[0] for day in self.days[: max(0, until)])
        count = len(self._before)
        if count < FEW_DAYS:
            return 0.0
        heavier = count - bisect_left(self._before, octets)
        rare = -log10((heavier + 0.5) / (count + 1))
        return max(0.0, self.drip + min(rare, _RAREST) - ALLOWED_RARITY)

    def _learn_places(self, day: Day, house: House) -> None:
        for node in day.new:
            self.nodes[node] = day.number
        if len(self.nodes) > _NODES_KEPT:
            kept = sorted(self.nodes, key=self.nodes.__getitem__)[-_NODES_KEPT:]
            self.nodes = {node: self.nodes[node] for node in kept}
        changed = self.unexplained_today and bool(self.networks)
        self.network_changes = self.network_changes * _FORGET_HOURS + changed
        for network in self.networks_today:
            self.networks[network] = day.number
            house.take_network(network, self.who, day.number)
        if len(self.networks) > _NETWORKS_KEPT:
            kept = sorted(self.networks, key=self.networks.__getitem__)[-_NETWORKS_KEPT:]
            self.networks = {network: self.networks[network] for network in kept}
        self.hours = [
            count * _FORGET_HOURS + (hour in self.hours_today)
            for hour, count in enumerate(self.hours)
        ]
        self.days_of_hours = self.days_of_hours * _FORGET_HOURS + 1

    def to_json(self) -> dict[str, Any]:
        return {
            "days": [list(day) for day in self.days],
            "nodes": self.nodes,
            "networks": self.networks,
            "network_changes": self.network_changes,
            "hours": [round(count, 3) for count in self.hours],
            "days_of_hours": self.days_of_hours,
            "drip": [self.drip, self.drip_days],
            "accepted": {kind: list(value) for kind, value in self.accepted.items()},
            "today": self.today.to_json() if self.today else None,
            "from_noon": self.from_noon.to_json() if self.from_noon else None,
            "hours_today": sorted(self.hours_today),
            "networks_today": sorted(self.networks_today),
            "signed_in_from": sorted(self.signed_in_from),
            "unexplained_today": self.unexplained_today,
            "alarmed_at": self.alarmed_at.isoformat() if self.alarmed_at else None,
            "strangest": list(self.strangest) if self.strangest else None,
        }

    @classmethod
    def from_json(cls, kind: str, who: str, kept: dict[str, Any]) -> Baseline:
        if not kept:
            return cls(kind, who)
        drip, drip_days = kept["drip"]
        return cls(
            kind=kind,
            who=who,
            days=[tuple(day) for day in kept["days"]],
            nodes=dict(kept["nodes"]),
            networks=dict(kept["networks"]),
            network_changes=kept["network_changes"],
            hours=list(kept["hours"]),
            days_of_hours=kept["days_of_hours"],
            drip=drip,
            drip_days=drip_days,
            accepted={name: (value, day) for name, (value, day) in kept["accepted"].items()},
            today=Day.from_json(kept["today"]) if kept["today"] else None,
            from_noon=Day.from_json(kept["from_noon"]) if kept["from_noon"] else None,
            hours_today=set(kept["hours_today"]),
            networks_today=set(kept["networks_today"]),
            signed_in_from=set(kept["signed_in_from"]),
            unexplained_today=kept["unexplained_today"],
            alarmed_at=datetime.fromisoformat(kept["alarmed_at"]) if kept["alarmed_at"] else None,
            strangest=(kept["strangest"][0], tuple(kept["strangest"][1]))
            if kept["strangest"]
            else None,
        )
