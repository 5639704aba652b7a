"""A text that is read as a person says: what is said is so, the rest is recognised."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.unit.tidy.conftest import Taken

from simplr_core.tidy.encoding_names import ENCODINGS, encoding_named
from simplr_core.tidy.plans import plan_keep
from simplr_core.tidy.read_as import AS_RECOGNISED, ReadAs, ReadAsInvalid
from simplr_core.tidy.recipe.document import read_recipe, write_recipe
from simplr_core.tidy.recipe.fitting import RecipeUnfit, fit
from simplr_core.tidy.recipe.proposing import read_as_of, recipe_of
from simplr_core.tidy.recipe.steps import Kind, RecipeInvalid
from simplr_core.tidy.recognition import NotATable, recognise
from simplr_core.tidy.tables import read_table
from simplr_core.tidy.understanding import Confidence, Understanding

TakeIn = Callable[..., Taken]
WARDS = b"ward;visits\nWest;1,5\nOst;2,5\nNord;3,5\n"
NOTES = b"Report of May\nmade by hand\n\nward,visits\nname,count\nWest,1\nOst,2\nNord,3\nSued,4\n"


@pytest.mark.parametrize(
    ("said", "names", "first"),
    [
        ({}, ["ward", "visits"], ["West", "1.5"]),
        ({"delimiter": ","}, ["ward_visits", "column_2"], ["West;1", "5"]),
        ({"delimiter": ",", "header_rows": 0}, ["column_1", "column_2"], ["West;1", "5"]),
        ({"delimiter": ""}, ["ward_visits"], ["West;1,5"]),
        ({"header_rows": 0}, ["column_1", "column_2"], ["ward", "visits"]),
        ({"header_rows": 2}, ["ward_west", "visits_1_5"], ["Ost", "2.5"]),
        ({"preamble_rows": 1}, None, None),
    ],
)
def test_what_is_said_is_so(
    take_in: TakeIn, said: dict[str, Any], names: list[str] | None, first: list[str] | None
) -> None:
    taken = take_in(WARDS, said=ReadAs.from_json(said))

    assert taken.understanding.read_as.to_json() == said
    assert taken.understanding.misfits == ()
    if names is not None:
        assert list(taken.understanding.schema.names) == names
    if said.get("preamble_rows"):
        assert taken.report.preamble == [["ward", "visits"]]
        assert taken.understanding.counts.rows_in in (2, 3)
    if first is not None and taken.table.num_rows:
        assert [str(cell) for cell in taken.table.slice(0, 1).to_pylist()[0].values()] == first


def test_rows_above_and_rows_of_names_are_taken_as_said(take_in: TakeIn) -> None:
    by_itself = take_in(NOTES)
    assert by_itself.understanding.dialect.preamble_rows == 2

    two = take_in(NOTES, said=ReadAs(header_rows=2))
    assert list(two.understanding.schema.names) == ["ward_name", "visits_count"]
    assert two.column("visits_count") == [1, 2, 3, 4]

    below = take_in(NOTES, said=ReadAs(preamble_rows=3, header_rows=1))
    assert list(below.understanding.schema.names) == ["name", "count"]
    assert below.understanding.dialect.confidence is Confidence.CERTAIN
    assert "A person said so." in below.understanding.dialect.evidence


def test_an_encoding_that_is_said_is_read_and_its_broken_rows_put_aside(take_in: TakeIn) -> None:
    greek = "ward,visits\nΑθήνα,1\nΠάτρα,2\n".encode("cp1253")
    assert take_in(greek, said=ReadAs(encoding="cp1253")).column("ward") == ["Αθήνα", "Πάτρα"]
    assert take_in(greek, said=ReadAs(encoding="cp1250")).column("ward") != ["Αθήνα", "Πάτρα"]

    broken = b"ward,visits\nWest,1\nO\x81st,2\nNord,3\n"  # 0x81 is nothing in cp1252
    taken = take_in(broken, said=ReadAs(encoding="cp1252"))
    assert taken.column("ward") == ["West", "Nord"]
    assert len(taken.quarantine) == 1
    assert taken.understanding.encoding.name == "cp1252"


def test_a_mark_says_the_order_of_bytes_better(take_in: TakeIn) -> None:
    content = b"\xfe\xff" + "ward,visits\nWest,1\nOst,2\n".encode("utf-16-be")

    taken = take_in(content, said=ReadAs.from_json({"encoding": "UTF-16"}))

    assert taken.column("ward") == ["West", "Ost"]


def test_what_the_bytes_cannot_be_is_said_and_not_done(take_in: TakeIn) -> None:
    taken = take_in(WARDS[:-1], said=ReadAs(encoding="utf-32-le", delimiter=";"))

    assert taken.understanding.encoding.name == "utf-8"
    assert [m.code for m in taken.understanding.misfits] == ["read-otherwise"]
    assert taken.understanding.read_as == ReadAs(delimiter=";")


def test_a_text_that_nobody_called_a_table_is_one_when_somebody_says_how(take_in: TakeIn) -> None:
    notes = b"West 1/Ost 2\nNord 3/Sued 4\n"
    assert recognise(io.BytesIO(notes), name="a.txt", size=len(notes), heartbeat=lambda n: None)
    taken = take_in(notes, name="a.txt", said=ReadAs(delimiter="/", header_rows=0))

    assert taken.table.num_columns == 2
    with pytest.raises(NotATable):
        take_in(b"\0\1\2\3", name="a.bin", said=ReadAs(delimiter="/"))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"encoding": "rot13"}, "encoding"),
        ({"encoding": "utf-7"}, "encoding"),
        ({"encoding": 8}, "encoding"),
        ({"encoding": "x" * 40 + "\0"}, "encoding"),
        ({"delimiter": "\n"}, "delimiter"),
        ({"delimiter": '"'}, "delimiter"),
        ({"delimiter": "x" * 11}, "delimiter"),
        ({"quote": "''"}, "quote"),
        ({"header_rows": -1}, "header_rows"),
        ({"header_rows": True}, "header_rows"),
        ({"header_rows": "2"}, "header_rows"),
        ({"preamble_rows": 10**9}, "preamble_rows"),
        ({"columns": ["1"]}, "columns"),
    ],
)
def test_what_cannot_be_said(said: dict[str, Any], field: str) -> None:
    with pytest.raises(ReadAsInvalid) as refused:
        ReadAs.from_json(said)

    assert refused.value.details["field"] == field


def test_encodings_go_by_any_of_their_names() -> None:
    assert encoding_named("Windows-1252") == "cp1252"
    assert encoding_named("ISO-8859-1") == encoding_named("latin1") == "latin-1"
    assert all(encoding_named(name) == name for name in ENCODINGS)
    assert all(b"a,1\n".decode("ascii").encode(name) for name in ENCODINGS)


def understood(content: bytes, said: ReadAs = AS_RECOGNISED) -> Understanding:
    found = recognise(
        io.BytesIO(content), name="a.csv", size=len(content), said=said, heartbeat=lambda n: None
    )
    return found.understanding


def test_a_recipe_says_what_a_person_said_and_is_followed_where_it_is_so() -> None:
    said = ReadAs(delimiter=",", quote="", preamble_rows=0, header_rows=0, encoding="latin-1")
    recipe = read_recipe(write_recipe(recipe_of(understood(WARDS, said))))
    (read,) = (step for step in recipe.steps if step.kind is Kind.READ)

    assert set(read.arguments["said"]) == set(said.said)
    assert read_as_of(recipe) == said
    assert fit(recipe, understood(WARDS, read_as_of(recipe))).misfits == ()
    with pytest.raises(RecipeUnfit, match="Have it read as the recipe says") as refused:
        fit(recipe, understood(WARDS))
    assert refused.value.details["misfits"][0]["code"] == "not-read-as-said"
    skipped = fit(recipe, understood(WARDS), skip_unfit=True)
    assert "not-read-as-said" in [misfit.code for misfit in skipped.misfits]


def test_what_only_was_recognised_binds_no_other_file() -> None:
    recipe = recipe_of(understood(b"Report of May\nby hand\n" + WARDS))
    assert not read_as_of(recipe)

    (misfit,) = (m for m in fit(recipe, understood(WARDS)).misfits if m.step == 1)

    assert misfit.code == "read-otherwise"
    assert "said: [preamble_rows]" in misfit.text
    assert not misfit.is_fatal


@pytest.mark.parametrize(
    ("read", "why"),
    [
        ("{kind: read, said: [delimiter], delimiter: 'xxxxxxxxxxxx'}", "at most 10"),
        ("{kind: read, said: [sheet], delimiter: ','}", "sheet is nothing"),
        ("{kind: read, said: [encoding], encoding: rot13}", "no encoding"),
    ],
)
def test_a_recipe_that_says_what_cannot_be_names_its_line(read: str, why: str) -> None:
    recipe = f"version: 1\nsteps:\n- {read}\n"
    plain = understood(WARDS).to_json()

    with pytest.raises(RecipeInvalid, match=why) as refused:
        plan_keep(plain, {"recipe": recipe})
    assert refused.value.details["line"] == 3


TEXTS = st.text(st.sampled_from("ab1;,\t|\"' \né\n"), max_size=80)
SAID = st.builds(
    ReadAs,
    encoding=st.sampled_from([None, "utf-8", "cp1252", "shift_jis", "utf-16-le"]),
    delimiter=st.sampled_from([None, ",", ";", "", "||", " ", "é"]),
    quote=st.sampled_from([None, '"', "'", ""]),
    preamble_rows=st.sampled_from([None, 0, 1, 30]),
    header_rows=st.sampled_from([None, 0, 1, 3]),
)


@given(text=TEXTS, said=SAID, encoding=st.sampled_from(["utf-8", "cp1252", "utf-16"]))
@settings(max_examples=examples(150), deadline=None)
def test_whatever_is_said_every_row_is_kept_or_put_aside(
    text: str, said: ReadAs, encoding: str
) -> None:
    content = text.encode(encoding, "replace")
    try:
        found = understood(content, said)
    except NotATable:
        return
    if found.kind == "file":
        return
    again = Understanding.from_json(found.to_json())
    assert replace(again, steps=found.steps) == found
    counted = 0
    for rows in read_table(io.BytesIO(content), again):
        counted += rows.batch.num_rows + rows.bad_row_count
    assert counted == found.counts.rows_in
    left = found.read_as
    dialect = found.dialect
    if left.delimiter is not None:
        assert dialect.delimiter == left.delimiter
    if left.quote is not None and not dialect.cuts:
        assert dialect.quote == left.quote
    if left.header_rows is not None:
        assert (dialect.header_rows if dialect.has_header else 0) == left.header_rows
    if left.preamble_rows is not None:
        assert dialect.preamble_rows == left.preamble_rows
