"""The histories by which the detection of unusual access is judged, and the judge."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from benchmarks.attacks import DRIP, DRIP_DAYS, EACH_KIND, IDS, MASS, Attack, p95_day
from benchmarks.histories import FRESH, History, history
from benchmarks.institution import BEGINS, Event
from benchmarks.judging import FRESH_SEEDS, Judgement, count_alarms, judge

SEED = 11


@pytest.fixture(scope="module")
def plain() -> History:
    return history(SEED, attacked=False)


@pytest.fixture(scope="module")
def attacked() -> History:
    return history(SEED)


def added(plain: History, attacked: History, attack: Attack) -> list[Event]:
    """What an attack is made of, and what somebody read beside it."""
    usual = Counter(event for event in plain.events if event.person == attack.person)
    there = Counter(event for event in attacked.events if event.person == attack.person)
    return list((there - usual).elements())


def usual(plain: History, person: str) -> list[Event]:
    return [event for event in plain.events if event.person == person]


def test_a_seed_makes_one_history_and_another_seed_another(plain: History) -> None:
    assert history(SEED, attacked=False) == plain
    assert history(SEED + 1, attacked=False).events[:50] != plain.events[:50]


def test_a_history_without_attacks_has_none(plain: History, attacked: History) -> None:
    assert plain.attacks == []
    assert Counter(attack.kind for attack in attacked.attacks) == dict.fromkeys(
        ("mass", "enumeration", "stolen", "drip"), EACH_KIND
    )


def test_attacks_have_the_sizes_that_were_fixed(plain: History, attacked: History) -> None:
    for attack in attacked.attacks:
        made = added(plain, attacked, attack)
        own = usual(plain, attack.person)
        day = attack.begin.replace(hour=0, minute=0, second=0, microsecond=0)
        p95 = p95_day(own, day)
        if attack.kind == "mass":
            assert sum(event.octets for event in made) == pytest.approx(MASS * p95)
        elif attack.kind == "enumeration":
            assert len({event.node for event in made}) == IDS
            assert not {event.node for event in made} & {event.node for event in own}
        elif attack.kind == "stolen":
            assert all(event.at.hour < 6 and event.token for event in made)
            assert not {event.network for event in made} & {event.network for event in own}
        else:
            totals = Counter[int]()
            for event in (*made, *(one for one in own if one.at >= day)):
                totals[(event.at - day).days] += int(event.octets)
            with_drip = {(event.at - day).days for event in made}
            assert all(totals[number] <= DRIP * p95 for number in with_drip)
            assert max(with_drip) < DRIP_DAYS


def test_the_fresh_seeds_are_twenty_apart_from_those_of_development() -> None:
    assert len(FRESH_SEEDS) == 20
    assert min(FRESH_SEEDS) >= FRESH


def test_the_judge_tells_found_from_missed_and_true_from_false(attacked: History) -> None:
    attack = attacked.attacks[0]
    late = attacked.attacks[1]
    other = attacked.measured_from + timedelta(days=1)
    alarms = [
        (attack.person, attack.begin + timedelta(seconds=30)),
        (late.person, late.end + timedelta(minutes=5)),
        ("nobody", other),
        ("nobody", BEGINS + timedelta(days=1)),
    ]
    result = Judgement()

    count_alarms(attacked, alarms, result)

    assert result.found[attack.kind][:2] == [True, False]
    assert result.false_alarms == [("nobody", other)]
    assert result.waited[attack.kind] == [0.5]


def test_a_detector_that_says_nothing_finds_nothing_and_one_that_says_all_is_wrong() -> None:
    silent = judge(lambda: lambda batch, now: [], [SEED])
    loud = judge(lambda: lambda batch, now: {event.person for event in batch}, [SEED])

    assert silent.recall("mass", "enumeration", "stolen", "drip") == 0
    assert (silent.false_alarms, silent.person_days > 2000) == ([], True)
    assert loud.recall("mass", "enumeration", "stolen", "drip") == 1
    assert loud.false_per_1000 > 1000
