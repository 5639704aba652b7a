"""Types: decided from all values; codes stay text; what does not fit goes to quarantine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.cells import NumberFormatInvalid, check_cell_format, read_cells
from simplr_core.tidy.dates import FormatInvalid
from simplr_core.tidy.decisions import is_code_name

TakeIn = Callable[..., Any]


def column(values: list[str], name: str = "x", delimiter: str = ";") -> bytes:
    rows = "".join(f"r{n}{delimiter}{value}\n" for n, value in enumerate(values))
    return f"row{delimiter}{name}\n{rows}".encode()


def read(values: list[str | None], kind: FieldType, form: str = "") -> list[Any]:
    array = pa.array(values, pa.string())
    return read_cells(array, Field("x", type=kind, format=form)).to_pylist()


@pytest.mark.parametrize(
    ("values", "kind", "form", "first"),
    [
        (["1", "2", "-3"] * 9, "integer", "", 1),
        (["20.0", "3.0", "4.0"] * 9, "integer", "1.0", 20),
        (["1.5", "2", "3.25"] * 9, "decimal", "", 1.5),
        (["1,5", "2", "3,25"] * 9, "decimal", "1,5", 1.5),
        (["1.234,5", "12,25", "2.000,75"] * 9, "decimal", "1.234,5", 1234.5),
        (["1,234.5", "12.25", "2,000.75"] * 9, "decimal", "1,234.5", 1234.5),
        (["1,234", "12", "2,000,000"] * 9, "integer", "1,234", 1234),
        (["1 234", "12", "2 000"] * 9, "integer", "1 234", 1234),
        (["yes", "No", "YES"] * 9, "boolean", "yes|no", True),
        (["TRUE", "FALSE"] * 9, "boolean", "true|false", True),
        (["2020-01-31", "2020-02-01"] * 9, "date", "%Y-%m-%d", date(2020, 1, 31)),
        (["31/01/2020", "01/02/2020"] * 9, "date", "%d/%m/%Y", date(2020, 1, 31)),
        (["01/31/2020", "02/01/2020"] * 9, "date", "%m/%d/%Y", date(2020, 1, 31)),
        (["31.1.20", "1.2.20"] * 9, "date", "%d.%m.%y", date(2020, 1, 31)),
        (["31 Jan 2020", "1 February 2020"] * 9, "date", "%d %b %Y", date(2020, 1, 31)),
        (["Jan 31, 2020", "Feb 1, 2020"] * 9, "date", "%b %d, %Y", date(2020, 1, 31)),
        (["20200131", "20200201"] * 15, "date", "%Y%m%d", date(2020, 1, 31)),
        (["09:30", "23:59"] * 9, "time", "%H:%M", time(9, 30)),
        (
            ["2020-01-31 09:30:00", "2020-02-01 10:00:00"] * 9,
            "datetime",
            "%Y-%m-%d %H:%M:%S",
            datetime(2020, 1, 31, 9, 30),  # noqa: DTZ001 - a wall-clock time
        ),
        (
            ["2020-01-31T09:30:00+02:00", "2020-02-01T10:00:00Z"] * 9,
            "datetime",
            "%Y-%m-%dT%H:%M:%S%z",
            datetime(2020, 1, 31, 7, 30, tzinfo=timezone(timedelta(0))),
        ),
        (["a", "b", "c d"] * 12, "category", "", "a"),
        (["a1", "b2", "c3"], "text", "", "a1"),
        (["123", "abc", "456"] * 12, "category", "", "123"),
        (["1", "2", "99999999999999999999"] * 9, "text", "", "1"),
    ],
)
def test_types_and_formats(
    take_in: TakeIn, values: list[str], kind: str, form: str, first: Any
) -> None:
    taken = take_in(column(values))

    assert taken.type_of("x") == kind
    assert taken.understanding.schema["x"].format == form
    assert taken.column("x")[0] == first
    assert taken.quarantine == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("part", ["007", "12", "13"] * 9),
        ("zip_code", ["60614", "60622", "10001"] * 9),
        ("Postcode", ["2611", "2612", "0870"] * 9),
        ("soc_sec_id", ["6988048", "7364009", "123"] * 9),
        ("phone", ["3125550100", "3125550101"] * 9),
        ("student_id", ["1", "2", "3"] * 9),
    ],
)
def test_codes_stay_text_with_their_zeros(take_in: TakeIn, name: str, values: list[str]) -> None:
    taken = take_in(column(values, name))

    field = taken.understanding.schema.names[1]
    assert taken.type_of(field) == "text"
    assert taken.column(field) == values


def test_a_postcode_that_a_spreadsheet_made_a_number_loses_the_point(take_in: TakeIn) -> None:
    taken = take_in(column(["60614.0", "60622.0", ""] * 9, "ZIP Code"))

    assert taken.type_of("zip_code") == "text"
    assert taken.column("zip_code")[:3] == ["60614", "60622", None]


@pytest.mark.parametrize("name", ["zip", "zip_code", "id", "rec_id", "plz", "home_phone", "iban"])
def test_names_of_codes(name: str) -> None:
    assert is_code_name(name)


@pytest.mark.parametrize("name", ["amount", "hidden", "width", "paid", "codeine", "celsius"])
def test_names_that_only_look_like_codes(name: str) -> None:
    assert not is_code_name(name)


def test_a_few_cells_that_do_not_fit_go_to_quarantine_with_row_field_text_and_reason(
    take_in: TakeIn,
) -> None:
    values = [str(n) for n in range(200)]
    values[57] = "many"

    taken = take_in(column(values, "Amount"))

    assert taken.type_of("amount") == "integer"
    assert taken.column("amount")[56:59] == [56, None, 58]
    assert taken.quarantine == [
        {"row": 58, "kept_row": 57, "field": "amount", "reason": "not-integer", "raw": "many"}
    ]
    assert taken.understanding.fields[1].confidence.value == "likely"


def test_a_type_change_late_in_the_file_is_seen(take_in: TakeIn) -> None:
    values = [str(n) for n in range(5_000)] + [f"{n}.5" for n in range(5_000)]

    taken = take_in(column(values))

    assert taken.type_of("x") == "decimal"
    assert taken.quarantine == []


def test_text_late_in_the_file_makes_it_text(take_in: TakeIn) -> None:
    values = [str(n) for n in range(3_000)] + ["word"] * 500

    taken = take_in(column(values))

    assert taken.type_of("x") == "text"
    assert taken.column("x")[-1] == "word"


@pytest.mark.parametrize("code", ["NA", "N/A", "null", "-", "NaN", "?", "unknown"])
def test_words_for_missing_in_a_column_of_numbers_are_codes(take_in: TakeIn, code: str) -> None:
    taken = take_in(column(["1", "2", code, "4"] * 9))

    assert taken.type_of("x") == "integer"
    assert taken.understanding.schema["x"].missing_codes == (code,)
    assert taken.column("x")[2] is None
    assert taken.quarantine == []


def test_na_is_a_value_among_codes_of_countries_and_missing_elsewhere(take_in: TakeIn) -> None:
    rows = "".join(f"{n % 7 or 'NA'};{c};w{n}\n" for n, c in enumerate(["AT", "NA", "DE"] * 9))
    taken = take_in(("n;country;word\n" + rows).encode())

    assert taken.column("country")[1] == "NA"
    assert taken.column("n")[0] is None


def test_minus_9999_is_missing_only_where_nothing_else_is_below_zero(take_in: TakeIn) -> None:
    rows = "".join(
        f"{a};{b}\n"
        for a, b in zip(
            ["1", "-9999", "3", "-9999"] * 9, ["-1", "-9999", "3", "-9999"] * 9, strict=True
        )
    )
    taken = take_in(("rain;height\n" + rows).encode())

    assert taken.column("rain")[:4] == [1, None, 3, None]
    assert taken.column("height")[:4] == [-1, -9999, 3, -9999]


def test_an_order_of_day_and_month_that_cannot_be_told_asks_for_a_look(take_in: TakeIn) -> None:
    taken = take_in(column(["01/02/2020", "03/04/2020"] * 20))

    assert taken.understanding.fields[1].confidence.value == "check"


def test_another_column_tells_the_order_of_day_and_month(take_in: TakeIn) -> None:
    rows = "01/02/2020;25/02/2020\n03/04/2020;26/04/2020\n" * 20
    taken = take_in(("a;b\n" + rows).encode())

    assert taken.column("a")[0] == date(2020, 2, 1)


def test_blanks_around_cells_are_dropped_and_counted(take_in: TakeIn) -> None:
    taken = take_in(b"id , name, n\n1, Ada , 2\n2, Bo,\t3\n", name="a.csv")

    assert taken.understanding.schema.names == ("id", "name", "n")
    assert taken.column("name") == ["Ada", "Bo"]
    assert "Blanks around 2 cells" in taken.understanding.fields[1].evidence


@settings(max_examples=examples(200), deadline=None)
@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d %b %Y"]))
def test_every_date_is_read_as_it_was_written(day: date, form: str) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    text = (
        form.replace("%Y", f"{day.year:04}")
        .replace("%m", f"{day.month:02}")
        .replace("%d", f"{day.day:02}")
        .replace("%b", months[day.month - 1])
    )

    assert read([text, None], FieldType.DATE, form) == [day, None]


@settings(max_examples=examples(200), deadline=None)
@given(st.text(alphabet="0123456789-/: TZ+.", max_size=22))
def test_what_is_read_as_an_iso_date_is_one(text: str) -> None:
    (found,) = read([text], FieldType.DATE, "%Y-%m-%d")

    try:
        expected = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        expected = None
    if expected is not None:
        assert found == expected
    elif found is not None:
        year, month, day = (int(part) for part in text.split("-"))
        assert found == date(year, month, day)


@given(st.integers(-(10**17), 10**17))
def test_every_whole_number_is_read_exactly(number: int) -> None:
    assert read([str(number), f"+{abs(number)}"], FieldType.INTEGER) == [number, abs(number)]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_exactly(number: float) -> None:
    assert read([repr(number)], FieldType.DECIMAL) == [number]


@pytest.mark.parametrize("text", ["inf", "nan", "0x10", "1e999", "1_000", "--1", "1.2.3", "١"])
def test_what_only_a_program_calls_a_number_is_none(text: str) -> None:
    assert read([text], FieldType.DECIMAL) == [None]
    assert read([text], FieldType.INTEGER) == [None]


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (FieldType.DATE, "%Y-%m"),
        (FieldType.DATE, "%Y-%m-%Q"),
        (FieldType.DATE, "%Y-%Y-%m-%d"),
        (FieldType.TIME, "%H"),
        (FieldType.DATETIME, "%Y-%m-%d"),
    ],
)
def test_a_date_format_that_says_too_little_is_refused(kind: FieldType, form: str) -> None:
    with pytest.raises(FormatInvalid):
        check_cell_format(kind, form)


def test_a_number_format_that_does_not_exist_is_refused() -> None:
    with pytest.raises(NumberFormatInvalid):
        check_cell_format(FieldType.DECIMAL, "1'234")


@pytest.mark.parametrize("form", ["1.5 EUR or 1.5 USD", "1.5 EUR or 1,5"])
def test_two_units_are_no_formats_of_one_field(form: str) -> None:
    with pytest.raises(NumberFormatInvalid, match="Two units"):
        check_cell_format(FieldType.DECIMAL, form)
    check_cell_format(FieldType.DECIMAL, "1,234.5 EUR or 1.234,5 EUR")
