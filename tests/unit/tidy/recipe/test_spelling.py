"""Spellings that are one value: how they are found, and what holds for any of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tidy.recipe.spelling import clusters_in, distance, fingerprint


@given(st.dictionaries(st.text(max_size=10), st.integers(1, 99), max_size=12))
def test_a_value_is_in_one_cluster_of_a_kind_and_never_its_own_other(
    counts: dict[str, int],
) -> None:
    found = clusters_in(counts)

    for by_distance in (False, True):
        others = [o for c in found if c.by_distance is by_distance for o in c.others]
        assert len(others) == len(set(others))
    for cluster in found:
        assert cluster.to not in cluster.others
        assert {cluster.to, *cluster.others} <= set(counts)
        assert cluster.cell_count == sum(counts[o] for o in cluster.others)


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_distance_is_the_same_both_ways(one: str, other: str) -> None:
    assert distance(one, other, 2) == distance(other, one, 2)
    assert (distance(one, other, 2) == 0) == (one == other)


def test_a_fingerprint_knows_no_case_accents_or_order() -> None:
    assert fingerprint("  São Paulo, Centro") == fingerprint("centro SAO PAULO")
