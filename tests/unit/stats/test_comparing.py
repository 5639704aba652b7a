"""What changed between two versions, against the same counted by hand in Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.stats import comparing
from simplr_core.stats.comparing import Comparison
from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.schema import Field, FieldType, Personal, Schema

ID = Field("id", type=FieldType.INTEGER)
NAME = Field("name", type=FieldType.TEXT)
SIZE = Field("size", type=FieldType.DECIMAL)
SCHEMA = Schema((ID, NAME, SIZE))
Row = tuple[int | None, str | None, float | None]

rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 6)),
        st.one_of(st.none(), st.sampled_from(["a", "b", ""])),
        st.one_of(st.none(), st.sampled_from([0.0, 1.5])),
    ),
    max_size=12,
)


def columns(found: list[Row]) -> dict[str, list[Any]]:
    return {name: [row[at] for row in found] for at, name in enumerate(SCHEMA.names)}


def compared(before: KeptVersion, after: KeptVersion, *, key: tuple[str, ...] = ()) -> Any:
    shown = (before.schema.names, after.schema.names)
    return Comparison(before, after, shown=shown, key=key, seed=b"s").run()


def by_hand(before: list[Row], after: list[Row]) -> dict[str, int]:
    """The counts with the key `id`, written as one would say them."""
    once = [
        {key for key, n in Counter(row[0] for row in table).items() if n == 1 and key is not None}
        for table in (before, after)
    ]
    keys = [{row[0] for row in table} for table in (before, after)]
    both = once[0] & once[1]
    old, new = ({row[0]: row for row in table if row[0] in both} for table in (before, after))
    changed = sum(old[key] != new[key] for key in both)
    alone = [once[0] - keys[1], once[1] - keys[0]]
    wholes = [
        Counter(row for row in table if row[0] not in both | mine)
        for table, mine in zip((before, after), alone, strict=True)
    ]
    return {
        "changed": changed,
        "gone": len(alone[0]) + (wholes[0] - wholes[1]).total(),
        "added": len(alone[1]) + (wholes[1] - wholes[0]).total(),
        "same": len(both) - changed + (wholes[0] & wholes[1]).total(),
    }


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, rows, st.sampled_from([8_000_000, 5]))
def test_rows_matched_by_a_key_are_counted_as_by_hand(
    kept: Callable[..., KeptVersion], before: list[Row], after: list[Row], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "MOST_ROWS", most)
        found = compared(kept(SCHEMA, columns(before)), kept(SCHEMA, columns(after)), key=("id",))

    counted = found["rows"]
    assert {name: counted[name] for name in ("changed", "gone", "added", "same")} == by_hand(
        before, after
    )
    assert counted["same"] + counted["changed"] + counted["gone"] == len(before)
    assert counted["same"] + counted["changed"] + counted["added"] == len(after)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, rows, st.sampled_from([8_000_000, 5]))
def test_without_a_key_whole_rows_are_counted(
    kept: Callable[..., KeptVersion], before: list[Row], after: list[Row], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "MOST_ROWS", most)
        found = compared(kept(SCHEMA, columns(before)), kept(SCHEMA, columns(after)))["rows"]

    old, new = Counter(before), Counter(after)
    assert found["same"] == (old & new).total()
    assert (found["gone"], found["added"]) == ((old - new).total(), (new - old).total())
    assert found["changed"] is None


def test_the_cells_that_changed_are_counted_by_field_and_shown(kept: Any) -> None:
    before = kept(SCHEMA, columns([(1, "a", 1.0), (2, "b", 2.0), (3, "c", None), (4, "d", 4.0)]))
    after = kept(SCHEMA, columns([(3, "c", 3.0), (2, "x", 9.0), (1, "a", 1.0), (5, "e", 5.0)]))

    found = compared(before, after, key=("id",))

    assert {f["name"]: f["changed"] for f in found["fields"]} == {"id": 0, "name": 1, "size": 2}
    assert found["samples"]["changed"] == [
        {"key": ["3"], "cells": [{"field": "size", "before": None, "after": "3"}]},
        {
            "key": ["2"],
            "cells": [
                {"field": "name", "before": "b", "after": "x"},
                {"field": "size", "before": "2", "after": "9"},
            ],
        },
    ]
    assert found["samples"]["gone"] == [{"id": "4", "name": "d", "size": "4"}]
    assert found["samples"]["added"] == [{"id": "5", "name": "e", "size": "5"}]


def test_a_number_of_another_type_is_the_same_number(kept: Any) -> None:
    whole = Schema((ID, Field("size", type=FieldType.INTEGER)))
    decimal = Schema((ID, Field("size", type=FieldType.DECIMAL)))
    before = kept(whole, {"id": [1, 2], "size": [3, 4]})
    after = kept(decimal, {"id": [1, 2], "size": [3.0, 4.5]})

    found = compared(before, after, key=("id",))

    assert found["fields"][1]["state"] == "retyped"
    assert found["fields"][1]["changed"] == 1
    assert found["rows"]["same"] == 1


def test_a_field_that_was_renamed_is_suggested(kept: Any) -> None:
    old = Schema((ID, Field("street", type=FieldType.TEXT), Field("n", type=FieldType.INTEGER)))
    new = Schema((ID, Field("road", type=FieldType.TEXT), Field("m", type=FieldType.INTEGER)))
    streets = [f"Street {n}" for n in range(50)]
    before = kept(old, {"id": range(50), "street": streets, "n": range(50)})
    after = kept(new, {"id": range(50), "road": streets, "m": range(1000, 1050)})

    found = compared(before, after, key=("id",))

    assert found["renamed"] == [{"from": "street", "to": "road", "alike": 1.0}]
    assert {f["name"]: f["state"] for f in found["fields"]} == {
        "id": "same",
        "road": "added",
        "m": "added",
        "street": "gone",
        "n": "gone",
    }


def test_versions_with_no_field_in_common_have_no_row_in_common(kept: Any) -> None:
    before = kept(Schema((ID,)), {"id": [1, 2]})
    after = kept(Schema((NAME,)), {"name": ["a"]})

    found = compared(before, after)["rows"]

    assert (found["gone"], found["added"], found["same"]) == (2, 1, 0)


def test_a_field_that_may_not_be_seen_is_neither_opened_nor_counted(kept: Any) -> None:
    secret = Field("name", type=FieldType.TEXT, personal=Personal.PERSONAL)
    schema = Schema((ID, secret))
    before = kept(schema, {"id": [1, 2], "name": ["Ann", "Ben"]})
    after = kept(schema, {"id": [1, 2], "name": ["Ann", "Zoe"]})
    for version in (before, after):
        version._arguments["parts"] = version._arguments["parts"][:1]  # no key of the other part

    found = Comparison(before, after, shown=(["id"], ["id"]), key=("id",), seed=b"s").run()

    assert found["rows"] == {
        "before": 2,
        "after": 2,
        "same": 2,
        "changed": 0,
        "added": 0,
        "gone": 0,
        "unclear_before": 0,
        "unclear_after": 0,
    }
    assert [each["name"] for each in found["fields"]] == ["id"]
    assert "Zoe" not in str(found)


def test_how_values_are_spread_is_told_before_and_after(kept: Any) -> None:
    before = kept(SCHEMA, {"id": range(100), "name": ["a", "b"] * 50, "size": [1.0, 3.0] * 50})
    after = kept(
        SCHEMA, {"id": range(100), "name": ["a"] * 90 + ["c"] * 10, "size": [101.0, 103.0] * 50}
    )

    by_name = {each["name"]: each for each in compared(before, after, key=("id",))["fields"]}

    assert by_name["id"]["drift"] is None
    assert by_name["size"]["drift"]["verdict"] == "lot"
    assert by_name["name"]["drift"]["verdict"] == "lot"
    assert (by_name["size"]["before"]["mean"], by_name["size"]["after"]["mean"]) == (2.0, 102.0)
    assert by_name["name"]["before"]["top"][0] == {"value": "a", "count": 50}
