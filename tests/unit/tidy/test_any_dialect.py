"""Random tables, written in random dialects and encodings, come back cell for cell."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simplr_core.tidy.reading import RowReader
from simplr_core.tidy.recognition import recognise

FEW, MANY = 60, 5_000
"""How many tables `make test` and `make prove` write and read back."""

WORDS = {
    "latin": ["Ward", "rue de l'Église", "Straße", "naïve", "piñata", "São Paulo", "5 o'clock"],
    "greek": ["Αθήνα", "Θεσσαλονίκη", "οδός Ερμού", "καλημέρα σας", "Δήμος Πατρέων", "ύδρευση"],
    "plain": ["Ward", "Main Street", "pothole", "graffiti", "street light", "O'Brien", "size 5"],
}
ENCODINGS = {
    "latin": ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1"],
    "greek": ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1253", "iso8859-7"],
    "plain": ["utf-8", "ascii", "utf-16", "utf-32-le", "cp1252"],
}


@dataclass(frozen=True)
class Written:
    """A table, and the bytes that somebody's program made of it."""

    header: list[str]
    rows: list[list[str]]
    content: bytes
    delimiter: str


@st.composite
def written_tables(draw: st.DrawFn) -> Written:
    """A table with a header, a column of whole numbers and one of words, in some dialect."""
    script = draw(st.sampled_from(sorted(WORDS)))
    delimiter = draw(st.sampled_from(",;\t|"))
    quote = draw(st.sampled_from("\"'"))
    words = [w for w in WORDS[script] if quote == '"' or "'" not in w]
    special = [f"one{delimiter} two", f"he said {quote}no{quote}", "two\nlines", "", " "]
    texts = st.sampled_from(words) | st.sampled_from(words) | st.sampled_from(special)
    kinds = ["number", "word", *draw(st.lists(st.sampled_from(["number", "word"]), max_size=4))]
    # Old code pages are told by the letters of a file: it must have some.
    count = draw(st.integers(12, 40))
    rows = [
        [words[n % len(words)] if k == 1 else "" for k in range(len(kinds))] for n in range(count)
    ]
    for row in rows:
        for position, kind in enumerate(kinds):
            if kind == "number":
                row[position] = str(draw(st.integers(0, 9_999)))
            elif position != 1:
                row[position] = draw(texts)
    header = [f"{words[n % len(words)]} {n}" for n in range(len(kinds))]
    text = io.StringIO()
    line_end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(
        text,
        delimiter=delimiter,
        quotechar=quote,
        # Python leaves a line feed bare where lines end with a carriage return: it would end one.
        quoting=csv.QUOTE_ALL if line_end == "\r" else quoting,
        lineterminator=line_end,
    ).writerows([header, *rows])
    encoding = draw(st.sampled_from(ENCODINGS[script]))
    content = text.getvalue().encode(encoding)
    if encoding == "utf-16-le" and draw(st.booleans()):
        content = codecs.BOM_UTF16_LE + content
    return Written(header, rows, content, delimiter)


def check(written: Written) -> None:
    found = recognise(
        io.BytesIO(written.content),
        name="table",
        size=len(written.content),
        keep_as="table",
        heartbeat=lambda rows: None,
    ).understanding
    reader = RowReader(
        io.BytesIO(written.content), found.encoding, found.dialect, careful=found.careful
    )
    rows = [
        list(row)
        for some in reader
        for row in zip(*(column.to_pylist() for column in some.columns), strict=True)
    ]

    assert found.dialect.delimiter == written.delimiter
    assert reader.header == written.header
    assert rows == written.rows
    assert found.counts.quarantined_rows == 0


@settings(max_examples=FEW, suppress_health_check=list(HealthCheck))
@given(written_tables())
def test_a_table_in_any_dialect_and_encoding_comes_back(written: Written) -> None:
    check(written)


@pytest.mark.prove
@settings(max_examples=MANY, suppress_health_check=list(HealthCheck))
@given(written_tables())
def test_five_thousand_tables_in_any_dialect_and_encoding_come_back(written: Written) -> None:
    check(written)
