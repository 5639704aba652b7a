"""What lay in quarantine comes back, in its place, by rule or by hand; and nothing gets lost."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.errors import NotFound, SimplrError
from simplr_core.tidy.jobs.mend import NothingMended
from simplr_core.tidy.mending import MendingInvalid, changes_in
from simplr_core.tidy.mending.edited import EditedInvalid

from .renewing import Made, first, mended, mended_by_file, renewed, tried

FIELDS = (
    {"name": "id", "type": "integer", "personal": "none"},
    {"name": "day", "type": "date", "format": "%Y-%m-%d", "personal": "none"},
    {"name": "days", "type": "integer", "personal": "none"},
)
CONTENT = (
    "id,day,days\n"
    "1,2024-01-01,1\n"
    "2,02.01.2024,soon\n"
    "3,2024-01-03\n"
    "4,2024-01-04,later\n"
    "5,31.02.2024,5\n"
    "6\n"
    "7,2024-01-07,soon\n"
)
NUMBERS = {"field": "days", "reason": "not-integer"}
DAYS = {"field": "day", "reason": "not-date"}


@pytest.fixture
def made() -> Made:
    return first(CONTENT, *FIELDS)


def ids(made: Made) -> list[int]:
    return [row["id"] for row in made.rows]


def column(made: Made, name: str) -> list[Any]:
    return [row[name] for row in made.rows]


def test_what_is_replaced_by_rule_fits_and_the_rest_stays(made: Made) -> None:
    after = mended(made, {**NUMBERS, "do": "replace", "value": "soon", "by": "3"})

    assert column(after, "days") == [1, 3, None, 5, 3]
    assert [entry[:2] + entry[2:3] for entry in after.aside] == [
        (2, 1, "day"),
        (3, None, None),
        (4, 2, "days"),
        (5, 3, "day"),
        (6, None, None),
    ]
    assert after.counts == (7, 5, 2, 3)
    assert after.result["changes"] == {"mended_rows": 0, "mended_cells": 2}


def test_a_rule_is_a_step_of_the_recipe_and_mends_the_next_file(made: Made) -> None:
    after = mended(
        made,
        {**NUMBERS, "do": "replace", "value": "soon", "by": "3"},
        {"field": "days", "do": "missing", "codes": ["later"]},
        {**DAYS, "do": "type", "format": "%d.%m.%Y"},
    )

    steps = {(step["kind"], step.get("field")): step for step in after.steps}
    assert steps["replace", "days"]["value"] == "soon"
    assert "later" in steps["missing", "days"]["codes"]
    assert steps["type", "day"]["format"] == "%Y-%m-%d or %d.%m.%Y"
    assert steps["type", "day"]["changes"] == 1
    assert after.schema["day"].format == "%Y-%m-%d or %d.%m.%Y"


def test_codes_for_missing_leave_the_cell_missing_and_nothing_aside(made: Made) -> None:
    after = mended(made, {"field": "days", "do": "missing", "codes": ["soon", "later"]})

    assert column(after, "days") == [1, None, None, 5, None]
    assert after.counts == (7, 5, 2, 2)


def test_another_format_is_read_beside_the_first(made: Made) -> None:
    after = mended(made, {**DAYS, "do": "type", "format": "%d.%m.%Y"})

    assert str(column(after, "day")[1]) == "2024-01-02"
    assert ("day", "31.02.2024") in [(entry[2], entry[4]) for entry in after.aside]


def test_a_field_becomes_text_only_where_somebody_says_so(made: Made) -> None:
    after = mended(made, {"field": "days", "do": "type", "type": "text"})

    assert column(after, "days") == ["1", "soon", "later", "5", "soon"]
    assert after.schema["days"].type == "text"


def test_one_cell_and_one_row_are_written_by_hand_in_their_places(made: Made) -> None:
    after = mended(
        made,
        {"row": 2, "field": "days", "do": "write", "value": " 9 "},
        {"row": 3, "do": "write", "cells": {"id": "3", "day": "2024-01-03", "days": "7"}},
        {"row": 6, "do": "write", "cells": {"id": "6"}},
    )

    assert ids(after) == [1, 2, 3, 4, 5, 6, 7]
    assert column(after, "days") == [1, 9, 7, None, 5, None, None]
    assert [(entry[0], entry[1]) for entry in after.aside] == [(2, 1), (4, 3), (5, 4), (7, 6)]
    assert after.counts == (7, 7, 0, 4)
    assert after.result["changes"] == {"mended_rows": 2, "mended_cells": 1}


def test_what_is_dropped_stays_counted_and_no_rule_brings_it_back(made: Made) -> None:
    after = mended(made, {"reason": "too-few-cells", "do": "drop"}, {**NUMBERS, "do": "drop"})

    assert after.counts == made.counts
    assert {e["row"] for e in after.version.aside() if e.get("dropped")} == {2, 3, 4, 6, 7}
    with pytest.raises(NothingMended):
        mended(after, {**NUMBERS, "do": "replace", "value": "soon", "by": "3"})
    by_hand = mended(after, {"row": 2, "field": "days", "do": "write", "value": "3"})
    assert column(by_hand, "days")[1] == 3


def test_cells_that_no_rule_made_fit_are_missing_where_that_is_said(made: Made) -> None:
    after = mended(
        made,
        {**NUMBERS, "do": "replace", "value": "soon", "by": "3"},
        {**NUMBERS, "do": "empty"},
    )

    assert column(after, "days") == [1, 3, None, 5, 3]
    assert after.counts == (7, 5, 2, 2)


def test_a_try_counts_what_fits_and_shows_some_before_and_after(made: Made) -> None:
    rule, by_hand = tried(
        made,
        {**NUMBERS, "do": "replace", "value": "soon", "by": "3"},
        {"row": 3, "do": "write", "cells": {"id": "x"}},
    )

    assert (rule["matched"], rule["mended"], rule["left"]) == (3, 2, 1)
    assert [(s["row"], s["before"], s["after"], s["fate"]) for s in rule["samples"]] == [
        (2, "soon", "3", "mended"),
        (4, "later", None, "left"),
        (7, "soon", "3", "mended"),
    ]
    assert (by_hand["matched"], by_hand["mended"], by_hand["left"]) == (1, 0, 1)


def test_what_does_not_fit_by_hand_either_changes_nothing(made: Made) -> None:
    with pytest.raises(NothingMended):
        mended(made, {"row": 2, "field": "days", "do": "write", "value": "never"})


def test_an_entry_that_is_not_there_is_named(made: Made) -> None:
    with pytest.raises(NotFound) as error:
        mended(made, {"row": 1, "field": "days", "do": "write", "value": "1"})

    assert error.value.code == "no-such-entry"
    assert error.value.details == {"row": 1, "field": "days"}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"do": "mend"},
        {"do": "drop"},
        {"do": "empty", "reason": "too-few-cells"},
        {"do": "replace", "value": "a", "by": "b"},
        {"do": "replace", "field": "days", "value": "a"},
        {"do": "replace", "field": "days", "value": "a", "by": "b", "row": 2},
        {"do": "replace", "field": "days", "value": "a", "by": "\ud800"},
        {"do": "missing", "field": "days", "codes": "a"},
        {"do": "missing", "field": "days", "codes": ["x" * 61]},
        {"do": "type", "field": "days"},
        {"do": "type", "field": "days", "type": "date"},
        {"do": "type", "field": "day", "format": "%d"},
        {
            "do": "type",
            "field": "day",
            "format": "%d.%m.%Y or %d/%m/%Y or %Y/%m/%d or %m/%d/%Y or %d %m %Y",
        },
        {"do": "write", "field": "days", "value": "1"},
        {"do": "write", "row": 2, "field": "days"},
        {"do": "write", "row": 2, "cells": {}},
        {"do": "write", "row": 2, "cells": {"days": 1}},
        {"do": "write", "row": 0, "field": "days", "value": "1"},
        {"do": "write", "row": 2, "field": "days", "value": "1", "codes": []},
        {"do": "drop", "row": 2, "reason": "not-integer"},
        {"do": "drop", "field": ["days"]},
        {"do": "drop", "field": "nowhere"},
        {"do": "write", "row": 2, "cells": {"nowhere": "1"}},
    ],
)
def test_a_change_that_cannot_be_is_refused(made: Made, change: dict[str, Any]) -> None:
    with pytest.raises(SimplrError) as error:
        changes_in([change], made.schema)

    assert error.value.status in {404, 422}


@pytest.mark.parametrize("plain", [None, [], {}, ["x"], [{"do": "drop", "field": "days"}] * 1001])
def test_a_mending_is_a_list_of_changes(made: Made, plain: object) -> None:
    with pytest.raises(MendingInvalid):
        changes_in(plain, made.schema)


def test_rows_of_a_later_file_are_mended_in_their_places_too(made: Made) -> None:
    more = renewed(made, "id,day,days\n8,2024-01-08,8\n9,2024-01-09\n10,2024-01-10,soon\n", *FIELDS)

    after = mended(
        more,
        {"row": 9, "do": "write", "cells": {"id": "9", "days": "9"}},
        {"row": 3, "do": "write", "cells": {"id": "3"}},
        {**NUMBERS, "do": "replace", "value": "soon", "by": "0"},
    )

    assert ids(after) == [1, 2, 3, 4, 5, 7, 8, 9, 10]
    assert column(after, "days") == [1, 0, None, None, 5, 0, 8, 9, 0]
    assert after.counts == (10, 9, 1, 3)


def test_rows_that_took_places_by_a_key_are_mended_in_them(made: Made) -> None:
    more = renewed(
        made,
        "id,day,days\n4,2024-02-04,soon\n11,2024-02-11\n12,2024-02-12,12\n12,2024-02-13,13\n",
        *FIELDS,
        mode="upsert",
        key=("id",),
    )
    number = {entry[4]: entry[0] for entry in more.aside}["11,2024-02-11"]

    after = mended(
        more,
        {**NUMBERS, "do": "replace", "value": "soon", "by": "0"},
        {"row": number, "do": "write", "cells": {"id": "11"}},
    )

    assert ids(after) == [1, 2, 4, 5, 7, 11]
    assert column(after, "days") == [1, 0, 0, 5, 0, None]
    assert after.counts[0] == sum(after.counts[1:3]) == more.counts[0]


def test_where_numbers_do_not_tell_places_mended_rows_stand_behind_the_others(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = {"row": 3, "do": "write", "cells": {"id": "3"}}
    before = list(made.version.aside())
    wrong = [{**e, "row": e["row"] + 90} if e["field"] is None else e for e in before]
    monkeypatch.setattr("simplr_core.tables.jobs.versions.KeptVersion.aside", lambda _: iter(wrong))

    after = mended(
        made, {**lost, "row": 93}, {**NUMBERS, "do": "replace", "value": "soon", "by": "0"}
    )
    monkeypatch.undo()

    assert ids(after) == [1, 2, 4, 5, 7, 3]
    assert column(after, "days") == [1, 0, None, 5, 0, None]
    assert after.counts == (7, 6, 1, 3)


@pytest.mark.parametrize("start", ["", '{"row":'], ids=["list", "object"])
def test_a_line_as_deep_as_no_export_is_refused_by_its_number(made: Made, start: str) -> None:
    with pytest.raises(EditedInvalid, match="Line 1 is no JSON"):
        mended_by_file(made, start + "[" * 200_000 + "\n", "ndjson")


GOOD = 40
"""So many rows show what the table is and that its cells are quoted, whatever comes behind them."""

CELL = st.sampled_from(["1", "22", "soon", "later", "", "7,5", "2024-01-01"])
ROW = st.one_of(st.tuples(CELL, CELL), st.tuples(CELL), st.tuples(CELL, CELL, CELL))


@settings(max_examples=examples(25), deadline=None)
@given(st.data())
def test_whatever_is_mended_every_row_is_there_once_and_in_its_place(data: st.DataObject) -> None:
    rows = data.draw(st.lists(ROW, min_size=4, max_size=30))
    head = ["number,days,note"] + [f'{n},"1","x"' for n in range(1, GOOD + 1)]
    numbered = list(enumerate(rows, start=GOOD + 1))
    lines = [",".join((str(n), *(f'"{c}"' for c in row))) for n, row in numbered]
    fields = (
        {"name": "number", "type": "integer", "personal": "none"},
        {"name": "days", "type": "integer", "personal": "none"},
        {"name": "note", "type": "text", "personal": "none"},
    )
    made = first("\n".join([*head, *lines]) + "\n", *fields)
    whole = [entry[0] for entry in made.aside if entry[2] is None]
    chosen = data.draw(st.sets(st.sampled_from(whole))) if whole else set()
    changes = [{"row": n, "do": "write", "cells": {"number": str(n)}} for n in chosen]
    changes.append({"field": "days", "do": "replace", "value": "soon", "by": "0"})
    small = data.draw(st.booleans())

    job = sys.modules["simplr_core.tidy.jobs.mend"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "AT_ONCE", 3 if small else job.AT_ONCE)
        patch.setattr(job, "MOST_BYTES", 150 if small else job.MOST_BYTES)
        try:
            after = mended(made, *changes)
        except NothingMended:
            return

    left = {entry[0] for entry in after.aside if entry[2] is None}
    numbers = [row["number"] for row in after.rows]
    assert left == set(whole) - chosen
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, len(rows) + GOOD + 1)) - left
    assert after.counts[0] == after.counts[1] + after.counts[2] == made.counts[0]
    for row, kept, name, _, raw in after.aside:
        if name is not None:
            assert numbers[kept] == row
            assert raw != "soon"
            assert after.rows[kept][name] is None
    texts = {n: dict(zip(("days", "note"), row, strict=False)) for n, row in numbered}
    for row in after.rows:
        if row["number"] in texts and row["number"] not in chosen:
            said = texts[row["number"]]["days"]
            assert row["days"] == {"1": 1, "22": 22, "soon": 0}.get(said), said
