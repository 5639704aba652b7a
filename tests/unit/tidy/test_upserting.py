"""Rows of a file in the places of those with the same key: against the same done by hand."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.unit.tidy.renewing import Made, first, renewed

from simplr_core.tidy.plans import KeyUnknown

WHOLE = {"name": "n", "type": "integer"}
TEXT = {"name": "key", "type": "text"}
SCHEMA = (TEXT, WHOLE)

keys = st.one_of(st.just(""), st.sampled_from(["a", "b", "c", "d", "e"]))
cells = st.one_of(st.integers(0, 9).map(str), st.sampled_from(["", "many"]))
tables = st.lists(st.tuples(keys, cells), max_size=9)


def written(rows: list[tuple[str, str]], *, broken_after: int | None = None) -> str:
    """A file with two rows that are always read the same way, and perhaps one that is no row."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["key", "n", "rest"])
    for at, row in enumerate([*rows]):
        lines.writerow([*row, "x"])
        if at == broken_after:
            out.write("broken\n")
    lines.writerow(["zz-last", "1", "x"])
    return out.getvalue()


def as_kept(rows: list[tuple[str, str]]) -> list[tuple[str | None, int | None]]:
    found = [(key or None, int(n) if n.isdigit() else None) for key, n in rows]
    return [*found, ("zz-last", 1)]


def by_hand(before: list[Any], after: list[Any]) -> tuple[list[Any], Counter[str]]:
    """The rows that there must be, and how many are put aside for which reason."""
    there, coming = Counter(row[0] for row in before), Counter(row[0] for row in after)
    rows, reasons = list(before), Counter[str]()
    for row in after:
        if row[0] is None:
            reasons["key-missing"] += 1
        elif coming[row[0]] > 1:
            reasons["key-twice"] += 1
        elif there[row[0]] > 1:
            reasons["key-ambiguous"] += 1
        elif there[row[0]] == 1:
            rows[[old[0] for old in before].index(row[0])] = row
        else:
            rows.append(row)
    return rows, reasons


def rows_of(made: Made) -> list[Any]:
    return [(row["key"], row["n"]) for row in made.rows]


@settings(max_examples=examples(80))
@given(
    tables,
    tables,
    st.integers(0, 9),
    st.sampled_from([8_000_000, 3]),
    st.sampled_from([9, 1 << 27]),
)
def test_rows_are_replaced_in_their_places_and_new_ones_stand_behind(
    before: list[Any], after: list[Any], broken: int, most_keys: int, most_bytes: int
) -> None:
    module: Any = sys.modules["simplr_core.tidy.jobs.upsert"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_KEYS", most_keys)
        patch.setattr(module, "MOST_BYTES", most_bytes)
        old = first(written(before, broken_after=broken), *SCHEMA)
        new = renewed(
            old, written(after, broken_after=broken), *SCHEMA, mode="upsert", key=("key",)
        )

    expected, reasons = by_hand(as_kept(before), as_kept(after))
    assert rows_of(new) == expected
    assert Counter(entry[3] for entry in new.aside if entry[3].startswith("key-")) == reasons
    counts = new.result["counts"]
    assert counts["in"] == counts["kept"] + counts["quarantined_rows"]
    file, changes = new.result["file"], new.result["changes"]
    assert file["in"] == len(after) + 1 + (broken < len(after))
    assert file["kept"] == changes["added"] + changes["replaced"]
    assert rows_of(old) == as_kept(before)


@settings(max_examples=examples(40))
@given(tables, tables)
def test_every_row_of_the_whole_has_a_number_of_its_own(
    before: list[Any], after: list[Any]
) -> None:
    old = first(written(before, broken_after=0), *SCHEMA)
    new = renewed(old, written(after, broken_after=1), *SCHEMA, mode="upsert", key=("key",))

    whole = [entry[0] for entry in new.aside if entry[2] is None]
    of_cells = {entry[1]: entry[0] for entry in new.aside if entry[2] is not None}
    assert len(set(whole)) == len(whole)
    assert not set(whole) & set(of_cells.values())
    assert all(1 <= number <= new.result["counts"]["in"] for number in [*whole, *of_cells.values()])
    for kept_row in of_cells:
        assert rows_of(new)[kept_row][1] is None


def test_what_was_put_aside_of_a_replaced_row_goes_and_all_else_stays() -> None:
    old = first("key,n,rest\na,many,x\nb,few,x\nbroken\nc,3,x\n", *SCHEMA)
    new = renewed(old, "key,n,rest\na,1,x\nd,some,x\ne,5,x\n", *SCHEMA, mode="upsert", key=("key",))

    assert rows_of(new) == [("a", 1), ("b", None), ("c", 3), ("d", None), ("e", 5)]
    assert new.aside == [
        (2, 1, "n", "not-integer", "few"),
        (3, None, None, "too-few-cells", "broken"),
        (5, 3, "n", "not-integer", "some"),
    ]
    assert new.counts == (6, 5, 1, 2)
    assert new.result["changes"] == {"added": 2, "replaced": 1}


def test_a_row_that_is_put_aside_keeps_the_texts_of_its_cells() -> None:
    old = first("key,n,rest\na,1,x\nb,2,x\n", *SCHEMA)
    new = renewed(
        old, 'key,n,rest\n,"lots, really",x\nc,3,y\n', *SCHEMA, mode="upsert", key=("key",)
    )

    assert new.aside == [(3, None, None, "key-missing", ',"lots, really",x')]


def test_a_key_of_several_fields_is_all_of_them_together() -> None:
    content = "a,b,n\n1,x,1\n1,y,2\n2,x,3\n"
    new = renewed(first(content), "b,a,n\ny,1,9\nz,1,8\n", mode="upsert", key=("a", "b"))

    assert [tuple(row.values()) for row in new.rows] == [
        (1, "x", 1),
        (1, "y", 9),
        (2, "x", 3),
        (1, "z", 8),
    ]


def test_a_field_that_the_file_lacks_is_missing_in_the_rows_it_brings() -> None:
    new = renewed(first("k,a,b\n1,x,p\n2,y,q\n"), "k,b\n2,r\n3,s\n", mode="upsert", key=("k",))

    assert [tuple(row.values()) for row in new.rows] == [
        (1, "x", "p"),
        (2, None, "r"),
        (3, None, "s"),
    ]


def test_a_key_of_another_type_still_means_the_same_row() -> None:
    new = renewed(first("k,a\n1.5,x\n2.0,y\n"), "k,a\n2,z\n3,w\n", mode="upsert", key=("k",))

    assert [tuple(row.values()) for row in new.rows] == [(1.5, "x"), (2.0, "z"), (3.0, "w")]


@pytest.mark.parametrize("key", [(), ("nowhere",), ("a",)])
def test_a_key_that_one_of_them_lacks_is_refused(key: tuple[str, ...]) -> None:
    with pytest.raises(KeyUnknown):
        renewed(first("k,a\n1,x\n2,y\n"), "k,b\n2,z\n3,w\n", mode="upsert", key=key, widen=True)


def test_versions_of_versions_of_versions_lose_nothing() -> None:
    made = first("k,n,rest\n1,1,x\nbroken\n2,two,x\n", {"name": "n", "type": "integer"})
    for at in range(3):
        content = f"k,n,rest\n2,{at},x\n{at + 10},ten,x\nbroken\n"
        made = renewed(made, content, {"name": "n", "type": "integer"}, mode="upsert", key=("k",))
        made = renewed(made, f"k,n,rest\n{at + 20},7,x\nbroken\n{at + 30},8,x\n")

    counts = made.result["counts"]
    assert counts["in"] == counts["kept"] + counts["quarantined_rows"]
    assert counts["kept"] == 2 + 3 * 3
    assert counts["quarantined_rows"] == 1 + 3 * 2
    assert counts["quarantined_cells"] == 3
    numbers = [entry[0] for entry in made.aside]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) <= counts["in"]
