"""What comes in and what goes out: one access, and what is unusual about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody read something, was refused it, or signed in."""

    at: datetime
    """In the local time of the institution: hours mean something to people there."""
    node: str = ""
    """What was asked for, whether it is there or not."""
    octets: float = 0.0
    """About how much left."""
    refused: bool = False
    network: str = ""
    """A name for the network it came from; empty where that is not known."""
    signed_in: bool = False


class PartKind(StrEnum):
    """In which way something is unusual."""

    VOLUME = "volume"
    READS = "reads"
    PACE = "pace"
    NEW = "new-resources"
    REFUSED = "refused"
    DRIP = "drip"
    NETWORK = "network"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Part:
    """One reason why an access is unusual."""

    kind: PartKind
    surprise: float
    """Minus the logarithm, to base 10, of how often so much is met: 3 is once in 1,000 days."""
    value: float
    """What was met: bytes, counts, an hour, days of a drip."""
    usual: float
    """What is met at most on 19 of 20 days; of hours and networks how many days are remembered."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How unusual an access is together with what came before it on its day."""

    at: datetime
    score: float
    parts: tuple[Part, ...]
    """The reasons, the strongest first."""
    is_alarm: bool
