"""Cells that are all written plainly are read at once, and come out as their pattern has them."""

from __future__ import annotations

from itertools import product

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy import cells
from simplr_core.tidy.numerals import DECIMAL_FORMATS, INTEGER_FORMATS
from simplr_core.tidy.recipe.cleaning import PLAIN, Cleaning
from simplr_core.tidy.tables import read_column
from simplr_core.tidy.tallies import Tally

FIELDS = (
    *(Field("x", type=FieldType.INTEGER, format=form) for form in INTEGER_FORMATS),
    *(Field("x", type=FieldType.DECIMAL, format=form) for form in DECIMAL_FORMATS),
    Field("x", type=FieldType.TEXT, format=cells.WHOLE_CODE),
)
ODD = (
    *("nan", "inf", "NaN(1)", "0x1F", ".5", "-.5", "+.5", "5.", "+5", "1e5", "1e0001", "00.5"),
    *("1.0", "-1.0", ".0", "+7.0", "5.0.0", "1.00", "9" * 18, "9" * 19, "1" + "0" * 400, "-"),
)
NUMBERS = st.lists(
    st.none()
    | st.sampled_from(ODD)
    | st.integers(-(10**19), 10**19).map(str)
    | st.floats().map(str)
    | st.integers(0, 10**17).map("{}.0".format)
    | st.text("0123456789.,-+eExX aInNfF\u00a0'", min_size=1, max_size=22),
    max_size=6,
)


@given(NUMBERS, st.sampled_from(FIELDS))
def test_what_is_read_at_once_is_what_the_pattern_says(
    texts: list[str | None], field: Field
) -> None:
    column = pa.array(texts, pa.string())

    found = cells.read_cells(column, field).to_pylist()

    with pytest.MonkeyPatch.context() as only_patterns:
        for quick in ("_plain_integers", "_plain_decimals", "_without_point_zero"):
            only_patterns.setattr(cells, quick, lambda *_, **__: None)
        assert list(map(repr, found)) == list(
            map(repr, cells.read_cells(column, field).to_pylist())
        )


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        (["12", "-7"], Field("x", type=FieldType.INTEGER)),
        (["12.0", "7.0"], Field("x", type=FieldType.INTEGER, format="1.0")),
        (["12.5", "-.25"], Field("x", type=FieldType.DECIMAL)),
        (["60614.0", "00123.0"], Field("x", type=FieldType.TEXT, format=cells.WHOLE_CODE)),
    ],
)
def test_plain_cells_are_read_without_a_pattern(
    monkeypatch: pytest.MonkeyPatch, texts: list[str], field: Field
) -> None:
    def none(*_: object) -> pa.Array:
        raise AssertionError("a pattern was asked")

    monkeypatch.setattr(cells, "_only", none)
    monkeypatch.setattr(cells.pc, "replace_substring_regex", none)

    assert None not in cells.read_cells(pa.array(texts), field).to_pylist()


COLUMNS = {
    "one value": ["5"] * 3000,
    "all different": [str(n) for n in range(3000)],
    "different, then the same": [str(n) for n in range(2000)] + ["5"] * 9000,
    "the same, then different": ["5"] * 2000 + [str(n) for n in range(9000)],
    "not all numbers": [str(n) for n in range(2999)] + ["none of them"],
}


@pytest.mark.parametrize(("texts", "batches"), product(COLUMNS.values(), (1, 3)))
def test_a_column_is_counted_and_read_alike_however_many_cells_are_the_same(
    texts: list[str], batches: int
) -> None:
    tally, values, lost = Tally(), [], []
    field = Field("x", type=FieldType.INTEGER)
    size = len(texts) // batches
    for start in range(0, len(texts), size):
        batch = pa.array(texts[start : start + size])
        tally.add(batch)
        read, wrong = read_column(batch, field, Cleaning(PLAIN, [field]), 0)
        values += read.to_pylist()
        lost += wrong.tolist()
    tally.finish()

    numbers = [int(text) if text.isdigit() else None for text in texts]
    assert values == numbers
    assert lost == [number is None for number in numbers]
    assert tally.value_count == len(texts)
    assert tally.fits[FieldType.INTEGER, ""] == sum(number is not None for number in numbers)
    assert (tally.distinct is None) == (len(set(texts)) > 1000)
