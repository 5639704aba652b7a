"""What each step does to rows and cells, and that nothing is lost on the way."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.plans import KeepPlan, plan_keep
from simplr_core.tidy.recipe.cleaning import Cleaning, changed_cells
from simplr_core.tidy.recipe.document import write_recipe
from simplr_core.tidy.recipe.fitting import RecipeUnfit
from simplr_core.tidy.recipe.proposing import recipe_of
from simplr_core.tidy.recipe.repeats import Repeats
from simplr_core.tidy.recipe.steps import Kind, Recipe, RecipeInvalid, Step
from simplr_core.tidy.recognition import Report, recognise
from simplr_core.tidy.rows import EMPTY_ROW, REPEATED_ROW, TOTAL_ROW
from simplr_core.tidy.tables import QUARANTINE_SCHEMA, read_table

CELLS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=20)
BLANKS = st.text(st.sampled_from(" \t\u00a0ae\u0301é"), max_size=8)


def understood(content: str) -> Report:
    raw = content.encode()
    return recognise(io.BytesIO(raw), name="a.csv", size=len(raw), heartbeat=lambda rows: None)


def plan_of(report: Report, **choices: Any) -> KeepPlan:
    """The plan with the values that lie apart, as the job that keeps makes it."""
    values = {n: step["values"] for n, step in report.values_to_json()["steps"].items()}
    return plan_keep(report.understanding.to_json(), choices).with_values(values)


def followed(content: str, plan: KeepPlan) -> tuple[pa.Table, list[dict[str, Any]], Cleaning]:
    cleaning = Cleaning(plan.recipe, tuple(plan.understanding.schema))
    batches, aside = [], []
    for rows in read_table(io.BytesIO(content.encode()), plan.understanding, cleaning):
        batches.append(rows.batch)
        aside.append(rows.quarantine)
    table = pa.Table.from_batches(batches, plan.schema.arrow())
    return table, pa.Table.from_batches(aside, QUARANTINE_SCHEMA).to_pylist(), cleaning


def kinds(recipe: Recipe, kind: Kind) -> list[Step]:
    return [step for step in recipe.steps if step.kind is kind]


STEPS = [
    Step(Kind.TRIM),
    Step(Kind.TRIM, {"inner": True, "unicode": True}),
    Step(Kind.REPLACE, {"field": "x", "value": "a", "by": "b"}),
    Step(Kind.SPELL, {"field": "x", "to": "a", "from": ["é", "b"]}),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.kind}{len(step.arguments)}")
@given(cells=CELLS | st.lists(BLANKS, max_size=20))
def test_a_step_done_twice_changes_nothing_more(step: Step, cells: list[str]) -> None:
    once = changed_cells(step, pa.array(cells, pa.string()))

    assert changed_cells(step, once).to_pylist() == once.to_pylist()
    assert len(once) == len(cells)


@given(cells=CELLS | st.lists(BLANKS, max_size=20))
def test_each_cell_that_a_step_changes_is_counted(cells: list[str]) -> None:
    recipe = Recipe((Step(Kind.TRIM, {"inner": True, "unicode": True}),))
    cleaning = Cleaning(recipe, [Field("x", type=FieldType.TEXT)])

    after = cleaning.cells(0, pa.array(cells, pa.string()), None).to_pylist()

    assert cleaning.changes[0] == sum(a != b for a, b in zip(cells, after, strict=True))


def test_steps_are_done_in_their_order() -> None:
    recipe = Recipe(
        (
            Step(Kind.REPLACE, {"field": "x", "value": "a", "by": "b"}),
            Step(Kind.REPLACE, {"field": "x", "value": "b", "by": "c"}),
            Step(Kind.REPLACE, {"field": "x", "value": "a", "by": "never"}, on=False),
        )
    )
    cleaning = Cleaning(recipe, [Field("x")])

    assert cleaning.cells(0, pa.array(["a", "b"]), None).to_pylist() == ["c", "c"]
    assert cleaning.changes == {0: 1, 1: 2}


TOTALS = "Ward,Visits,Cost\nNorth,12,3.5\nSouth,30,4.5\nEast,7,1\n,,\nTotal,49,9\n"


def test_empty_rows_and_the_total_go_to_quarantine_with_their_reason() -> None:
    report = understood(TOTALS)

    table, aside, cleaning = followed(TOTALS, plan_of(report))

    assert table.column("ward").to_pylist() == ["North", "South", "East"]
    assert [(row["row"], row["reason"], row["field"]) for row in aside] == [
        (4, EMPTY_ROW, None),
        (5, TOTAL_ROW, None),
    ]
    assert aside[1]["raw"] == "Total,49,9"
    assert report.understanding.counts.rows_in == table.num_rows + len(aside)
    assert sorted(cleaning.changes.values()) == [0, 1, 1]


def test_a_total_among_the_rows_is_only_proposed() -> None:
    content = TOTALS + "West,3,2\n"
    report = understood(content)

    steps = {
        step.arguments["rows"]: step.on
        for step in kinds(recipe_of(report.understanding), Kind.DROP_ROWS)
    }
    table, _, _ = followed(content, plan_of(report))

    assert steps == {"empty": True, "total": False}
    assert table.column("ward").to_pylist() == ["North", "South", "East", "Total", "West"]


@pytest.mark.parametrize(
    "word", ["Total", "GRAND TOTAL", "Summe:", "Gesamt", "Total général", "Итого", "Σύνολο"]
)
def test_totals_are_known_in_many_languages(word: str) -> None:
    content = f"Ward,Visits\nNorth,12\nSouth,30\n{word},42\n"

    assert [s.on for s in understood(content).steps if s.kind is Kind.DROP_ROWS] == [True]


@pytest.mark.parametrize("word", ["Totalitarian", "Summer", "total loss of power"])
def test_other_words_are_no_totals(word: str) -> None:
    content = f"Ward,Visits\nNorth,12\nSouth,30\n{word},42\n"

    assert not [s for s in understood(content).steps if s.kind is Kind.DROP_ROWS]


def wards(*others: str) -> str:
    values = ["Innenstadt"] * 40 + ["Westend"] * 40 + list(others)
    return "Nr,Ward\n" + "".join(f"{n},{ward}\n" for n, ward in enumerate(values))


def test_spellings_that_differ_in_case_become_the_commonest() -> None:
    content = wards("INNENSTADT", "innenstadt", "Westend")
    report = understood(content)

    table, _, _ = followed(content, plan_of(report))

    assert set(table.column("ward").to_pylist()) == {"Innenstadt", "Westend"}


def test_slips_of_the_keyboard_are_only_proposed() -> None:
    content = wards("Inenstadt", "Westedn", "Westent")
    report = understood(content)

    found = {
        s.arguments["to"]: (s.arguments["from"], s.on) for s in report.steps if s.kind is Kind.SPELL
    }

    assert found == {
        "Innenstadt": (["Inenstadt"], False),
        "Westend": (["Westedn", "Westent"], False),
    }


def test_an_understanding_holds_no_spelling_and_its_evidence_none_either() -> None:
    report = understood(wards("INNENSTADT", "Westent"))

    clear = repr(report.understanding.to_json())

    assert "Innenstadt" not in clear
    assert "INNENSTADT" not in clear
    assert "Westent" not in clear


def test_fields_about_people_get_no_spellings() -> None:
    names = ["Anna"] * 40 + ["anna", "Bernd"] * 10
    content = "Given Name,Visits\n" + "".join(f"{name},{n}\n" for n, name in enumerate(names))

    report = understood(content)

    assert report.understanding.fields[0].field.personal == "personal"
    assert not [s for s in report.steps if s.kind is Kind.SPELL]


def test_a_column_without_heading_and_values_is_left_out() -> None:
    content = "Ward,Visits,,Notes\nNorth,12,,\nSouth,30,,\n"
    report = understood(content)
    plan = plan_of(report)

    table, _, _ = followed(content, plan)

    assert table.column_names == ["ward", "visits", "notes"] == list(plan.schema.names)
    assert plan.groups == [["ward", "visits", "notes"]]
    off = [s.arguments["fields"] for s in report.steps if s.kind is Kind.DROP_FIELDS and not s.on]
    assert off == [["notes"]]


MESSY = (
    "Ward ,Seen On,Cost,Note\n"
    + "".join(f'Innenstadt,{n % 28 + 1:02}.03.2024,"{n},5",x  y\n' for n in range(60))
    + ' INNENSTADT,31.03.2024,"1,5",N/A\nwestend,bad,n/a,\n,,,\nSumme,,"800,0",\n'
)


def test_a_recipe_applied_to_its_own_file_makes_what_was_kept() -> None:
    report = understood(MESSY)
    plan = plan_of(report)
    first, aside, _ = followed(MESSY, plan)

    again = plan_of(report, recipe=write_recipe(plan.recipe))
    second, aside_again, _ = followed(MESSY, again)

    assert again.misfits == ()
    assert second.equals(first)
    assert aside_again == aside
    assert [(s.kind, s.arguments, s.on) for s in again.recipe.steps] == [
        (s.kind, s.arguments, s.on) for s in plan.recipe.steps
    ]
    assert len(aside) == 3


@st.composite
def tables(draw: Any) -> str:
    cells = st.sampled_from(["a", "A", "b ", "N/A", "1", "2,5", "31.01.2024", "", "Total", "x  y"])
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=2, max_size=30))
    names = [f"Field {n}" for n in range(width)]
    return "\n".join(";".join(row) for row in [names, *rows]) + "\n"


@given(tables())
def test_any_recipe_applied_to_its_own_file_makes_what_was_kept(content: str) -> None:
    report = understood(content)
    if report.understanding.kind != "table":
        return
    plan = plan_of(report)

    first, aside, _ = followed(content, plan)
    again, aside_again, _ = followed(content, plan_of(report, recipe=write_recipe(plan.recipe)))

    assert again.equals(first)
    assert aside_again == aside
    rows = [row for row in aside if row["field"] is None]
    assert report.understanding.counts.rows_in == first.num_rows + len(rows)


def test_a_recipe_names_the_step_that_does_not_fit() -> None:
    report = understood(TOTALS)
    text = "version: 1\nsteps:\n- kind: trim\n- kind: type\n  field: gone\n  type: date\n"

    with pytest.raises(RecipeUnfit) as raised:
        plan_of(report, recipe=text)

    assert raised.value.message == "Line 4, step 2 (type): the file has no field gone."
    assert raised.value.details["line"] == 4


def test_what_does_not_fit_can_be_left_out_and_is_named() -> None:
    report = understood(TOTALS)
    text = "version: 1\nsteps:\n- kind: type\n  field: gone\n  type: text\n- kind: type\n  field: visits\n  type: text\n"

    plan = plan_of(report, recipe=text, skip_unfit=True)

    assert [(m.code, m.field) for m in plan.misfits] == [
        ("no-such-field", "gone"),
        ("new-field", "ward"),
        ("new-field", "cost"),
    ]
    assert plan.schema["visits"].type is FieldType.TEXT


def test_fields_go_by_their_new_names_in_the_steps_that_follow() -> None:
    report = understood(TOTALS)
    text = (
        "version: 1\nsteps:\n- {kind: rename, field: ward, to: district}\n"
        "- {kind: replace, field: district, value: North, by: N}\n"
        "- {kind: type, field: district, type: category}\n"
    )
    plan = plan_of(report, recipe=text)

    table, _, _ = followed(TOTALS, plan)

    assert table.column("district").to_pylist()[0] == "N"
    assert plan.recipe.steps[1].arguments == {"field": "ward", "to": "district"}


def test_a_field_that_is_corrected_takes_its_steps_along() -> None:
    content = wards("INNENSTADT", "innenstadt")
    report = understood(content)

    plan = plan_of(report, fields=[{"name": "ward", "new_name": "district"}])
    table, _, _ = followed(content, plan)

    assert set(table.column("district").to_pylist()) == {"Innenstadt", "Westend"}


def test_a_step_that_is_off_is_not_done() -> None:
    text = "version: 1\nsteps:\n- {kind: trim, on: false}\n- {kind: type, field: visits, type: integer, on: false}\n"
    content = "Ward,Visits\n North,12\nSouth ,30\n"

    table, _, _ = followed(content, plan_of(understood(content), recipe=text))

    assert table.column("ward").to_pylist() == [" North", "South "]
    assert table.column("visits").to_pylist() == ["12", "30"]


def test_a_proposal_stays_with_the_field_that_it_was_made_for() -> None:
    content = wards("INNENSTADT", "innenstadt")
    report = understood(content)
    number = next(n for n, step in enumerate(report.steps) if step.kind is Kind.SPELL)
    text = f"version: 1\nsteps:\n- {{kind: spell, field: nr, proposed: {number}}}\n"

    with pytest.raises(RecipeInvalid, match="no such proposal"):
        plan_of(report, recipe=text)


@pytest.mark.parametrize(
    "step",
    [
        "{kind: rename, field: ward, to: visits}",
        "{kind: drop_fields, fields: [ward, visits, cost]}",
        "{kind: type, field: visits, type: hours}",
        "{kind: type, field: visits, type: date, format: '%Q'}",
    ],
)
def test_what_cannot_be_is_refused(step: str) -> None:
    with pytest.raises(Invalid):
        plan_of(understood(TOTALS), recipe=f"version: 1\nsteps:\n- {step}\n")


REPEATED = "Ward,Visits\nNorth,1\nSouth,2\nNorth ,1\nNorth,3\nSouth,2\n"


def test_repeated_rows_are_proposed_and_put_aside_only_where_a_person_says_so() -> None:
    report = understood(REPEATED)
    [step] = [step for step in report.steps if step.kind is Kind.DISTINCT]
    assert (step.on, step.changes) == (False, 2)

    table, aside, _ = followed(
        REPEATED, plan_of(report, recipe="version: 1\nsteps:\n- {kind: distinct}\n- {kind: trim}\n")
    )

    assert table.column("visits").to_pylist() == [1, 2, 3]
    assert [(row["row"], row["reason"]) for row in aside] == [(3, REPEATED_ROW), (5, REPEATED_ROW)]


def test_rows_can_be_compared_by_their_key() -> None:
    text = "version: 1\nsteps:\n- {kind: distinct, fields: [ward]}\n- {kind: trim}\n"

    table, aside, cleaning = followed(REPEATED, plan_of(understood(REPEATED), recipe=text))

    assert table.column("ward").to_pylist() == ["North", "South"]
    assert cleaning.changes[1] == len(aside) == 3


@given(st.lists(st.lists(st.text(max_size=3), min_size=2, max_size=2), max_size=30))
def test_exactly_the_rows_that_come_again_are_found(rows: list[list[str]]) -> None:
    columns = [pa.array([row[n] for row in rows], pa.string()) for n in range(2)]
    plain = [tuple(cell.strip() for cell in row) for row in rows]
    repeats = Repeats()

    half = len(rows) // 2
    first = repeats.positions([column.slice(0, half) for column in columns]).tolist()
    rest = repeats.positions([column.slice(half) for column in columns]).tolist()

    expected = [n for n, row in enumerate(plain) if row in plain[:n]]
    assert [*first, *(n + half for n in rest)] == expected


def test_so_many_rows_are_compared_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simplr_core.tidy.recipe.repeats.MOST_ROWS", 3)

    with pytest.raises(Invalid) as refused:
        Repeats().positions([pa.array([str(n) for n in range(5)])])

    assert refused.value.code == "too-many-rows-to-compare"


@pytest.mark.parametrize("words", ["tak,nie", "да,нет", "はい,いいえ", "wahr,falsch", "evet,hayır"])
def test_booleans_are_known_in_many_languages(words: str) -> None:
    yes, no = words.split(",")
    content = "Nr,Open\n" + "".join(f"{n},{yes if n % 2 else no}\n" for n in range(30))

    found = understood(content).understanding.schema["open"]

    assert (found.type, found.format) == (FieldType.BOOLEAN, f"{yes}|{no}")
