"""A day while it runs: the counts from which an access is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simplr_core.anomaly.accesses import Access, PartKind

AMOUNTS = (PartKind.VOLUME, PartKind.READS, PartKind.PACE, PartKind.NEW, PartKind.REFUSED)
"""What is counted a day, in the order of a day's vector."""
PACE_MINUTES = 10
MOST_REMEMBERED = 2_000
"""Things that are told apart on one day; more are only counted."""

Vector = tuple[float, ...]


@dataclass(slots=True)
class Day:
    """The counts of twenty-four hours so far."""

    number: int
    octets: float = 0.0
    reads: int = 0
    pace: int = 0
    window: int = -1
    in_window: int = 0
    new: set[str] = field(default_factory=set)
    new_uncounted: int = 0
    refused: set[str] = field(default_factory=set)
    refused_uncounted: int = 0

    def take(self, access: Access, *, is_known: bool) -> None:
        """Count one access. A thing that was refused often counts once."""
        self.octets += access.octets
        self.reads += 1
        window = (access.at.hour * 60 + access.at.minute) // PACE_MINUTES
        if window != self.window:
            self.window, self.in_window = window, 0
        self.in_window += 1
        self.pace = max(self.pace, self.in_window)
        if access.refused:
            self.refused_uncounted += _remember(self.refused, access.node)
        elif not is_known:
            self.new_uncounted += _remember(self.new, access.node)

    def vector(self) -> Vector:
        """The counts in the order of `AMOUNTS`."""
        return (
            self.octets,
            float(self.reads),
            float(self.pace),
            float(len(self.new) + self.new_uncounted),
            float(len(self.refused) + self.refused_uncounted),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "octets": self.octets,
            "reads": self.reads,
            "pace": [self.pace, self.window, self.in_window],
            "new": sorted(self.new),
            "refused": sorted(self.refused),
            "uncounted": [self.new_uncounted, self.refused_uncounted],
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Day:
        pace, window, in_window = kept["pace"]
        new, refused = kept["uncounted"]
        return cls(
            number=kept["number"],
            octets=kept["octets"],
            reads=kept["reads"],
            pace=pace,
            window=window,
            in_window=in_window,
            new=set(kept["new"]),
            new_uncounted=new,
            refused=set(kept["refused"]),
            refused_uncounted=refused,
        )


def _remember(seen: set[str], node: str) -> int:
    """Note a thing; 1 where there are too many to be told apart."""
    if node in seen:
        return 0
    if len(seen) >= MOST_REMEMBERED:
        return 1
    seen.add(node)
    return 0
