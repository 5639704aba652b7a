"""A dictionary that is written is read back as it was; what is wrong is named by row and field."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.dictionary import (
    AllowedValue,
    DictionaryUnreadable,
    Entry,
    Limits,
    LimitsInvalid,
    check_limits,
    compare,
    export,
    read_grid,
    read_json,
)
from simplr_core.tables.schema import FieldType, Personal
from simplr_core.tidy.jobs import read_dictionary

STATUS = Entry(
    name="status",
    type=FieldType.CATEGORY,
    title="Status",
    meaning="What became of the call,\nas the office says",
    personal=Personal.INDIRECT,
    missing_codes=("n/a", "-9"),
    limits=Limits(values=(AllowedValue("1", "open, waiting"), AllowedValue("2|b", "closed"))),
)
DAYS = Entry(
    name="days",
    type=FieldType.INTEGER,
    unit="days",
    is_key=True,
    limits=Limits(minimum="-5", maximum="400"),
)
CODE = Entry(name="code", type=FieldType.TEXT, limits=Limits(pattern="=[A-Z]{2}\\d+"))
BARE = tuple(Entry(name=e.name, type=e.type) for e in (STATUS, DAYS, CODE))
ALL = (STATUS, DAYS, CODE)


def grid_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def read_back(form: str) -> object:
    content = export(ALL, form)
    return read_grid(grid_of(content)) if form == "csv" else read_json(content)


@pytest.mark.parametrize("form", ["csv", "json", "table-schema"])
def test_what_is_written_is_read_back_and_says_the_same(form: str) -> None:
    found = compare(BARE, read_back(form))  # type: ignore[arg-type]

    assert found.problems == ()
    assert {(e.name, e.title, e.meaning, e.unit, e.is_key, e.personal, e.limits) for e in ALL} == {
        (e.name, e.title, e.meaning, e.unit, e.is_key, e.personal, e.limits) for e in found.entries
    }
    assert [d.field for d in found.differences] == ["status"]  # its missing codes were read so


@pytest.mark.parametrize("form", ["csv", "json", "table-schema"])
def test_what_is_known_already_changes_nothing(form: str) -> None:
    found = compare(ALL, read_back(form))  # type: ignore[arg-type]

    assert (found.changes, found.entries, found.differences, found.problems) == ((), (), (), ())


TEXT = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20).map(str.strip)


@given(
    st.lists(
        st.tuples(TEXT.filter(bool), TEXT), unique_by=lambda pair: pair[0], min_size=1, max_size=8
    ),
    TEXT,
)
def test_any_text_survives_a_csv(values: list[tuple[str, str]], meaning: str) -> None:
    entry = Entry(
        name="x",
        type=FieldType.TEXT,
        meaning=meaning,
        limits=Limits(values=tuple(AllowedValue(*pair) for pair in values)),
    )

    found = compare(
        [Entry(name="x", type=FieldType.TEXT)], read_grid(grid_of(export([entry], "csv")))
    )

    assert found.problems == ()
    assert [e.limits for e in found.entries] == [entry.limits]


def test_a_cell_that_a_spreadsheet_would_run_is_marked() -> None:
    content = export(ALL, "csv").decode()

    assert "'=[A-Z]" in content
    assert ",-5," in content


def test_a_column_that_is_not_there_leaves_its_property_alone_and_an_empty_cell_clears_it() -> None:
    found = compare(ALL, read_grid([["name", "description"], ["status", ""]]))

    assert [(c.field, c.property, c.after) for c in found.changes] == [("status", "meaning", "")]
    assert found.entries[0].limits == STATUS.limits
    assert found.unmentioned == ("days", "code")


@pytest.mark.parametrize(
    ("row", "property_"),
    [
        (["ghost", "", "", "", "", "", ""], "name"),
        (["", "", "", "x", "", "", ""], "name"),
        (["days", "9", "3", "", "", "", ""], "minimum"),
        (["days", "soon", "", "", "", "", ""], "minimum"),
        (["days", "", "", "1, a | 1, b", "", "", ""], "values"),
        (["days", "", "", "secret-7", "", "", ""], "values"),
        (["code", "", "", "", "(", "", ""], "pattern"),
        (["days", "", "", "", "x", "", ""], "pattern"),
        (["code", "1", "", "", "", "", ""], "minimum"),
        (["days", "", "", "", "", "secret-7", ""], "personal"),
        (["days", "", "", "", "", "", "secret-7"], "type"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_field_and_never_repeated(
    row: list[str], property_: str
) -> None:
    heading = ["name", "min", "max", "categories", "pattern", "personal", "type"]

    found = compare(
        ALL,
        read_grid(
            [heading, ["code", *[""] * 6], row] if row[0] != "code" else [heading, [""], row]
        ),
    )

    assert [(p.row, p.field, p.property) for p in found.problems] == [(3, row[0], property_)]
    assert "secret-7" not in found.problems[0].message


def test_limits_of_a_field_whose_values_are_hidden_cannot_be_written() -> None:
    hidden = Entry(name="days", type=FieldType.INTEGER, limits=None)

    found = compare([hidden], read_grid([["name", "min", "meaning"], ["days", "3", "So long"]]))

    assert [(p.row, p.property) for p in found.problems] == [(2, "minimum")]
    assert hidden.to_json()["values"] is None


def test_what_is_hidden_is_in_no_file() -> None:
    hidden = [Entry(name=e.name, type=e.type, limits=None) for e in ALL]

    for form in ("csv", "json", "table-schema", "csvw"):
        assert b"waiting" not in export(hidden, form)


def test_the_type_in_a_file_is_told_and_changes_nothing() -> None:
    found = compare([DAYS], read_grid([["name", "type"], ["days", "number"]]))

    assert [(d.property, d.ours, d.theirs) for d in found.differences] == [
        ("type", "integer", "decimal")
    ]
    assert found.changes == ()


@pytest.mark.parametrize(
    "grid", [[], [["title", "type"], ["a", "b"]], [["name", "field"], ["a", "b"]]]
)
def test_what_is_no_dictionary_is_refused(grid: list[list[str]]) -> None:
    with pytest.raises(DictionaryUnreadable):
        read_grid(grid)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"fields": [1]}', b'{"a":' * 100_000])
def test_json_that_is_no_dictionary_is_refused(content: bytes) -> None:
    with pytest.raises(DictionaryUnreadable):
        read_json(content)


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        (FieldType.DATE, Limits(minimum="2026-02-30")),
        (FieldType.BOOLEAN, Limits(values=(AllowedValue("yes"),))),
        (FieldType.DECIMAL, Limits(minimum="1,5")),
        (FieldType.TEXT, Limits(values=(AllowedValue("x" * 501),))),
    ],
)
def test_limits_are_values_of_the_type(kind: FieldType, limits: Limits) -> None:
    with pytest.raises(LimitsInvalid):
        check_limits(limits, kind)


def test_csvw_says_types_keys_and_missing_codes_in_its_own_words() -> None:
    document = json.loads(export(ALL, "csvw", title="Street calls"))

    assert document["@context"] == "http://www.w3.org/ns/csvw"
    assert document["tableSchema"]["primaryKey"] == ["days"]
    status, days, _ = document["tableSchema"]["columns"]
    assert status["null"] == ["", "n/a", "-9"]
    assert days["datatype"] == {"base": "integer", "minimum": "-5", "maximum": "400"}


# ── files ────────────────────────────────────────────────────────────────


def read(content: bytes) -> dict[str, object]:
    return read_dictionary({"content": content}, {}, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_of_any_encoding_and_delimiter_is_read(encoding: str, delimiter: str) -> None:
    text = (
        delimiter.join(("Field name", "Definition")) + "\r\n" + delimiter.join(("straße", "länger"))
    )

    assert read(text.encode(encoding))["rows"] == [[2, "straße", {"meaning": "länger"}]]


def test_the_sheet_with_the_names_is_read_of_a_workbook() -> None:
    from tests.unit.tidy.formats.books import xlsx

    content = xlsx(
        {"Notes": [["See below"]], "Fields": [["name", "unit", "min"], ["days", "d", 3]]}
    )

    assert read(content)["rows"] == [[2, "days", {"unit": "d", "minimum": "3"}]]


def test_a_damaged_workbook_is_refused_with_its_reason() -> None:
    from simplr_core.tidy.formats.spreadsheets import WorkbookDamaged

    with pytest.raises(WorkbookDamaged):
        read(b"PK\x03\x04" + b"x" * 200)
