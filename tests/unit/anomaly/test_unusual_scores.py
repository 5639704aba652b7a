"""How well unusual access is found in made histories: a few in `make test`, all fresh ones in `make prove`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from benchmarks.judging import FIRST_THREE, FRESH_SEEDS, judge
from benchmarks.unusual import Watcher

DEVELOPMENT_SEEDS = (302,)


def shown(seeds: Iterable[int], record: Callable[[str, object], None]) -> tuple[float, float]:
    """Recall of the first three kinds, and of drips."""
    found = judge(Watcher, seeds)
    record("found_of_the_first_three", f"{found.recall(*FIRST_THREE):.3f}")
    record("found_of_drips", f"{found.recall('drip'):.3f}")
    record("false_per_1000_person_days", f"{found.false_per_1000:.2f}")
    record("person_days", f"{found.person_days:,}")
    assert found.false_per_1000 <= 1.0
    return found.recall(*FIRST_THREE), found.recall("drip")


def test_attacks_are_found_and_few_alarms_are_false(
    record_property: Callable[[str, object], None],
) -> None:
    first_three, _drips = shown(DEVELOPMENT_SEEDS, record_property)

    assert first_three >= 0.9


@pytest.mark.prove
def test_attacks_are_found_on_twenty_seeds_that_were_never_looked_at(
    record_property: Callable[[str, object], None],
) -> None:
    first_three, drips = shown(FRESH_SEEDS, record_property)

    assert first_three >= 0.9
    assert drips >= 0.5
