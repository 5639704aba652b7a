"""Laws of masks, for whatever values."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.privacy.masks import (
    PERIODS,
    GeneraliseNumber,
    Hide,
    Mask,
    MaskInvalid,
    MaskUnsuitable,
    Pseudonym,
    Redact,
    TopCode,
    TruncateDate,
    apply,
    as_text,
    mask_from_json,
    mask_to_json,
    output_field,
    suitable_masks,
)
from simplr_core.privacy.pseudonyms import (
    PseudonymMap,
    PseudonymsBroken,
    PseudonymsOutdated,
    draw_pseudonyms,
)
from simplr_core.tables.schema import Field, FieldType

CANARY = "canary-7f3a"
INTEGERS = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.floats(allow_nan=False)
VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.TEXT: st.text(max_size=20).map(lambda text: CANARY + text),
    FieldType.CATEGORY: st.sampled_from(["North", "South"]),
    FieldType.INTEGER: INTEGERS,
    FieldType.DECIMAL: DECIMALS,
    FieldType.BOOLEAN: st.booleans(),
    FieldType.DATE: st.dates(),
    FieldType.TIME: st.times(),
    FieldType.DATETIME: st.datetimes(),
}
MASKS: dict[type[Mask], st.SearchStrategy[Mask]] = {
    Pseudonym: st.just(Pseudonym()),
    Redact: st.just(Redact()),
    TruncateDate: st.sampled_from(PERIODS).map(TruncateDate),
    GeneraliseNumber: (st.integers(1, 10**15) | st.floats(1e-9, 1e15)).map(GeneraliseNumber),
    TopCode: (st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15)).map(TopCode),
}


@st.composite
def masked_columns(draw: st.DrawFn) -> tuple[Field, Mask, list[Any]]:
    kind = draw(st.sampled_from(FieldType))
    field = Field("field", type=kind, format=draw(st.sampled_from(["", "%z"])))
    chosen = draw(st.sampled_from([m for m in suitable_masks(field) if m in MASKS]))
    values = draw(st.lists(st.none() | VALUES[kind], max_size=12))
    return field, draw(MASKS[chosen]), values


def column(field: Field, values: list[Any]) -> Any:
    return pa.array(values, field.arrow_type())


@settings(max_examples=examples(400))
@given(masked_columns())
def test_a_mask_is_a_function_that_tells_no_more_than_the_value(
    case: tuple[Field, Mask, list[Any]],
) -> None:
    field, mask, values = case
    given_ = column(field, values)
    names = PseudonymMap.empty().extended([as_text(given_)])
    shown = apply(mask, given_, field, names)
    output = output_field(mask, field)
    assert output is not None
    assert shown.type == output.arrow_type()
    assert len(shown) == len(values)
    became: dict[str, str] = {}
    for value, masked in zip(as_text(given_).to_pylist(), shown.to_pylist(), strict=True):
        if value is None:
            assert masked is None
        else:
            assert became.setdefault(value, repr(masked)) == repr(masked)
    assert shown.null_count == given_.null_count or isinstance(mask, GeneraliseNumber)
    assert len(set(shown.to_pylist())) <= len(set(map(str, values)))
    assert CANARY not in repr(shown.to_pylist())


@given(st.lists(st.dates() | st.none()), st.sampled_from(PERIODS))
def test_a_truncated_date_begins_its_period(values: list[date | None], to: str) -> None:
    field = Field("day", type=FieldType.DATE)
    for value, shown in zip(
        values, apply(TruncateDate(to), column(field, values), field).to_pylist(), strict=True
    ):
        if value is None:
            continue
        assert shown <= value
        assert value - shown < timedelta(
            days={"year": 366, "quarter": 92, "month": 31, "week": 7, "day": 1}[to]
        )
        again = apply(TruncateDate(to), column(field, [shown]), field).to_pylist()
        assert again == [shown]
        match to:
            case "year":
                assert (shown.month, shown.day) == (1, 1)
            case "quarter":
                assert (shown.month % 3, shown.day) == (1, 1)
            case "month":
                assert shown.day == 1
            case "week":
                assert shown.isoweekday() == 1 or value < date(1, 1, 8)


@pytest.mark.parametrize("to", PERIODS)
def test_many_dates_are_truncated_like_few(to: str) -> None:
    field = Field("day", type=FieldType.DATE)
    days = [None, *(date(1899, 12, 1) + timedelta(days=n) for n in range(73_500))]
    within = days[:1] + [day for day in days[1:] if day and 1900 <= day.year <= 2100]
    assert len(within) < len(days)
    for values in (days, within):
        many = apply(TruncateDate(to), column(field, values), field)

        few = [
            apply(TruncateDate(to), column(field, values[at : at + 9_000]), field)
            for at in range(0, len(values), 9_000)
        ]
        assert many.equals(pa.concat_arrays(few))


@given(st.lists(st.datetimes()), st.sampled_from(PERIODS))
def test_a_moment_is_truncated_like_its_day(values: list[datetime], to: str) -> None:
    moment, day = Field("m", type=FieldType.DATETIME), Field("d", type=FieldType.DATE)
    shown = apply(TruncateDate(to), column(moment, values), moment)
    expected = apply(TruncateDate(to), column(day, [v.date() for v in values]), day)
    assert shown.to_pylist() == expected.to_pylist()


@settings(max_examples=examples(300))
@given(st.lists(INTEGERS, max_size=5), st.integers(1, 10**15))
def test_a_generalised_integer_is_the_lower_end_of_its_interval(
    values: list[int], step: int
) -> None:
    field = Field("n", type=FieldType.INTEGER)
    shown = apply(GeneraliseNumber(step), column(field, values), field).to_pylist()
    expected = [max(value // step * step, -(2**63)) for value in values]
    assert shown == expected
    assert apply(GeneraliseNumber(step), column(field, shown), field).to_pylist() == shown


@settings(max_examples=examples(300))
@given(st.lists(st.floats(-1e9, 1e9), max_size=5), st.floats(1e-3, 1e6))
def test_a_generalised_decimal_is_the_lower_end_of_its_interval(
    values: list[float], step: float
) -> None:
    field = Field("n", type=FieldType.DECIMAL)
    shown = apply(GeneraliseNumber(step), column(field, values), field).to_pylist()
    for value, low in zip(values, shown, strict=True):
        assert low <= value
        assert value - low <= step * (1 + 1e-6)
    assert apply(GeneraliseNumber(step), column(field, shown), field).to_pylist() == shown


@given(st.lists(INTEGERS), st.integers(-(10**15), 10**15))
def test_a_top_coded_number_is_never_greater(values: list[int], at: int) -> None:
    field = Field("n", type=FieldType.INTEGER)
    shown = apply(TopCode(at), column(field, values), field).to_pylist()
    assert shown == [min(value, at) for value in values]


def test_numbers_that_are_none_stay_harmless() -> None:
    field = Field("n", type=FieldType.DECIMAL)
    odd = column(field, [math.nan, math.inf, -math.inf])
    assert apply(TopCode(90), odd, field).to_pylist()[1:] == [90.0, -math.inf]
    assert apply(GeneraliseNumber(10), odd, field).to_pylist() == [None, None, None]


@pytest.mark.parametrize(
    "plain",
    [
        None,
        {},
        "keep",
        {"kind": "reveal"},
        {"kind": "keep", "text": "x"},
        {"kind": "truncate-date"},
        {"kind": "truncate-date", "to": "hour"},
        {"kind": "truncate-date", "to": "year", "more": 1},
        {"kind": "generalise-number", "step": 0},
        {"kind": "generalise-number", "step": -5},
        {"kind": "generalise-number", "step": True},
        {"kind": "generalise-number", "step": "10"},
        {"kind": "generalise-number", "step": math.nan},
        {"kind": "generalise-number", "step": 1e16},
        {"kind": "top-code", "at": None},
        {"kind": "top-code", "at": math.inf},
        {"kind": "redact", "text": ""},
        {"kind": "redact", "text": 5},
        {"kind": "redact", "text": "a\nb"},
        {"kind": "redact", "text": "x" * 101},
    ],
)
def test_what_is_not_exactly_a_mask_is_refused(plain: object) -> None:
    with pytest.raises(MaskInvalid):
        mask_from_json(plain)


@pytest.mark.parametrize("mask", [Hide(), Redact("-"), TopCode(1.5), TruncateDate("week")])
def test_a_mask_reads_back(mask: Mask) -> None:
    assert mask_from_json(mask_to_json(mask)) == mask


def test_a_mask_that_does_not_suit_the_field_is_refused() -> None:
    text, number = Field("t"), Field("n", type=FieldType.INTEGER)
    for mask, field in (
        (TruncateDate("year"), text),
        (TopCode(1), text),
        (TruncateDate("day"), number),
    ):
        with pytest.raises(MaskUnsuitable):
            output_field(mask, field)
    with pytest.raises(MaskUnsuitable):
        apply(Hide(), pa.array(["x"]), text)
    with pytest.raises(MaskUnsuitable):
        apply(Pseudonym(), pa.array(["x"]), text)


def test_a_masked_field_says_nothing_of_how_it_was_written() -> None:
    field = Field("n", type=FieldType.INTEGER, missing_codes=("-99",), format="1.234")
    shown = output_field(TopCode(90), field)
    assert shown is not None
    assert (shown.missing_codes, shown.format) == ((), "")


# Pseudonyms


@given(st.lists(st.lists(st.none() | st.text(max_size=3), max_size=20), max_size=4))
def test_pseudonyms_are_one_to_one_and_stay(columns: list[list[str | None]]) -> None:
    names = PseudonymMap.empty()
    before: dict[str, str] = {}
    for values in columns:
        array = pa.array(values, pa.string())
        names = names.extended([array])
        shown = names.of(array).to_pylist()
        for value, name in zip(values, shown, strict=True):
            assert (value is None) is (name is None)
            if value is not None:
                assert before.setdefault(value, name) == name
    assert len(set(before.values())) == len(before) == len(names)
    assert PseudonymMap.from_table(names.to_table()) == names


def test_a_pseudonym_is_drawn_and_not_derived() -> None:
    column_ = pa.array(["Ada", "Bob"])
    one, other = (PseudonymMap.empty().extended([column_]) for _ in range(2))
    assert set(one.pseudonyms.to_pylist()).isdisjoint(other.pseudonyms.to_pylist())


def test_a_value_without_pseudonym_is_refused_and_not_told() -> None:
    names = PseudonymMap.empty().extended([pa.array(["Ada"])])
    with pytest.raises(PseudonymsOutdated) as caught:
        names.of(pa.array(["Ada", CANARY]))
    assert caught.value.code == "pseudonyms-outdated"
    assert CANARY not in f"{caught.value}{caught.value.details}{names!r}"


def test_a_pseudonym_that_is_taken_is_drawn_again() -> None:
    draws = iter([b"\0" * 10, b"\0" * 5, b"\1" * 5])
    drawn = draw_pseudonyms(2, taken=set(), draw=lambda count: next(draws)[:count])
    assert len(set(drawn)) == 2
    assert drawn[0] == "p-00000000"


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"value": ["a"]}),
        pa.table({"value": ["a", "a"], "pseudonym": ["p", "q"]}),
        pa.table({"value": ["a", "b"], "pseudonym": ["p", "p"]}),
        pa.table({"value": ["a", None], "pseudonym": ["p", "q"]}),
    ],
)
def test_a_broken_map_is_refused(table: pa.Table) -> None:
    with pytest.raises(PseudonymsBroken):
        PseudonymMap.from_table(table)
