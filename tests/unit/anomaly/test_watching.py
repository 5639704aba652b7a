"""What is unusual is found, said in parts, not learned from, and learned once it is dismissed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simplr_core.anomaly import LIMIT, Access, Baseline, Finding, House, PartKind, dismiss, watch
from simplr_core.anomaly.days import MOST_REMEMBERED

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MB = 1e6


def day_of_work(number: int, random: Random, *, octets: float = 2 * MB) -> Iterator[Access]:
    """Twenty readings of eight things between eight and five, from the office."""
    for place in range(20):
        yield Access(
            at=MONDAY + timedelta(days=number, hours=8 + 0.45 * place),
            node=f"n{random.randrange(8)}",
            octets=octets * random.uniform(0.5, 1.5),
            network="office",
        )


def worked(days: int = 40, kind: str = "person") -> tuple[Baseline, House]:
    baseline, house, random = Baseline(kind, "ada"), House(), Random(5)
    for number in range(days):
        for access in day_of_work(number, random):
            watch(baseline, access, house)
    return baseline, house


def shown(baseline: Baseline, house: House, accesses: list[Access]) -> list[Finding]:
    found = [watch(baseline, access, house) for access in accesses]
    return [one for one in found if one is not None]


def alarms(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.is_alarm]


def at(day: int, hour: float, **what: object) -> Access:
    usual: dict[str, object] = {"node": "n1", "octets": MB, "network": "office"}
    moment = MONDAY + timedelta(days=day, hours=hour)
    return Access(at=moment, **{**usual, **what})  # type: ignore[arg-type]


DAY = 40
ATTACKS: dict[PartKind, list[Access]] = {
    PartKind.VOLUME: [at(DAY, 10 + n / 60, octets=50 * MB) for n in range(10)],
    PartKind.PACE: [at(DAY, 10 + n / 3600) for n in range(400)],
    PartKind.NEW: [at(DAY, 10 + n / 60, node=f"new{n}", octets=100) for n in range(200)],
    PartKind.REFUSED: [at(DAY, 10 + n / 60, node=f"no{n}", refused=True) for n in range(200)],
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_too_much_of_anything_is_found_and_named(kind: PartKind) -> None:
    baseline, house = worked()

    (alarm,) = alarms(shown(baseline, house, ATTACKS[kind]))

    assert kind in {part.kind for part in alarm.parts}
    part = next(part for part in alarm.parts if part.kind is kind)
    assert part.value > 5 * part.usual


def test_usual_days_raise_no_alarm() -> None:
    baseline, house, random = *worked(), Random(6)

    found = [
        watch(baseline, access, house)
        for number in range(DAY, DAY + 60)
        for access in day_of_work(number, random)
    ]

    assert alarms([one for one in found if one]) == []


def test_a_token_at_night_from_a_new_network_is_found_at_its_first_reading() -> None:
    baseline, house = worked(kind="token")

    (alarm,) = alarms(shown(baseline, house, [at(DAY, 3, network="elsewhere")]))

    assert [part.kind for part in alarm.parts] == [PartKind.NETWORK, PartKind.HOUR]
    assert alarm.parts[1].value == 3


@pytest.mark.parametrize("access", [at(DAY, 3), at(DAY, 10, network="elsewhere")])
def test_a_new_network_alone_or_an_hour_alone_is_no_alarm(access: Access) -> None:
    baseline, house = worked(kind="token")

    assert alarms(shown(baseline, house, [access])) == []


def test_who_signed_in_from_there_is_less_of_a_surprise() -> None:
    baseline, house = worked()
    before = at(DAY, 2.9, node="", octets=0, network="hotel", signed_in=True)

    assert alarms(shown(baseline, house, [before, at(DAY, 3, network="hotel")])) == []


def test_a_network_that_several_people_come_from_is_no_surprise() -> None:
    baseline, house = worked(kind="token")
    for who in ("grace", "alan", "edsger"):
        house.take_network("other office", who, MONDAY.toordinal() + DAY - 1)

    assert alarms(shown(baseline, house, [at(DAY, 3, network="other office")])) == []


def test_a_drip_is_found_though_no_day_of_it_is_unusual() -> None:
    baseline, house, random = *worked(), Random(7)
    found = []
    for number in range(DAY, DAY + 10):
        found += shown(baseline, house, list(day_of_work(number, random, octets=2.9 * MB)))

    alarm = alarms(found)[0]

    assert alarm.parts[0].kind is PartKind.DRIP
    assert alarm.parts[0].value >= 3
    assert max(one.score for one in found if one.at < alarm.at) < LIMIT


def test_midnight_cuts_nothing_in_half() -> None:
    baseline, house = worked()
    for number in range(14):  # he works at night, too
        for hour in (22, 23, 24, 25):
            watch(baseline, at(DAY + number, hour), house)
    across = [at(DAY + 14, 22 + n / 20, octets=5 * MB) for n in range(80)]

    assert len(alarms(shown(baseline, house, across))) == 1


def test_an_alarm_stands_for_a_day() -> None:
    baseline, house = worked()
    attack = ATTACKS[PartKind.VOLUME]
    later = [at(DAY, 15 + n / 60, octets=50 * MB) for n in range(10)]

    assert len(alarms(shown(baseline, house, attack + later))) == 1


def test_an_attack_is_not_learned() -> None:
    baseline, house = worked()
    shown(baseline, house, ATTACKS[PartKind.VOLUME])
    again = [at(DAY + 2, 10 + n / 60, octets=50 * MB) for n in range(10)]

    assert len(alarms(shown(baseline, house, again))) == 1


def test_what_was_dismissed_is_no_alarm_again() -> None:
    for attack in (
        ATTACKS[PartKind.VOLUME],
        ATTACKS[PartKind.REFUSED],
        [at(DAY, 3, network="elsewhere", node=f"n{n}") for n in range(8)],
    ):
        baseline, house = worked(kind="token")
        (alarm,) = alarms(shown(baseline, house, attack))
        dismiss(baseline, alarm.parts, network="elsewhere", day=attack[0].at.toordinal())
        again = [
            Access(
                at=one.at + timedelta(days=3),
                node=one.node,
                octets=one.octets,
                refused=one.refused,
                network=one.network,
            )
            for one in attack
        ]

        assert alarms(shown(baseline, house, again)) == []


def test_what_is_far_above_what_was_dismissed_is_an_alarm() -> None:
    baseline, house = worked()
    (alarm,) = alarms(shown(baseline, house, ATTACKS[PartKind.VOLUME]))
    dismiss(baseline, alarm.parts, network="", day=MONDAY.toordinal() + DAY)
    more = [at(DAY + 3, 10 + n / 60, octets=800 * MB) for n in range(10)]

    assert len(alarms(shown(baseline, house, more))) == 1


def test_somebody_new_may_look_around_and_not_take_everything() -> None:
    looking = [at(0, 9 + n / 10, node=f"n{n}", octets=MB) for n in range(30)]
    taking = [at(0, 14 + n / 60, node=f"m{n}", octets=900 * MB) for n in range(30)]
    baseline = Baseline("person", "new")

    found = shown(baseline, House(), looking)
    more = shown(baseline, House(), taking)

    assert alarms(found) == []
    assert len(alarms(more)) == 1


def test_a_baseline_goes_through_json_unchanged() -> None:
    baseline, house = worked(12)
    shown(baseline, house, ATTACKS[PartKind.REFUSED][:30])
    baseline.accepted["reads"] = (40.0, 7)

    kept = json.loads(json.dumps(baseline.to_json()))
    house_kept = json.loads(json.dumps(house.to_json()))
    again = Baseline.from_json("person", "ada", kept)

    assert again.to_json() == baseline.to_json()
    assert House.from_json(house_kept).to_json() == house.to_json()
    rest = ATTACKS[PartKind.REFUSED][30:]
    assert len(alarms(shown(again, House.from_json(house_kept), rest))) == 1


def test_what_is_remembered_is_bounded() -> None:
    baseline, house = Baseline("token", "ada"), House()
    for day in range(5):
        for number in range(4_000):
            moment = at(day, 8 + number / 1000, node=f"{day} {number}", network=f"w{day}{number}")
            watch(baseline, moment, house)
    kept = baseline.to_json()

    assert len(kept["nodes"]) <= 3_000
    assert len(kept["networks"]) <= 100
    assert len(kept["today"]["new"]) == MOST_REMEMBERED
    assert baseline.today is not None
    assert baseline.today.vector()[3] == 4_000
    assert len(json.dumps(kept)) < 400_000


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=30), st.integers(0, 20))
@settings(max_examples=60)
def test_more_is_never_less_unusual(sizes: list[float], where: int) -> None:
    """Whatever was read, having read a larger file in place of one does not lower the score."""

    def last_score(octets: list[float]) -> float:
        baseline, house = Baseline("person", "ada"), House()
        found = shown(
            baseline, house, [at(0, 9 + n / 60, octets=size) for n, size in enumerate(octets)]
        )
        return found[-1].score

    more = [size * (10 if number == where else 1) for number, size in enumerate(sizes)]

    assert last_score(more) >= last_score(sizes)
    assert LIMIT > 0
