"""Recognition: the dialect, the header, and that nothing ragged is swallowed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.tidy.dialects import recognise_dialect
from simplr_core.tidy.headers import field_names, recognise_header, snake_case
from simplr_core.tidy.media import media_type_of
from simplr_core.tidy.opening import open_file
from simplr_core.tidy.overrides import OverrideInvalid
from simplr_core.tidy.parquet import ParquetUnreadable
from simplr_core.tidy.recognition import EMPTY, NO_TABLE, NotATable
from simplr_core.tidy.understanding import Confidence, Understanding, UnderstandingInvalid

TakeIn = Callable[..., Any]


@settings(max_examples=examples(100), deadline=None)
@given(
    st.sampled_from(",;\t|"),
    st.lists(st.integers(1, 6), min_size=1, max_size=30),
)
def test_a_ragged_file_is_never_one_column(delimiter: str, widths: list[int]) -> None:
    lines = [delimiter.join(["id", "name", "n"])]
    lines += [delimiter.join(str(n + k) for k in range(width)) for n, width in enumerate(widths)]

    dialect = recognise_dialect("\n".join(lines) + "\n", complete=True)

    assert dialect.delimiter == delimiter
    assert dialect.width > 1


def test_ragged_rows_go_to_quarantine_with_their_text(take_in: TakeIn) -> None:
    taken = take_in(b"id,name,n\n1,a,2\n2,b\n3,c,4,5\n4,d,6\n")

    assert taken.column("id") == ["1", "4"]
    assert [(q["row"], q["reason"], q["raw"]) for q in taken.quarantine] == [
        (2, "too-few-cells", "2,b"),
        (3, "too-many-cells", "3,c,4,5"),
    ]
    assert taken.understanding.dialect.confidence is Confidence.CHECK


@pytest.mark.parametrize(
    ("text", "delimiter", "width", "preamble", "header"),
    [
        ("a,b\n1,2\n", ",", 2, 0, True),
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";", 2, 0, True),
        ("a\tb c\n1\t2, 3\n", "\t", 2, 0, True),
        ("a|b\n1|2\n", "|", 2, 0, True),
        ("1,2\n3,4\n", ",", 2, 0, False),
        ("Report\nof May\n\na,b,c\n1,x,2\n3,y,4\n", ",", 3, 2, True),
        ('a, "b", c\n1, "x, y", 3\n2, "z, w", 4\n', ",", 3, 0, True),
        ("name\nDoe, John\nRoe, Jane\n", "", 1, 0, True),
        ("comment\nIt was good, and long\nBad\nYes; no\n", "", 1, 0, True),
        ("when,what\n12:30,x\n13:45,y\n", ",", 2, 0, True),
        ('size\tnote\n1\t5" pipe\n2\t6" pipe\n3\t"\n', "\t", 2, 0, True),
        ('a,b\n"x\\"y",1\n"z\\"w",2\n', ",", 2, 0, True),
        ("2019,2020,school\n1,2,a\n3,4,b\n", ",", 3, 0, True),
    ],
)
def test_dialects_are_recognised(
    text: str, delimiter: str, width: int, preamble: int, header: bool
) -> None:
    found = recognise_dialect(text, complete=True)

    assert (found.delimiter, found.width) == (delimiter, width)
    assert (found.preamble_rows, found.has_header) == (preamble, header)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Given Name", "given_name"),
        ("GivenName", "given_name"),
        ("ZIP_Code", "zip_code"),
        ("  DBN ", "dbn"),
        ("Straße/Nr.", "strasse_nr"),
        ("Año", "ano"),
        ("2010", "column_2010"),
        ("%", ""),
        ("Όνομα", "ονομα"),
        ("a" * 100, "a" * 60),
    ],
)
def test_names_become_snake_case(source: str, name: str) -> None:
    assert snake_case(source) == name


def test_names_are_distinct_and_none_is_the_row_number() -> None:
    assert field_names(["a", "A", "", "_row", "a_2", "a"], 7) == [
        *("a", "a_2", "column_3", "row", "a_2_2", "a_3", "column_7"),
    ]


def test_a_first_row_like_the_others_is_no_header() -> None:
    has, _, _ = recognise_header([["1", "x"], ["2", "y"], ["3", "x"]])

    assert not has


def test_a_file_without_rows_keeps_its_fields(take_in: TakeIn) -> None:
    taken = take_in(b"id,name\n")

    assert taken.table.num_rows == 0
    assert taken.understanding.schema.names == ("id", "name")


def test_a_file_without_header_gets_numbered_names(take_in: TakeIn) -> None:
    taken = take_in(b"1,2.5\n3,4.5\n5,6.5\n")

    assert taken.understanding.schema.names == ("column_1", "column_2")
    assert taken.column("column_1") == [1, 3, 5]


def test_prose_is_a_file_and_not_a_table(take_in: TakeIn) -> None:
    report = take_in_report(
        b"Dear all,\nplease find the minutes below, as agreed.\n", "minutes.txt"
    )

    assert report.understanding.kind == "file"


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", b'{"a": 1}', b"PK\x03\x04", b"\0\1\2\3" * 99],
)
def test_what_is_no_table_is_kept_as_a_file_whatever_its_name(content: bytes) -> None:
    kept = take_in_report(content, "table.csv").understanding
    assert kept.kind == "file"
    assert kept.notes == (NO_TABLE if content else EMPTY,)
    assert take_in_report(content, "picture.png").understanding.notes == ()
    with pytest.raises(NotATable):
        take_in_report(content, "table.csv", keep_as="table") if content[:1] != b"{" else _refuse()


def _refuse() -> None:
    raise NotATable


def take_in_report(content: bytes, name: str, **options: Any) -> Any:
    from simplr_core.tidy.recognition import recognise

    return recognise(
        io.BytesIO(content), name=name, size=len(content), heartbeat=lambda n: None, **options
    )


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<svg xmlns=''>", "image/svg+xml"),
        (b"<?xml version='1.0'?><svg>", "image/svg+xml"),
        (b"<!DOCTYPE html>", "text/html"),
        (b"a,b\n1,2\n", "text/plain"),
        (b"MZ\x90\0\3\0\0\0", "application/octet-stream"),
    ],
)
def test_the_media_type_is_read_from_the_bytes(head: bytes, media_type: str) -> None:
    assert media_type_of(head) == media_type


def test_a_western_code_page_is_recognised(take_in: TakeIn) -> None:
    rows = "".join(f"Café n°{n};Orléans;été {n}\n" for n in range(50))
    taken = take_in(("nom;ville;saison\n" + rows).encode("cp1252"))

    assert taken.understanding.encoding.name == "cp1252"
    assert taken.column("nom")[7] == "Café n°7"


def test_one_broken_row_among_utf8_is_quarantined_and_the_rest_is_read(take_in: TakeIn) -> None:
    good = "".join(f"{n};Müller {n}\n" for n in range(100)).encode()

    taken = take_in(b"nr;wer\n" + good + b"100;M\xfcller\n" + good)

    assert taken.table.num_rows == 200
    assert [(q["row"], q["reason"]) for q in taken.quarantine] == [(101, "undecodable")]


def test_parquet_keeps_its_own_types(take_in: TakeIn) -> None:
    table = pa.table(
        {
            "Given Name": pa.array(["Ada", None, "Bo"]).dictionary_encode(),
            "n": pa.array([1, 2, None], pa.int16()),
            "huge": pa.array([1, 2**63, 3], pa.uint64()),
            "x": pa.array([0.5, float("nan"), float("inf")]),
            "at": pa.array([0, 1, None], pa.timestamp("ms", tz="Europe/Vienna")),
            "local": pa.array([0, 1, 2], pa.timestamp("ns")),
            "ok": [True, None, False],
            "many": pa.array([[1], None, [2, 3]]),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)

    taken = take_in(out.getvalue(), name="a.bin")

    assert [f.type.value for f in taken.understanding.schema] == [
        *("category", "integer", "integer", "decimal", "datetime", "datetime", "boolean", "text"),
    ]
    assert taken.table.schema.field("at").type == pa.timestamp("us", tz="UTC")
    assert taken.column("given_name") == ["Ada", None, "Bo"]
    assert taken.column("many") == ["[1]", None, "[2, 3]"]
    assert [(q["row"], q["field"], q["reason"]) for q in taken.quarantine] == [
        (2, "huge", "not-representable"),
        (3, "x", "not-representable"),
    ]


def test_a_broken_parquet_file_is_refused() -> None:
    with pytest.raises(ParquetUnreadable):
        take_in_report(b"PAR1" + b"\0" * 100 + b"PAR1", "a.parquet")


def test_overrides_change_types_names_and_marks(take_in: TakeIn) -> None:
    content = b"Nr,Day,Code\n" + b"".join(
        b"%d,%02d/02/2020,x%d\n" % (n, n, n) for n in range(1, 13)
    )

    taken = take_in(
        content,
        overrides=[
            {"name": "nr", "type": "text", "new_name": "Number", "personal": "personal"},
            {"name": "day", "format": "%d/%m/%Y"},
            {"name": "code", "type": "integer"},
        ],
    )

    assert taken.column("number")[:2] == ["1", "2"]
    assert [day.isoformat() for day in taken.column("day")[:2]] == ["2020-02-01", "2020-02-02"]
    assert taken.column("code") == [None] * 12
    assert [(q["field"], q["reason"], q["raw"]) for q in taken.quarantine[:1]] == [
        ("code", "not-integer", "x1")
    ]
    assert taken.understanding.schema["number"].personal == "personal"


@pytest.mark.parametrize(
    "override",
    [
        {"name": "nobody"},
        {"name": "a", "colour": "red"},
        {"name": "a", "type": "number"},
        {"name": "a", "personal": "very"},
        {"new_name": "b"},
    ],
)
def test_an_override_that_makes_no_sense_is_refused(
    take_in: TakeIn, override: dict[str, str]
) -> None:
    with pytest.raises(OverrideInvalid):
        take_in(b"a,b\n1,2\n", overrides=[override])


def test_json_that_is_no_understanding_is_refused() -> None:
    with pytest.raises(UnderstandingInvalid):
        Understanding.from_json({"kind": "table"})


def test_no_evidence_holds_a_value(take_in: TakeIn) -> None:
    rows = "".join(f"canary{n},{n},CANARY\n" for n in range(60))
    report = take_in(("name,n,flag\n" + rows + "canary,x,CANARY\n").encode()).report

    said = " ".join(
        f"{f.evidence} {f.personal_evidence}" for f in report.understanding.fields
    ) + str(report.understanding.to_json())
    assert "canary" not in said.casefold()
    assert "canary1" in str(report.values_to_json())


def test_notes_below_the_table_are_put_aside_with_their_text(take_in: TakeIn) -> None:
    rows = "".join(f"{n},school {n},{n * 3}\n" for n in range(20))
    notes = ",,\nSource: office of statistics of the city,,\n"

    taken = take_in(f"n,name,pupils\n{rows}{notes}".encode())

    assert taken.table.num_rows == 20
    assert [q["reason"] for q in taken.quarantine] == ["below-the-table"] * 2
    assert taken.quarantine[1]["raw"] == "Source: office of statistics of the city,,"
    assert taken.type_of("n") == "integer"


@pytest.mark.parametrize("last", [",0 a,", "Total,,", "12,,", ",,a note that is in the last cell"])
def test_a_sparse_last_row_is_no_note(take_in: TakeIn, last: str) -> None:
    rows = "".join(f"{n},school {n},{n * 3}\n" for n in range(20))

    taken = take_in(f"n,name,pupils\n{rows}{last}\n".encode())

    assert taken.understanding.counts.kept == 21


def test_comments_and_repeated_headers_are_put_aside(take_in: TakeIn) -> None:
    taken = take_in(
        b"n,name,x\n1,a,2\n# left out, as said, in May\n3,b,4\nn,name,x\n5,c,6\n7,d,8\n"
    )

    assert taken.column("x") == [2, 4, 6, 8]
    assert [(q["row"], q["reason"]) for q in taken.quarantine] == [
        (2, "comment"),
        (4, "header-again"),
    ]


def test_rows_that_all_end_before_the_header_are_filled(take_in: TakeIn) -> None:
    taken = take_in(b"day;a;b;note\n" + b"".join(b"%d;1;2\n" % n for n in range(30)))

    assert taken.column("note") == [None] * 30
    assert taken.quarantine == []
    assert "filled with empty cells" in taken.understanding.dialect.evidence


def test_a_heading_with_bytes_that_are_no_characters_can_be_kept() -> None:
    """The bytes stand there by their numbers: half a character could neither be sent nor stored."""
    content = b'name,n,O\xff\xff\xff\xff,\n\xc3\x84sh,x,"two'

    found = open_file(
        io.BytesIO(content),
        name="trees.csv",
        size=len(content),
        keep_as="table",
        heartbeat=lambda *_: None,
    )

    json.dumps([found.to_json(), found.values_to_json()], ensure_ascii=False).encode()
    names = [field["source_name"] for field in found.to_json()["fields"]]
    assert names[2] == r"O\xff\xff\xff\xff"
