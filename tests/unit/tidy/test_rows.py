"""Rows: what any writer of delimited files wrote comes back, and what does not fit is named."""

from __future__ import annotations

import codecs
import csv
import io
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.tidy.reading import CarefulNeeded, RowReader
from simplr_core.tidy.understanding import Dialect, Encoding

cells = st.text(
    alphabet=st.sampled_from(string.ascii_letters + string.digits + " .;,|\t\"'\näé€ñЖ漢-"),
    max_size=12,
)


def written(rows: list[list[str]], delimiter: str, line_end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return out.getvalue()


def read(content: bytes, dialect: Dialect, *, careful: bool, encoding: Encoding | None = None):
    """Header, rows, rows put aside; as the product does, carefully where the quick reader asks."""
    try:
        return read_by(content, dialect, careful=careful, encoding=encoding)
    except CarefulNeeded:
        return read_by(content, dialect, careful=True, encoding=encoding)


def read_by(content: bytes, dialect: Dialect, *, careful: bool, encoding: Encoding | None = None):
    reader = RowReader(io.BytesIO(content), encoding or Encoding(), dialect, careful=careful)
    rows: list[tuple[int, list[str]]] = []
    bad: list[tuple[int, str, int, str]] = []
    for some in reader:
        kept = zip(*(column.to_pylist() for column in some.columns), strict=True)
        rows += [(int(n), list(row)) for n, row in zip(some.records, kept, strict=True)]
        bad += [(row.record, row.reason, row.found, row.raw) for row in some.bad]
    return reader.header, rows, bad


tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=20)
)


@settings(max_examples=examples(150), deadline=None)
@given(tables, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_a_csv_writer_wrote_comes_back_cell_for_cell(
    rows: list[list[str]], delimiter: str, line_end: str, careful: bool
) -> None:
    header = [f"h{n}" for n in range(len(rows[0]))]
    content = written([header, *rows], delimiter, line_end).encode()

    got_header, got, bad = read(
        content, Dialect(delimiter=delimiter, width=len(header)), careful=careful
    )

    assert got_header == header
    assert [row for _, row in got] == rows
    assert [n for n, _ in got] == list(range(1, len(rows) + 1))
    assert bad == []


ragged = st.lists(
    st.lists(st.text(alphabet="ab1 \"'\n", max_size=4), min_size=1, max_size=5), max_size=25
)


@settings(max_examples=examples(200), deadline=None)
@given(ragged, st.integers(1, 4))
@example([["a", "b"], ["1"], ["2", "3", "4"], ["5", "6"]], 2)
def test_the_quick_and_the_careful_reader_agree_and_lose_nothing(
    rows: list[list[str]], width: int
) -> None:
    content = ("h" + ",h" * (width - 1) + "\n" + written(rows, ",")).encode()
    dialect = Dialect(delimiter=",", width=width)
    expected = [row for row in csv.reader(io.StringIO(content.decode(), newline="")) if row][1:]

    careful = read(content, dialect, careful=True)
    quick = read(content, dialect, careful=False)

    assert quick[:2] == careful[:2]
    assert [entry[:3] for entry in quick[2]] == [entry[:3] for entry in careful[2]]
    assert len(careful[1]) + len(careful[2]) == len(expected)
    for number, row in careful[1]:
        assert expected[number - 1] == row
    for number, reason, found, _ in careful[2]:
        assert len(expected[number - 1]) == found != width
        assert reason == ("too-few-cells" if found < width else "too-many-cells")


@pytest.mark.parametrize("name", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "cp1252"])
def test_every_encoding_gives_the_same_cells(name: str) -> None:
    text = "naïve;prix\n" + '"dix; huit";18 €\n' * 3
    content = text.encode(name)

    header, rows, bad = read(
        content, Dialect(delimiter=";", width=2), careful=False, encoding=Encoding(name)
    )

    assert header == ["naïve", "prix"]
    assert rows[0] == (1, ["dix; huit", "18 €"])
    assert bad == []


def test_a_row_with_bytes_that_are_no_characters_goes_to_quarantine() -> None:
    content = "a;b\nä;1\n".encode() + b"\xff\xfe;2\n" + "ö;3\n".encode()

    _, rows, bad = read(
        content, Dialect(delimiter=";", width=2), careful=False, encoding=Encoding(exact=False)
    )

    assert rows == [(1, ["ä", "1"]), (3, ["ö", "3"])]
    assert bad == [(2, "undecodable", 2, "\\xff\\xfe;2")]


def test_a_cell_longer_than_a_block_goes_to_the_careful_reader() -> None:
    content = b"a,b\n1," + b'"' + b"x\n" * (5 << 20) + b'"\n2,y\n'
    dialect = Dialect(delimiter=",", width=2)

    with pytest.raises(CarefulNeeded):
        read_by(content, dialect, careful=False)
    _, rows, _ = read(content, dialect, careful=True)

    assert [len(row[1]) for _, row in rows] == [10 << 20, 1]


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(
        st.tuples(
            st.text(alphabet="abcdefgh ", min_size=1, max_size=8).filter(lambda t: t.strip()),
            st.integers(-1000, 1000),
            st.dates(),
        ),
        min_size=8,
        max_size=40,
    ),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_table_in_any_dialect_is_recognised_and_read_back(
    take_in: Callable[..., Any],
    rows: list[tuple[str, int, Any]],
    delimiter: str,
    encoding: str,
    quoting: Any,
) -> None:
    assume(len({word for word, _, _ in rows}) > 1)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting)
    writer.writerow(["Word", "Amount", "Day"])
    writer.writerows(rows)

    taken = take_in(out.getvalue().encode(encoding))

    assert taken.table.num_rows == len(rows)
    assert taken.column("word") == [word.strip() for word, _, _ in rows]
    assert taken.column("amount") == [amount for _, amount, _ in rows]
    assert taken.column("day") == [day for _, _, day in rows]


def test_a_byte_order_mark_is_no_part_of_the_first_name(take_in: Callable[..., Any]) -> None:
    taken = take_in(codecs.BOM_UTF8 + b"id,n\n1,2\n3,4\n")

    assert taken.understanding.schema.names == ("id", "n")
