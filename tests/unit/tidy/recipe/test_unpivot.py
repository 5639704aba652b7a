"""Wide to long: proposed, off; rows made are rows kept of the file times the fields, and no cell is lost."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.schema import Field, FieldType, Personal, Schema
from simplr_core.tidy.fitting import fit as fit_onto
from simplr_core.tidy.jobs.open_recipe import _for_reader, _with_sources
from simplr_core.tidy.plans import KeepPlan, plan_keep
from simplr_core.tidy.recipe.cleaning import Cleaning
from simplr_core.tidy.recipe.document import write_recipe
from simplr_core.tidy.recipe.fitting import RecipeUnfit
from simplr_core.tidy.recipe.steps import Kind, Step
from simplr_core.tidy.recipe.unpivot import Unpivot, UnpivotInvalid, wide_fields
from simplr_core.tidy.recognition import recognise
from simplr_core.tidy.tables import TypedRows, read_table, unpivoted
from simplr_core.tidy.trying import try_plan

SCHOOLS = (
    "School,2019,2020,2021,Kind\nHill,10,11,,primary\nDock,20,21,22,primary\n"
    + "".join(f"S{n},{n},{n},{n},primary\n" for n in range(60))
    + "Mill,x,31,32,y,z\n"
)


def plan_of(content: str, *, on: bool = True, **choices: Any) -> KeepPlan:
    raw = content.encode()
    report = recognise(io.BytesIO(raw), name="a.csv", size=len(raw), heartbeat=lambda rows: None)
    plan = plan_keep(report.understanding.to_json(), choices)
    if not on:
        return plan
    text = write_recipe(plan.recipe)
    head, _, tail = text.rpartition("  - kind: unpivot")
    switched = head + "  - kind: unpivot" + tail.replace("    on: false\n", "")
    return plan_keep(report.understanding.to_json(), {"recipe": switched})


def followed(content: str, plan: KeepPlan) -> list[TypedRows]:
    cleaning = Cleaning(plan.recipe, tuple(plan.understanding.schema))
    assert plan.unpivot is not None
    return [
        made
        for rows in read_table(io.BytesIO(content.encode()), plan.understanding, cleaning)
        for made in unpivoted(rows, plan.unpivot)
    ]


def test_fields_that_are_called_by_years_are_proposed_and_left_alone() -> None:
    plan = plan_of(SCHOOLS, on=False)

    step = next(step for step in plan.recipe.steps if step.kind is Kind.UNPIVOT)
    assert not step.on
    assert step.arguments == {
        "fields": ["column_2019", "column_2020", "column_2021"],
        "name": "year",
        "value": "value",
    }
    assert "3 fields of numbers" in step.evidence
    assert plan.schema.names == ("school", *step.fields, "kind")


@pytest.mark.parametrize(
    ("headings", "name", "value"),
    [
        (["Jan", "Feb", "Mar"], "month", "value"),
        (["2020-01", "2020-02", "2020-03"], "date", "value"),
        (["Pop 2019", "Pop 2020", "Pop 2021"], "year", "pop"),
        (["visit_1", "visit_2", "visit_3", "visit_4"], "number", "visit"),
        (["visit_1", "visit_2", "visit_3"], "", ""),
        (["a", "b", "c", "d"], "", ""),
    ],
)
def test_headings_that_go_on_alike_are_known(headings: list[str], name: str, value: str) -> None:
    content = ",".join(["place", *headings]) + "\n"
    content += "".join(f"p{n}" + f",{n}" * len(headings) + "\n" for n in range(9))

    steps = [s for s in plan_of(content, on=False).recipe.steps if s.kind is Kind.UNPIVOT]

    found = [(s.arguments["name"], s.arguments["value"]) for s in steps]
    assert found == ([(name, value)] if name else [])


def test_each_row_becomes_a_row_for_each_field_and_cells_aside_go_with_theirs() -> None:
    plan = plan_of(SCHOOLS)
    made = followed(SCHOOLS.replace("Dock,20,", "Dock,no,"), plan)

    table = pa.Table.from_batches([rows.batch for rows in made])
    assert plan.schema.names == ("school", "year", "value", "kind")
    assert table.slice(0, 6).to_pydict() == {
        "school": ["Hill"] * 3 + ["Dock"] * 3,
        "year": [2019, 2020, 2021] * 2,
        "value": [10, 11, None, None, 21, 22],
        "kind": ["primary"] * 6,
    }
    aside = [entry for rows in made for entry in rows.quarantine.to_pylist()]
    cells = [(e["row"], e["kept_row"], e["field"], e["raw"]) for e in aside if e["field"]]
    assert cells == [(2, 3, "value", "no")]
    assert sum(rows.made_count for rows in made) == 62 * 2
    assert table.num_rows == 62 * 3
    assert sum(rows.bad_row_count for rows in made) == 1


@given(st.lists(st.lists(st.integers(-99, 99) | st.none(), min_size=4, max_size=4), min_size=3))
def test_no_cell_is_lost_and_none_is_added(rows: list[list[int | None]]) -> None:
    content = "key,2001,2002,2003,2004\n" + "".join(
        f"k{n}," + ",".join("" if cell is None else str(cell) for cell in row) + "\n"
        for n, row in enumerate([[1, 2, 3, 4], *rows])
    )
    plan = plan_of(content)

    made = pa.Table.from_batches([one.batch for one in followed(content, plan)])

    values = made.column("value").to_pylist()
    assert values == [cell for row in [[1, 2, 3, 4], *rows] for cell in row]
    assert made.column("key").to_pylist() == [
        f"k{n}" for n in range(len(rows) + 1) for _ in range(4)
    ]


def test_the_mark_of_the_value_is_the_strongest_and_holds_backwards() -> None:
    plan = plan_of(SCHOOLS)
    assert plan.schema["value"].personal is Personal.NONE

    marked = plan.with_marks({"value": "personal"})
    assert marked.schema["value"].personal is Personal.PERSONAL
    assert marked.groups == [["school", "year", "kind"], ["value"]]

    fields = [{"name": "column_2020", "personal": "indirect"}]
    text = write_recipe(plan_of(SCHOOLS, on=False, fields=fields).recipe).replace(
        "value: value\n    on: false", "value: value"
    )
    one = plan_keep(plan_of(SCHOOLS, on=False).to_json(), {"recipe": text})
    assert one.schema["value"].personal is Personal.INDIRECT


def test_headings_that_say_more_than_a_time_are_marked_like_the_values() -> None:
    fields = [
        Field("school", type=FieldType.TEXT),
        *(
            Field(name, type=FieldType.INTEGER, personal=Personal.PERSONAL)
            for name in ("anna_weiss", "ben_okafor")
        ),
    ]
    said = {"fields": ["anna_weiss", "ben_okafor"], "name": "who", "value": "mark"}
    made = Unpivot.of([Step(Kind.UNPIVOT, said)], Schema(tuple(fields)))

    assert made is not None
    assert made.schema["who"].personal is Personal.PERSONAL
    assert made.schema["mark"].personal is Personal.PERSONAL


def test_what_does_not_become_one_field_is_refused_with_its_step() -> None:
    mixed = SCHOOLS.replace("primary\n", "primary\n").replace("2021", "2021")
    plan = plan_of(mixed, on=False)
    base = write_recipe(plan.recipe)

    def refused(text: str) -> str:
        with pytest.raises(RecipeUnfit) as caught:
            plan_keep(plan.to_json(), {"recipe": text})
        return str(caught.value.message)

    on = base.replace("value: value\n    on: false", "value: value")
    assert "no free names" in refused(on.replace("name: year", "name: kind"))
    assert "one type" in refused(
        on.replace('"column_2021"', "kind").replace("column_2021]", "kind]")
    )
    assert "the file has no field" in refused(on.replace("column_2021]", "column_2022]"))
    left_out = plan_keep(
        plan.to_json(), {"recipe": on.replace("name: year", "name: kind"), "skip_unfit": True}
    )
    assert (left_out.unpivot, [m.code for m in left_out.misfits]) == (None, ["not-unpivoted"])


def test_fields_in_two_units_do_not_become_one() -> None:
    content = "place,2019,2020,2021\n" + "".join(f"p{n},{n} km,{n} km,{n} m\n" for n in range(60))
    plan = plan_of(content, on=False)

    assert not [s for s in plan.recipe.steps if s.kind is Kind.UNPIVOT]
    step = Step(Kind.UNPIVOT, {"fields": ["column_2020", "column_2021"], "name": "y", "value": "v"})
    with pytest.raises(UnpivotInvalid, match="units"):
        KeepPlan.from_json({**plan.to_json(), "steps": [step.to_json()]}).checked()


def test_a_correction_that_stands_against_it_is_refused() -> None:
    plan = plan_of(SCHOOLS)

    with pytest.raises(UnpivotInvalid, match="one type"):
        plan_keep(plan.to_json(), {"fields": [{"name": "column_2020", "type": "boolean"}]})


def test_rows_are_added_to_a_table_that_is_long_already() -> None:
    long = plan_of(
        "School,Year,Value,Kind\n" + "".join(f"A,2018,{n}.5,x\n" for n in range(20)), on=False
    )

    fitted = fit_onto(plan_of(SCHOOLS), long.schema)

    assert fitted.plan.schema["value"].type.value == "decimal"
    made = pa.Table.from_batches([rows.batch for rows in followed(SCHOOLS, fitted.plan)])
    assert made.column("value").to_pylist()[:2] == [10.0, 11.0]


def test_what_is_tried_says_how_many_rows_there_will_be_more() -> None:
    trial = try_plan(io.BytesIO(SCHOOLS.encode()), plan_of(SCHOOLS))

    assert (trial.row_count, trial.kept_count, trial.aside_count, trial.made_count) == (
        63,
        62,
        1,
        124,
    )


def test_who_may_not_see_the_value_is_shown_nothing_of_the_fields_it_came_from() -> None:
    recipe = plan_of(SCHOOLS).recipe

    def seen_by(*names: str) -> str:
        shown = _with_sources(set(names), recipe)
        return repr([s for step in recipe.steps if (s := _for_reader(step, shown)) is not None])

    assert "column_2019" not in seen_by("school", "year", "kind")
    assert "unpivot" not in seen_by("school", "year", "kind")
    assert "column_2019" in seen_by("school", "value")


def test_a_new_field_with_the_name_of_an_old_one_shows_nothing_of_it() -> None:
    plan = plan_of(SCHOOLS)
    text = write_recipe(plan.recipe).replace("name: year", "name: column_2019")
    recipe = plan_keep(plan.to_json(), {"recipe": text}).recipe

    shown = _with_sources({"school", "column_2019", "kind"}, recipe)

    seen = [step for step in recipe.steps if _for_reader(step, shown) is not None]
    assert not [step for step in seen if "column_2019" in step.fields]


def test_numbers_of_two_units_side_by_side_are_two_groups() -> None:
    content = "place,2019,2020,2021,2022\n" + "".join(
        f"p{n},{n} km,{n} km,{n} m,{n} m\n" for n in range(60)
    )

    assert wide_fields(list(plan_of(content, on=False).schema)) == []
