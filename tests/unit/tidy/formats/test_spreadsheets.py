"""Workbooks: sheets, titles, several header rows, merged cells, dates, notes; and hostile ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.unit.tidy.formats.books import ods, xlsb, xlsx

from simplr_core.errors import Invalid
from simplr_core.tidy.formats.grids import Grid, tables_in
from simplr_core.tidy.opening import open_file
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs
from simplr_core.tidy.recognition import NotATable

Open = Callable[..., Any]
moment = datetime.fromisoformat


def test_each_sheet_with_a_table_is_a_table(open_bytes: Open) -> None:
    people = [["name", "age"], ["Ada", 36], ["Bob", 40]]

    for content in (
        xlsx({"People": people, "Notes": [["Made by hand."]], "Empty": [], "More": people}),
        ods({"People": people, "Notes": [["Made by hand."]], "Empty": [], "More": people}),
    ):
        opened = open_bytes(content)
        assert [table.name for table in opened.tables] == ["People", "More"]
        assert opened["More"].column("age") == [36, 40]


def test_the_type_is_decided_by_column_and_not_by_cell(open_bytes: Open) -> None:
    rows = [
        ["day", "moment", "whole", "part", "mixed", "zip"],
        [date(2020, 1, 1), moment("2020-01-01 08:30"), 1, 1, "x", "01234"],
        [date(2020, 1, 2), moment("2020-01-02"), 2, 2.5, 3, "01235"],
        [date(2020, 1, 3), moment("2020-01-03 09:00"), 3, 3, 4.5, "01236"],
    ]

    table = open_bytes(xlsx({"A": rows})).tables[0]

    assert table.types == ["date", "datetime", "integer", "decimal", "text", "text"]
    assert table.column("moment")[1] == moment("2020-01-02")
    assert table.column("mixed") == ["x", "3", "4.5"]
    assert table.column("zip")[0] == "01234"


def test_a_title_several_header_rows_and_notes(open_bytes: Open) -> None:
    rows = [
        ["Budget of the year 2020"],
        [],
        ["Ward", "Income", None, "Costs", None],
        [None, "plan", "real", "plan", "real"],
        ["North", 1, 2, 3, 4],
        ["South", 5, 6, 7, 8],
        [],
        ["Source: the treasury"],
    ]
    merged = {"A": [(2, 0, 3, 0), (2, 1, 2, 2), (2, 3, 2, 4)]}

    table = open_bytes(xlsx({"A": rows}, merged=merged)).tables[0]

    assert table.header == ["Ward", "Income plan", "Income real", "Costs plan", "Costs real"]
    assert table.table.num_rows == 2
    assert [(q["row"], q["reason"], q["raw"]) for q in table.aside] == [
        (3, "outside-table", "Source: the treasury")
    ]
    assert table.report.preamble == [["Budget of the year 2020"]]
    assert len(table.report.understanding.notes) == 2


def test_words_merged_downwards_stand_in_each_row_and_numbers_do_not(open_bytes: Open) -> None:
    rows = [
        ["ward", "street", "budget"],
        ["North", "Elm", 100],
        [None, "Oak", None],
        [None, "Ash", 7],
        ["South", "Fir", 9],
    ]
    merged = {"A": [(1, 0, 3, 0), (1, 2, 2, 2)]}

    table = open_bytes(xlsx({"A": rows}, merged=merged)).tables[0]

    assert table.column("ward") == ["North", "North", "North", "South"]
    assert table.column("budget") == [100, None, 7, 9]


def test_two_tables_above_each_other_are_two(open_bytes: Open) -> None:
    rows = [
        ["ward", "trees"],
        ["North", 12],
        ["South", 14],
        [],
        ["street", "lamps", "benches"],
        ["Elm", 3, 1],
        ["Oak", 4, 2],
    ]

    opened = open_bytes(xlsx({"A": rows}))

    assert [table.name for table in opened.tables] == ["A", "A (2)"]
    assert opened["A (2)"].header == ["street", "lamps", "benches"]
    assert opened["A (2)"].column("benches") == [1, 2]


def test_a_sheet_that_is_no_table_becomes_one_when_somebody_insists(open_bytes: Open) -> None:
    content = xlsx({"A": [["only"], ["words"], ["here"]]})

    assert open_bytes(content).tables == []
    assert open_bytes(content, keep_as="table").tables[0].table.num_rows >= 2
    with pytest.raises(NotATable):
        open_bytes(xlsx({"A": []}), keep_as="table")


def test_the_extension_decides_nothing(open_bytes: Open) -> None:
    content = xlsx({"A": [["n", "m"], [1, 2], [3, 4]]})

    assert open_bytes(content, name="a.csv").tables[0].column("m") == [2, 4]


def test_formulas_count_by_their_values(open_bytes: Open) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("A")
        sheet.write_row(0, 0, ["n", "twice"])
        for n in range(1, 4):
            sheet.write(n, 0, n)
            sheet.write_formula(n, 1, f"=A{n + 1}*2", None, n * 2)

    assert open_bytes(content.getvalue()).tables[0].column("twice") == [2, 4, 6]


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_workbook_that_was_cut_off_is_refused(open_bytes: Open, cut: float) -> None:
    content = xlsx({"A": [["n", "m"], *([n, n] for n in range(2000))]})

    with pytest.raises(Invalid) as refused:
        open_bytes(content[: int(len(content) * cut)])

    assert refused.value.code in ("workbook-damaged", "archive-damaged", "file-damaged")


def test_a_workbook_whose_sheet_is_no_xml_is_refused(open_bytes: Open) -> None:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx({"A": [["n", "m"], [1, 2]]}))) as good,
        zipfile.ZipFile(content, "w") as bad,
    ):
        for name in good.namelist():
            body = good.read(name)
            bad.writestr(name, body[:300] if name.endswith("sheet1.xml") else body)

    with pytest.raises(Invalid) as refused:
        open_bytes(content.getvalue())
    assert refused.value.code == "workbook-damaged"


def test_names_of_sheets_are_labels(open_bytes: Open) -> None:
    rows = [["n", "m"], [1, 2], [3, 4]]
    content = ods({"../../etc/passwd\u202e": rows, "a\tb\nc": rows})

    assert [table.name for table in open_bytes(content).tables] == ["../../etc/passwd", "a b c"]


CELL = st.one_of(
    st.just(""), st.integers(-50, 50).map(str), st.text("ab-. ", max_size=4), st.just("2020-01-05")
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.lists(CELL, max_size=5), max_size=30), st.booleans())
def test_no_row_of_any_grid_is_lost(rows: list[list[str]], insist: bool) -> None:
    """Below the first header every row that is not blank is kept or put aside, and once only."""
    width = max((len(row) for row in rows), default=0)
    full = [row + [""] * (width - len(row)) for row in rows]

    found = tables_in(
        Grid(lambda: iter(full)), path=("A",), name="A", beat=lambda n: None, insist=insist
    )

    taken = 0
    for table in found:
        numbers = []
        for batch in table.rows():
            assert all(len(column) == batch.row_count for column in batch.columns)
            numbers += [*batch.records, *(row.record for row in batch.bad)]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        taken += len(numbers)
    assert taken <= sum(any(cell.strip() for cell in row) for row in full)


def test_binary_workbooks_are_read_like_the_others(open_bytes: Open) -> None:
    opened = open_bytes(
        xlsb(
            {
                "Income": [
                    ["street", "amount", "paid"],
                    ["Elm", 1.5, True],
                    ["Straße Ö", 2, False],
                    ["Ash", None, True],
                ],
                "Spending": [["ward", "cost"], ["North", 1], ["South", 2]],
            }
        ),
        name="budget.csv",
    )

    assert [table.name for table in opened.tables] == ["Income", "Spending"]
    assert opened["Income"].types == ["text", "decimal", "boolean"]
    assert opened["Income"].column("street") == ["Elm", "Straße Ö", "Ash"]
    assert opened["Income"].column("amount") == [1.5, 2.0, None]
    assert opened["Spending"].column("cost") == [1, 2]


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_a_workbook_with_any_bytes_changed_never_ends_the_reader(data: st.DataObject) -> None:
    content = bytearray(FUZZED)
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    _open_or_refuse(bytes(content))


def _open_or_refuse(content: bytes) -> None:
    with suppress(Invalid):  # anything else is a fault of ours
        open_file(io.BytesIO(content), size=len(content), heartbeat=lambda rows: None)


FUZZED = xlsx({"A": [["name", "n"], *([f"row {n}", n / 2] for n in range(60))]})


def test_small_old_workbooks(open_bytes: Open) -> None:
    """Written once by an old writer: there is no well-kept one any more."""
    content = Path(__file__).with_name("small.xls").read_bytes()

    table = open_bytes(content, name="small.csv").tables[0]

    assert (table.name, table.header) == ("Trees", ["street", "planted", "height"])
    assert table.types == ["text", "date", "decimal"]
    assert table.column("planted")[0] == date(2011, 3, 4)


def test_rows_above_and_rows_of_names_are_taken_as_said(open_bytes: Open) -> None:
    rows = [
        ["Wards of May", "checked"],
        ["made", "by hand"],
        [],
        ["ward", "visits"],
        ["name", "count"],
        ["North", 1],
        ["South", 2],
        [],
        ["West", 3],
    ]
    content = xlsx({"A": rows, "B": rows})

    said = open_bytes(content, said=ReadAs(preamble_rows=2, header_rows=2))
    assert [table.name for table in said.tables] == ["A", "B"]
    for table in said.tables:
        assert table.header == ["ward name", "visits count"]
        assert table.column("ward_name") == ["North", "South", "West"]
        assert table.report.preamble == [["Wards of May", "checked"], ["made", "by hand"]]
        assert table.report.understanding.read_as == ReadAs(preamble_rows=2, header_rows=2)
    none = open_bytes(content, said=ReadAs(preamble_rows=0, header_rows=0)).tables[0]
    assert none.header == ["", ""]
    assert none.table.num_rows == 7
    third = open_bytes(content, said=ReadAs(preamble_rows=3, header_rows=1)).tables[0]
    assert third.header == ["name", "count"]
    assert third.column("count") == [1, 2, 3]
    text = open_bytes(content, said=ReadAs(delimiter=";"))
    assert [table.report.understanding.read_as for table in text.tables] == [AS_RECOGNISED] * 2


@given(
    rows=st.lists(
        st.lists(st.sampled_from(["", "ward", "1", "2020-01-01"]), max_size=4), max_size=9
    ),
    said=st.builds(
        ReadAs,
        preamble_rows=st.sampled_from([None, 0, 1, 3, 30]),
        header_rows=st.sampled_from([None, 0, 1, 2, 9]),
    ),
)
@settings(max_examples=examples(200), deadline=None)
def test_whatever_is_said_of_a_sheet_each_row_is_somewhere(
    rows: list[list[str]], said: ReadAs
) -> None:
    grid = Grid(lambda: iter(rows))
    found = tables_in(grid, path=("A",), name="A", beat=lambda n: None, said=said)

    if not found:
        return
    there = sum(any(cell.strip() for cell in row) for row in rows)
    counted = sum(batch.row_count + len(batch.bad) for table in found for batch in table.rows())
    above = sum(len(table.preamble) for table in found)
    assert counted + above <= there
    if said.header_rows is not None and said.preamble_rows is not None and len(found) == 1:
        assert counted == max(0, there - said.preamble_rows - said.header_rows)
