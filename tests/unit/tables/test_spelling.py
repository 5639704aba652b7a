"""How values are written: forms without values, and cells that depart from most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.spelling import (
    departing_share,
    form_of,
    forms_of,
    loose_form_of,
    variant_count,
)


@pytest.mark.parametrize(
    ("text", "form", "loose"),
    [("10-123", "99-999", "9-9"), ("AB 7x", "AA 9a", "a 9a"), ("é-É", "a-A", "a-a"), ("", "", "")],
)
def test_forms(text: str, form: str, loose: str) -> None:
    assert (form_of(text), loose_form_of(text)) == (form, loose)


def test_exact_forms_where_they_say_something_and_loose_ones_elsewhere() -> None:
    codes = [f"{n % 90 + 10}-{n:03}" for n in range(100)]
    names = [f"{'x' * (n % 40 + 1)} {'y' * (n % 37 + 1)}" for n in range(400)]

    assert [(f.form, f.share) for f in forms_of(codes)] == [("99-999", 1.0)]
    assert [(f.form, f.share) for f in forms_of(names)] == [("a a", 1.0)]


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=60, unique=True))
def test_a_form_that_hardly_any_value_has_is_never_told(values: list[str]) -> None:
    told = {form.form for form in forms_of(["12-34"] * 200 + values[:2])}

    assert told == {"99-99"}


def test_cells_spelled_unlike_most_are_counted() -> None:
    counts = {"New York": 90, "NEW YORK": 6, "new-york": 4, "Boston": 50, "Zürich": 3, "Zurich": 9}

    assert variant_count(counts) == 6 + 4 + 3


@pytest.mark.parametrize("values", [("1-2", "12", "1.2"), ("a1-2", "a12"), ("", " "), ("-", "--")])
def test_numbers_with_marks_are_not_one_value(values: tuple[str, ...]) -> None:
    assert variant_count(dict.fromkeys(values, 1)) == 0


def test_codes_of_another_form_depart_and_names_do_not() -> None:
    assert departing_share([*["A-12"] * 95, *["12"] * 5]) == pytest.approx(0.05)
    assert departing_share([*["Maria Novak"] * 95, *["Maria del Mar Novak"] * 5]) == 0.0
    assert departing_share([*["A-12"] * 50, *["12"] * 50]) == 0.0
    assert departing_share([]) == 0.0
