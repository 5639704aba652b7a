"""The same facts always give the same bytes, and nothing else does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.ledger import canonical_entry, read_entry
from simplr_core.ledger.entries import EntryNotCanonical

text = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
entries = st.builds(
    lambda fields, seq: {**fields, "seq": seq},
    st.dictionaries(text, values, max_size=4),
    st.integers(0, 10**9),
)


@given(entries)
def test_an_entry_is_one_line_that_reads_back(fields: dict[str, object]) -> None:
    line = canonical_entry(fields)
    assert b"\n" not in line
    assert read_entry(line) == json.loads(line) == fields
    assert canonical_entry(dict(reversed(fields.items()))) == line


def test_the_bytes_of_an_entry_are_frozen() -> None:
    fields = {"seq": 7, "wer": "Zoë\n\u2028", "b": [1, None, True], "a": {"y": -1, "x": ""}}
    assert canonical_entry(fields) == (
        '{"a":{"x":"","y":-1},"b":[1,null,true],"seq":7,"wer":"Zoë\\n\u2028"}'.encode()
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"seq": -1},
        {"seq": True},
        {"seq": "1"},
        {"seq": 0, "x": 1.0},
        {"seq": 0, "x": float("nan")},
        {"seq": 0, "x": 2**53},
        {"seq": 0, "x": b"bytes"},
        {"seq": 0, "x": {1: 2}},
        {"seq": 0, "x": "\ud800"},
        {"seq": 0, "x": {1, 2}},
    ],
)
def test_what_programs_write_differently_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(EntryNotCanonical):
        canonical_entry(fields)


def test_a_bottomless_entry_is_refused() -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(EntryNotCanonical):
        canonical_entry({"seq": 0, "deep": deep})
    with pytest.raises(EntryNotCanonical):
        read_entry(b"[" * 10**5)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b'{"seq":0 }',
        b'{"seq":0,"a":1}',
        b'{"a":1,"a":1,"seq":0}',
        b'{"a":"\\u0041","seq":0}',
        b'{"seq":0}\n',
        b'{"seq":0.0}',
        b'{"seq":0,"x":NaN}',
        b"\xff",
    ],
)
def test_another_way_of_writing_the_same_is_not_canonical(line: bytes) -> None:
    with pytest.raises(EntryNotCanonical):
        read_entry(line)
