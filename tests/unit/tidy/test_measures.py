"""Numbers with a unit or a currency: one unit in a field, known by the whole column, never mixed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.cells import NumberFormatInvalid, check_cell_format, read_cells
from simplr_core.tidy.fitting import FieldsDiffer, UnitsDiffer, fit
from simplr_core.tidy.measures import NUMBERS, unit_in
from simplr_core.tidy.plans import KeepPlan, plan_keep
from simplr_core.tidy.recipe.document import write_recipe
from simplr_core.tidy.recognition import recognise
from simplr_core.tidy.units import is_physical, spellings_of, unit_of

TakeIn = Callable[..., Any]


def column(values: list[str]) -> bytes:
    return ("row;x\n" + "".join(f"r{n};{value}\n" for n, value in enumerate(values))).encode()


def read(form: str, *cells: str) -> list[float | None]:
    field = Field("x", type=FieldType.DECIMAL, format=form)
    found: list[float | None] = read_cells(pa.array(cells, pa.string()), field).to_pylist()
    return found


@pytest.mark.parametrize(
    ("values", "form", "unit", "numbers"),
    [
        (["$1,234.50", "-$12", "$ (1,200.00)"], "1,234.5 $", "$", [1234.5, -12, -1200]),
        (["1.234,50 €", "12 EUR", "€ -7,5"], "1.234,5 EUR", "EUR", [1234.5, 12, -7.5]),
        (["CHF 1'200", "CHF 30.5", "Fr. 2"], "1 234.5 CHF", "CHF", [1200, 30.5, 2]),
        (["EUR 12", "EUR 13", "EUR 14"], "1.5 EUR", "EUR", [12, 13, 14]),
        (["US$ 5", "6 USD", "USD 7.25"], "1.5 USD", "USD", [5, 6, 7.25]),
        (["1.200 €", "2.000 €", "12 €"], "1.234,5 EUR", "EUR", [1200, 2000, 12]),
        (["12.5 %", "7%", "(3 %)"], "1.5 %", "%", [12.5, 7, -3]),
        (["12,5 %", "7 %", "0,25 %"], "1,5 %", "%", [12.5, 7, 0.25]),
        (["7.3 mg/L", "8 mg/l", "9mg/L"], "1.5 mg/L", "mg/L", [7.3, 8, 9]),
        (["12 km", ".5 km", "\u22123 km"], "1.5 km", "km", [12, 0.5, -3]),
        (["12 m2", "13 m²", "14 qm"], "1.5 m²", "m²", [12, 13, 14]),
        (["1,200.00", "(1,200.00)", "7"], "(1,234.5)", "", [1200, -1200, 7]),
    ],
)
def test_a_column_in_one_unit_is_numbers_and_the_unit_is_said(
    take_in: TakeIn, values: list[str], form: str, unit: str, numbers: list[float]
) -> None:
    taken = take_in(column(values * 20))

    field = taken.understanding.schema["x"]
    assert (field.type.value, field.format, unit_in(field.format)) == ("decimal", form, unit)
    assert taken.column("x")[:3] == numbers
    assert taken.quarantine == []


def test_cells_in_another_unit_go_to_quarantine_and_say_so(take_in: TakeIn) -> None:
    values = [f"{n}.50 €" for n in range(1, 300)] + ["12 $", "12", "no price"]

    taken = take_in(column(values))

    assert taken.understanding.schema["x"].format == "1.5 EUR"
    assert [(one["raw"], one["reason"]) for one in taken.quarantine] == [
        ("12 $", "other-unit"),
        ("12", "other-unit"),
        ("no price", "not-decimal"),
    ]
    assert taken.column("x")[-3:] == [None, None, None]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([f"{n} km" for n in range(60)] + [f"{n} m" for n in range(60)], "2 units"),
        ([f"{n} km" for n in range(80)] + [f"{n} m" for n in range(20)], "80 of 100"),
        ([f"{n} km" for n in range(80)] + [str(n) for n in range(20)], "80 of 100"),
        ([f"({n})" for n in range(60)], "brackets"),
    ],
)
def test_units_are_never_mixed(take_in: TakeIn, values: list[str], why: str) -> None:
    taken = take_in(column(values))

    assert taken.type_of("x") == "text"
    assert taken.column("x") == values
    assert why in taken.understanding.fields[1].evidence


@pytest.mark.parametrize(
    "values",
    [["12 Main St", "14 Oak St"], ["TOP 10", "TOP 11"], ["5 A", "6 A"], ["5 Smith", "7 Smith"]],
)
def test_words_that_are_no_units_stay_with_their_number(take_in: TakeIn, values: list[str]) -> None:
    assert take_in(column(values * 30)).column("x")[:2] == values


def test_points_before_three_digits_are_fractions_of_a_measure_and_that_is_unsure(
    take_in: TakeIn,
) -> None:
    taken = take_in(column([f"{n}.250 kg" for n in range(1, 40)]))

    assert taken.column("x")[0] == 1.25
    assert taken.understanding.fields[1].confidence.value == "likely"


def test_a_unit_of_a_person_s_own_is_read_as_it_is_written(take_in: TakeIn) -> None:
    own = {"name": "x", "type": "decimal", "format": "1.5 sacks"}

    taken = take_in(column(["12 sacks", "13 sacks", "4 bags"]), overrides=[own])

    assert taken.column("x") == [12, 13, None]
    assert [one["reason"] for one in taken.quarantine] == ["other-unit"]


@pytest.mark.parametrize(
    "form", ["1.5 5", "1.5  km", "(1.5) km", "2.5 km", "1.5 " + "m" * 41, "1.5 ("]
)
def test_what_is_no_format_of_a_measure_is_refused(form: str) -> None:
    with pytest.raises(NumberFormatInvalid):
        check_cell_format(FieldType.DECIMAL, form)


def test_a_number_in_brackets_is_below_zero_where_money_is_counted_only() -> None:
    assert read("1.5 EUR", "(5 €)", "(5 €", "-(5 €)") == [-5, None, None]
    assert read("1.5 km", "(5 km)") == [None]


def test_more_digits_than_can_be_kept_are_not_read() -> None:
    assert read("1.5 EUR", "1234567890123456789 €") == [None]


UNITS = st.sampled_from(["EUR", "$", "CHF", "%", "km", "m²", "mg/L", "kWh", "°C"])


@given(
    number=st.decimals(min_value=-99_999, max_value=99_999, places=2),
    unit=UNITS,
    form=st.sampled_from(sorted(NUMBERS)),
    data=st.data(),
)
def test_a_number_is_read_whatever_the_spelling_of_its_unit(
    number: Any, unit: str, form: str, data: st.DataObject
) -> None:
    spelled = data.draw(st.sampled_from(spellings_of(unit)))
    digits = f"{abs(number):.2f}".replace(".", "," if form.endswith(",5") else ".")
    before = not is_physical(unit) and data.draw(st.booleans())
    cell = f"{spelled} {digits}" if before else f"{digits}{spelled}"
    sign = "-" if number < 0 else ""

    assert unit_of(spelled) == unit
    assert read(f"{form} {unit}", sign + cell) == [float(number)]


def plan_of(content: str) -> KeepPlan:
    raw = content.encode()
    report = recognise(io.BytesIO(raw), name="a.csv", size=len(raw), heartbeat=lambda rows: None)
    return plan_keep(report.understanding.to_json(), {})


EUROS = "what,price\n" + "".join(f"a,{n}.50 €\n" for n in range(9))
DOLLARS = EUROS.replace("€", "$")
BARE = EUROS.replace(" €", "")


def test_rows_in_another_unit_are_not_added_even_by_widening() -> None:
    with pytest.raises(FieldsDiffer, match="another unit"):
        fit(plan_of(DOLLARS), plan_of(EUROS).schema)
    with pytest.raises(UnitsDiffer):
        fit(plan_of(DOLLARS), plan_of(EUROS).schema, widen=True)


def test_numbers_without_a_unit_are_added_where_a_person_says_so() -> None:
    with pytest.raises(FieldsDiffer, match="another unit"):
        fit(plan_of(BARE), plan_of(EUROS).schema)
    assert (
        unit_in(fit(plan_of(BARE), plan_of(EUROS).schema, widen=True).schema["price"].format)
        == "EUR"
    )
    with pytest.raises(UnitsDiffer):
        fit(plan_of(EUROS), plan_of(BARE).schema, widen=True)


def test_a_measure_is_a_step_of_the_recipe_that_reads_back_as_it_was() -> None:
    plan = plan_of(EUROS)
    step = next(step for step in plan.recipe.steps if step.fields == ("price",))

    assert step.arguments["format"] == "1.5 EUR"
    again = plan_keep(plan.to_json(), {"recipe": write_recipe(plan.recipe)})
    assert again.schema == plan.schema
    off = write_recipe(plan.recipe).replace('format: "1.5 EUR"', 'format: "1.5 EUR"\n    on: false')
    assert plan_keep(plan.to_json(), {"recipe": off}).schema["price"].type is FieldType.TEXT
