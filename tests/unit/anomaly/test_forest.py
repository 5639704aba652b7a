"""The second method, an isolation forest: it is the published one, and it alarms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from simplr_core.anomaly import Access, Baseline, Forest, House, grown, watch
from simplr_core.anomaly.days import Vector
from simplr_core.anomaly.forest import FEWEST, path_expected


def usual(count: int = 600) -> list[Vector]:
    random = Random(3)
    return [(random.gauss(0, 1), random.gauss(5, 2), 0.0) for _ in range(count)]


@pytest.mark.parametrize(("count", "cuts"), [(1, 0.0), (2, 1.0), (256, 10.244)])
def test_the_expected_path_is_that_of_the_paper(count: int, cuts: float) -> None:
    assert path_expected(count) == pytest.approx(cuts, abs=0.01)


def test_what_lies_far_from_all_is_strange_and_the_middle_is_not() -> None:
    forest = Forest(usual())

    assert forest.strangeness((0.0, 5.0, 0.0)) < 0.5
    assert forest.strangeness((9.0, 25.0, 0.0)) > 0.65
    assert forest.surprise((9.0, 25.0, 0.0)) > 3
    assert forest.surprise((0.0, 5.0, 0.0)) < 0.5


def test_the_same_days_grow_the_same_forest() -> None:
    one, other = Forest(usual()), Forest(usual())

    assert one.surprise((2.0, 9.0, 1.0)) == other.surprise((2.0, 9.0, 1.0))


def test_of_few_days_there_is_no_forest() -> None:
    assert grown(usual(FEWEST - 1)) is None
    assert grown(usual(FEWEST)) is not None


def test_it_decides_where_it_was_chosen() -> None:
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    random, house, baseline = Random(4), House(), Baseline("token", "ada")
    for day in range(40):
        for hour in range(9, 17):
            at = begin + timedelta(days=day, hours=hour)
            watch(baseline, Access(at, f"n{hour}", 1e6, network="office"), house)
    house.strangest.extend(tuple(random.uniform(0, 1.5) for _ in range(8)) for _ in range(2_500))
    night = Access(begin + timedelta(days=40, hours=3), "other", 1e6, network="elsewhere")
    forest = grown(house.strangest)

    found = watch(baseline, night, house, None, forest)

    assert found is not None
    assert found.is_alarm
    assert {part.kind.value for part in found.parts} == {"network", "hour"}
