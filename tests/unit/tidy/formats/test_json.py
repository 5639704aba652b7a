"""JSON and NDJSON: flattened records, lists as tables, GeoJSON; and hostile ones."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from simplr_core.errors import Invalid
from simplr_core.tidy.opening import open_file

Open = Callable[..., Any]

PEOPLE = [
    {"name": "Ada", "home": {"city": "Bath", "zip": "01234"}, "tags": ["a", "b"], "trees": 3},
    {"name": "Bob", "home": {"city": "Wells"}, "tags": [], "trees": None, "alive": True},
    {"name": "Cyd", "tags": ["c"], "trees": 5, "alive": False},
]


def lines(records: list[Any]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(PEOPLE).encode(),
        json.dumps(PEOPLE, indent=2).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(PEOPLE).encode(),
        lines(PEOPLE),
        lines(PEOPLE).decode().encode("utf-32"),
    ],
    ids=["array", "pretty utf-16", "with a mark", "lines", "lines utf-32"],
)
def test_objects_are_flattened_and_lists_are_tables(open_bytes: Open, content: bytes) -> None:
    opened = open_bytes(content, name="wrong.csv")

    people, tags = opened.tables
    assert people.header == [
        *("row_key", "name", "home.city", "home.zip", "trees", "alive"),
    ]
    assert people.column("home_zip") == ["01234", None, None]
    assert people.column("trees") == [3, None, 5]
    assert (tags.name, tags.header) == ("tags", ["parent_row_key", "value"])
    assert list(zip(tags.column("parent_row_key"), tags.column("value"), strict=True)) == [
        ("1", "a"),
        ("1", "b"),
        ("3", "c"),
    ]
    assert people.column("row_key") == ["1", "2", "3"]


def test_a_line_that_is_no_json_goes_to_quarantine(open_bytes: Open) -> None:
    content = lines(PEOPLE) + b'{"name": "cut off\n' + lines([{"name": "Eve"}])

    people = open_bytes(content)[""]

    assert people.column("name") == ["Ada", "Bob", "Cyd", "Eve"]
    assert [(q["row"], q["reason"], q["raw"]) for q in people.aside] == [
        (4, "not-json", '{"name": "cut off')
    ]


def test_lists_of_lists_have_a_heading_or_none(open_bytes: Open) -> None:
    named = open_bytes(b'[["n", "street"], [1, "Elm"], [2, "Oak"]]')[""]
    bare = open_bytes(b'{"meta": {"rows": 2}, "data": [[1, "Elm"], [2, "Oak", true]]}')["data"]

    assert (named.header, named.table.num_rows) == (["n", "street"], 2)
    assert (bare.header, bare.table.num_rows) == (["", "", ""], 2)
    assert bare.column("column_3") == [None, "true"]


def test_features_have_their_properties_as_fields_and_a_geometry(open_bytes: Open) -> None:
    def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    features = [
        feature({"type": "Point", "coordinates": [1.5, 2]}, name="Elm", tall=3),
        feature({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, name="Oak"),
        feature({"type": "Polygon", "coordinates": [[[0, 0, 5], [1, 0, 5], [0, 0, 5]]]}),
        feature({"type": "MultiPoint", "coordinates": []}),
        feature({"type": "Odd", "coordinates": ["x"]}),
        feature(None),
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()

    [table] = open_bytes(content, name="trees.geojson").tables

    assert table.header == ["name", "tall", "geometry"]
    assert table.column("geometry") == [
        "POINT (1.5 2)",
        "LINESTRING (0 0, 1 1)",
        "POLYGON Z ((0 0 5, 1 0 5, 0 0 5))",
        "MULTIPOINT EMPTY",
        '{"type": "Odd", "coordinates": ["x"]}',
        None,
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'[{"a": 1}, {"a": ', "json-damaged"),
        (b'[{"a": 1}, {"a": 2},, {"a": 3}]', "json-damaged"),
        (b"[" * 100_000 + b"]" * 100_000, "nested-too-deeply"),
        (b'[{"a":' * 50_000 + b"1" + b"}]" * 50_000, "nested-too-deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested-too-deeply"),
        (json.dumps([{f"c{n}": n for n in range(3_000)}]).encode(), "too-many-fields"),
        (json.dumps({f"t{n}": [{"a": n}] for n in range(300)}).encode(), "too-many-tables"),
        (b'[{"a": ' + b"9" * 10_000 + b"}]", "json-damaged"),
    ],
    ids=["cut", "mistake", "lists", "both", "objects", "wide", "many", "long number"],
)
def test_json_that_cannot_be_read_is_refused_with_its_reason(
    open_bytes: Open, content: bytes, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        open_bytes(content, name="a.json")

    assert refused.value.code == code


@pytest.mark.parametrize("content", [b"{not json}\nat all\n", b"[a] b\n[c] d\n", b"{{ name }}\n"])
def test_what_only_looks_like_json_is_text(open_bytes: Open, content: bytes) -> None:
    assert open_bytes(content, name="a.txt").report.media_type.startswith("text/")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("ab.", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES), min_size=1))
def test_each_record_of_any_json_is_one_row(records: list[dict[str, Any]]) -> None:
    content = json.dumps(records, allow_nan=False, default=str).encode() if _plain(records) else b""
    if not content:
        return

    with suppress(Invalid):
        report = open_file(io.BytesIO(content), size=len(content), heartbeat=lambda rows: None)
        roots = [t.understanding for t in report.tables if t.understanding.path == ("",)]
        assert all(root.counts.rows_in == len(records) for root in roots)


def _plain(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_json_with_any_bytes_changed_never_ends_the_reader(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([json.dumps(PEOPLE).encode(), lines(PEOPLE)])))
    for _ in range(data.draw(st.integers(1, 10))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    with suppress(Invalid):  # anything else is a fault of ours
        open_file(io.BytesIO(content), size=len(content), heartbeat=lambda rows: None)
