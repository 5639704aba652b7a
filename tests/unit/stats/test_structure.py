"""Keys and fields that follow from others, against every pair tried by hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.stats import structure
from simplr_core.stats.structure import structure_of
from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.schema import Field, FieldType, Schema

SCHEMA = Schema(
    (
        Field("a", type=FieldType.INTEGER),
        Field("b", type=FieldType.TEXT),
        Field("c", type=FieldType.INTEGER),
    )
)
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 9)),
        st.sampled_from(["x", "y", "z"]),
        st.one_of(st.none(), st.integers(0, 2)),
    ),
    min_size=1,
    max_size=12,
)


def columns(found: list[Any]) -> dict[str, list[Any]]:
    return {name: [row[at] for row in found] for at, name in enumerate(SCHEMA.names)}


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_what_is_found_holds_and_nothing_that_holds_is_left_out(
    kept: Callable[..., KeptVersion], found: list[Any]
) -> None:
    values = columns(found)

    said = structure_of(kept(SCHEMA, values), seed=b"s")

    def is_key(names: tuple[str, ...]) -> bool:
        together = list(zip(*(values[name] for name in names), strict=True))
        missing = any(None in row for row in together)
        return not missing and len(set(together)) == len(found)

    alone = [[name] for name in SCHEMA.names if is_key((name,))]
    if alone:
        assert said["keys"] == alone
    else:
        assert all(is_key(tuple(key)) for key in said["keys"])
    expected = {
        (one, other)
        for one, other in permutations(SCHEMA.names, 2)
        if 2 <= len(set(values[one])) <= len(found) // 2
        and 2 <= len(set(values[other])) <= len(set(values[one]))
        and len(set(zip(values[one], values[other], strict=True))) == len(set(values[one]))
    }
    assert {(each["from"], each["to"]) for each in said["dependencies"]} == expected
    assert said["is_whole"]


def test_one_row_far_away_speaks_against_what_the_sample_says(
    kept: Callable[..., KeptVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "SAMPLE_ROWS", 40)
    numbers = [*range(99), 50]
    cities = [f"city {n % 5}" for n in range(100)]
    lands = [("north" if n % 5 < 2 else "south") for n in range(100)]
    strays = [*lands[:-1], "north"]  # city 4 lies in the south
    schema = Schema(
        (
            Field("n", type=FieldType.INTEGER),
            Field("city", type=FieldType.TEXT),
            Field("land", type=FieldType.TEXT),
            Field("stray", type=FieldType.TEXT),
        )
    )
    version = kept(schema, {"n": numbers, "city": cities, "land": lands, "stray": strays})

    said = structure_of(version, seed=b"s")

    assert said["keys"] == []
    assert {"from": "city", "to": "land"} in said["dependencies"]
    assert {"from": "city", "to": "stray"} not in said["dependencies"]


def test_two_fields_together_tell_rows_apart(kept: Callable[..., KeptVersion]) -> None:
    values = {"a": [1, 1, 2, 2], "b": ["x", "y", "x", "y"], "c": [0, 0, 0, 0]}

    assert structure_of(kept(SCHEMA, values), seed=b"s")["keys"] == [["a", "b"]]


def test_of_a_table_that_is_too_large_it_is_said_that_only_a_sample_was_seen(
    kept: Callable[..., KeptVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structure, "MOST_ROWS", 3)
    values = {"a": [1, 2, 3, 4], "b": ["x"] * 4, "c": [0] * 4}

    assert structure_of(kept(SCHEMA, values), seed=b"s") == {
        "keys": [["a"]],
        "dependencies": [],
        "is_whole": False,
    }
