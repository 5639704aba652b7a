"""How unusual an access is: the surprise of each part, and their sum.

The surprise of an amount above its p95 grows with its logarithm, as in a Pareto tail. Amounts say
much the same of a day, so only the strongest of them counts; network and hour are apart, and add.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log, log10

from simplr_core.anomaly.accesses import Access, Part, PartKind
from simplr_core.anomaly.baselines import Baseline
from simplr_core.anomaly.days import AMOUNTS, Day, Vector
from simplr_core.anomaly.house import House
from simplr_core.anomaly.usual import FLOORS, Usual, scaled

LIMIT = 3.5
"""An alarm: so much is met about once in 3,000 days."""
AT_P95 = 1.3
TAILS: dict[PartKind, float] = {
    PartKind.VOLUME: 2.2,
    PartKind.READS: 2.2,
    PartKind.PACE: 1.6,
    PartKind.NEW: 2.6,
    PartKind.REFUSED: 2.6,
}
"""How much surprise ten times the p95 adds, by amount."""
PEOPLES_VOLUME = 2.75
LEAST: dict[PartKind, float] = {
    PartKind.VOLUME: 10e6,
    PartKind.READS: 20,
    PartKind.PACE: 15,
    PartKind.NEW: 5,
    PartKind.REFUSED: 5,
}
"""Less is never unusual, however little is usual."""
DRIP_LIMIT = 3.7
_SIGNED_IN = 0.4
_OF_THE_HOUSE = 0.15
HOUR_ELSEWHERE, HOUR_AT_HOME = 0.9, 0.6
_WORTH_SAYING = 0.8


def amounts(baseline: Baseline, day: Day, house: House) -> Iterator[Part]:
    """The amounts of a running day that are above their p95."""
    usual = baseline.usual(house)
    for kind, value in zip(AMOUNTS, day.vector(), strict=True):
        at = scaled(kind, value)
        high = baseline.high(kind, usual[kind], day.number)
        if at > high and value >= LEAST[kind]:
            surprise = AT_P95 + _tail(baseline, kind) * (at - high) / log(10)
            yield Part(kind, surprise, value, max(0.0, _level(kind, high)))


def _tail(baseline: Baseline, kind: PartKind) -> float:
    """How fast an amount gets rare. Programs make up for what they missed, several days at once."""
    is_volume_of_a_person = kind is PartKind.VOLUME and baseline.kind == "person"
    return PEOPLES_VOLUME if is_volume_of_a_person else TAILS[kind]


def _level(kind: PartKind, high: float) -> float:
    return Usual(0, 0, high).level(kind) if kind in FLOORS else high


def drip(baseline: Baseline, day: Day) -> Part | None:
    """How far many days together lie above what is usual."""
    at = baseline.drip_with(day.octets)
    value, until = baseline.accepted.get(PartKind.DRIP, (0.0, 0))
    if day.number <= until:
        at -= value
    if baseline.is_new or at < DRIP_LIMIT / 2:
        return None
    return Part(PartKind.DRIP, LIMIT * at / DRIP_LIMIT, baseline.drip_days + 1, 0.0)


def network(
    baseline: Baseline, access: Access, house: House, browsers: Baseline | None
) -> Part | None:
    """How surprising it is that this subject comes from a network for the first time."""
    if not access.network or access.network in baseline.networks:
        return None
    known = baseline.days_of_hours
    prior = 0.2 if baseline.kind == "token" else 0.4
    surprise = -log10((baseline.network_changes + prior) / (known + 2 * prior + 1))
    if is_signed_in_from(baseline, browsers, access.network):
        surprise *= _SIGNED_IN
    if house.is_of_the_house(access.network, access.at.toordinal()):
        surprise *= _OF_THE_HOUSE
    return Part(PartKind.NETWORK, max(0.0, surprise), 1.0, len(baseline.networks))


def is_signed_in_from(baseline: Baseline, browsers: Baseline | None, network: str) -> bool:
    """Whether the person signed in from there today, or comes from there by browser."""
    return any(
        one is not None
        and one.kind == "person"
        and (network in one.signed_in_from or network in one.networks)
        for one in (baseline, browsers)
    )


def hour(baseline: Baseline, access: Access) -> Part | None:
    """How surprising the hour is; those before and after it count, too."""
    now = access.at.hour
    near = max(baseline.hours[(now + step) % 24] for step in (-1, 0, 1))
    surprise = -log10((near + 0.3) / (baseline.days_of_hours + 1.3))
    if surprise < AT_P95 / 2:
        return None
    return Part(PartKind.HOUR, surprise, float(now), baseline.days_of_hours)


def score(
    baseline: Baseline, access: Access, house: House, browsers: Baseline | None = None
) -> tuple[float, tuple[Part, ...], Vector]:
    """How unusual an access is with what came before it, the parts worth saying, and its features."""
    strongest: dict[PartKind, Part] = {}
    for day in (baseline.today, baseline.from_noon):
        if day is not None:
            for part in amounts(baseline, day, house):
                if part.kind not in strongest or strongest[part.kind].surprise < part.surprise:
                    strongest[part.kind] = part
    total = max((part.surprise for part in strongest.values()), default=0.0)
    parts = dict(strongest)
    for found in (network(baseline, access, house, browsers), hour(baseline, access)):
        if found is not None:
            parts[found.kind] = found
    elsewhere = parts[PartKind.NETWORK].surprise if PartKind.NETWORK in parts else 0.0
    total += elsewhere
    if PartKind.HOUR in parts:
        # Whoever works late reads much then, too: alone with an amount it says less.
        weighs = HOUR_ELSEWHERE if elsewhere >= 1 else HOUR_AT_HOME
        total += parts[PartKind.HOUR].surprise * weighs
    if baseline.today is not None and (slow := drip(baseline, baseline.today)):
        total = max(total, slow.surprise)
        parts[slow.kind] = slow
    said = sorted(parts.values(), key=lambda part: -part.surprise)
    features = tuple(parts[kind].surprise if kind in parts else 0.0 for kind in PartKind)
    return total, tuple(part for part in said if part.surprise >= _WORTH_SAYING), features
