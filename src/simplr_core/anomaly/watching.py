"""Watching one subject: each access is counted and judged; what is dismissed is learned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from simplr_core.anomaly.accesses import Access, Finding, Part, PartKind
from simplr_core.anomaly.baselines import ACCEPTED_FOR_DAYS, Baseline
from simplr_core.anomaly.days import AMOUNTS, Day
from simplr_core.anomaly.forest import LIMIT as FOREST_LIMIT
from simplr_core.anomaly.forest import Forest
from simplr_core.anomaly.house import House
from simplr_core.anomaly.scoring import AT_P95, LIMIT, is_signed_in_from, score

AGAIN_AFTER = timedelta(hours=24)
"""An alarm about a subject stands for all that is unusual within a day."""
_NOON = timedelta(hours=12)
_DISMISSED_MARGIN = 1.25
_HOUR_LEARNED = 4.0


def watch(
    baseline: Baseline,
    access: Access,
    house: House,
    browsers: Baseline | None = None,
    forest: Forest | None = None,
) -> Finding | None:
    """Count one access and judge it; None for a sign-in. Accesses come in the order of time.

    For a token `browsers` is what is remembered of its person's browsers: where she signed in, her
    tokens may come from, too. With a `forest` that says how unusual it is, and the parts only why.
    """
    _turn_days(baseline, access, house)
    if access.signed_in:
        if access.network:
            baseline.signed_in_from.add(access.network)
        return None
    is_known = access.node in baseline.nodes
    for day in (baseline.today, baseline.from_noon):
        if day is not None:
            day.take(access, is_known=is_known)
    baseline.hours_today.add(access.at.hour)
    if access.network:
        baseline.networks_today.add(access.network)
        if not (
            access.network in baseline.networks
            or is_signed_in_from(baseline, browsers, access.network)
            or house.is_of_the_house(access.network, access.at.toordinal())
        ):
            baseline.unexplained_today = True
    if is_known:
        baseline.nodes[access.node] = access.at.toordinal()
    total, parts, features = score(baseline, access, house, browsers)
    if baseline.strangest is None or total > baseline.strangest[0]:
        baseline.strangest = (total, features)
    limit = LIMIT
    if forest is not None:
        total, limit = forest.surprise(features) if total >= AT_P95 else 0.0, FOREST_LIMIT
    stands = baseline.alarmed_at is not None and access.at - baseline.alarmed_at < AGAIN_AFTER
    is_alarm = total >= limit and not stands
    if is_alarm:
        baseline.alarmed_at = access.at
        if any(part.kind is PartKind.DRIP for part in parts):
            baseline.drip, baseline.drip_days = 0.0, 0
    return Finding(access.at, total, parts, is_alarm)


def _turn_days(baseline: Baseline, access: Access, house: House) -> None:
    number = access.at.toordinal()
    if baseline.today is None or baseline.today.number != number:
        baseline.close(house)
        baseline.today = Day(number)
    from_noon = (access.at - _NOON).toordinal()
    if baseline.from_noon is None or baseline.from_noon.number != from_noon:
        baseline.from_noon = Day(from_noon)


def dismiss(baseline: Baseline, parts: Iterable[Part], *, network: str, day: int) -> None:
    """Learn that these parts were no harm: as much counts as usual for ninety days.

    The network is known from now on, and the hour has been met.
    """
    until = day + ACCEPTED_FOR_DAYS
    for part in parts:
        if part.kind in AMOUNTS:
            before = baseline.accepted.get(part.kind, (0.0, 0))[0]
            level = max(before, part.value * _DISMISSED_MARGIN)
            baseline.accepted[part.kind] = (level, until)
        elif part.kind is PartKind.NETWORK and network:
            baseline.networks[network] = day
        elif part.kind is PartKind.HOUR:
            baseline.hours[int(part.value)] += _HOUR_LEARNED
        elif part.kind is PartKind.DRIP:
            before = baseline.accepted.get(part.kind, (0.0, 0))[0]
            baseline.accepted[part.kind] = (before + 2.0, until)
            baseline.drip, baseline.drip_days = 0.0, 0
    baseline.alarmed_at = None
