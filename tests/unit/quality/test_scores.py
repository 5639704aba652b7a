"""The score follows its published formula, and never says more than was counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simplr_core.quality import Dimension, FieldCounts, Score, TableCounts, score

TABLE = TableCounts(rows_in=100, kept=90)
KEY = FieldCounts("id", missing=0, quarantined=0, distinct=81, is_key=True)
NOTE = FieldCounts("note", missing=30, quarantined=9, inconsistent=6, is_text=True)


def points(found: Score) -> dict[Dimension, float | None]:
    return {part.dimension: part.points for part in found.parts}


def test_the_parts_of_a_small_table_by_hand() -> None:
    found = score(TABLE, [KEY, NOTE])

    # completeness 1-(30-9)/180; validity 1-(10+10+9)/200; uniqueness 81/90; consistency 54/60
    assert points(found) == {
        Dimension.COMPLETENESS: 88.3,
        Dimension.VALIDITY: 85.5,
        Dimension.UNIQUENESS: 90.0,
        Dimension.CONSISTENCY: 90.0,
        Dimension.TIMELINESS: None,
    }
    assert found.points == 88.4
    assert [(c.field, c.amiss, c.of) for c in found.parts[1].costs] == [
        ("note", 19, 100),
        ("id", 10, 100),
    ]


def test_one_cell_amiss_among_a_million_is_not_a_hundred() -> None:
    found = score(TableCounts(10**6, 10**6), [FieldCounts("a", missing=1, quarantined=0)])

    assert points(found)[Dimension.COMPLETENESS] == 99.9
    assert found.points == 99.9


def test_what_was_not_counted_is_not_measured_and_does_not_count() -> None:
    found = score(TABLE, [FieldCounts("a", missing=9)])

    assert points(found) == {
        Dimension.COMPLETENESS: 90.0,
        **dict.fromkeys(list(Dimension)[1:]),
    }
    assert found.points == 90.0
    assert all(part.why for part in found.parts if not part.is_measured)


def test_an_empty_table_has_no_score() -> None:
    assert score(TableCounts(0, 0), [KEY]).points is None
    assert score(TABLE, []).points is None


def test_a_key_of_several_fields_is_not_guessed() -> None:
    keys = [KEY, FieldCounts("b", missing=0, distinct=2, is_key=True)]

    assert points(score(TABLE, keys))[Dimension.UNIQUENESS] is None


COUNT = st.none() | st.integers(0, 120)


@given(
    st.integers(0, 100),
    st.integers(0, 20),
    st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT, st.booleans(), st.booleans()), max_size=6),
)
def test_every_share_lies_between_nothing_and_all(
    kept: int,
    lost: int,
    counts: list[tuple[int | None, int | None, int | None, int | None, bool, bool]],
) -> None:
    fields = [FieldCounts(f"f{n}", *each) for n, each in enumerate(counts)]

    found = score(TableCounts(kept + lost, kept), fields)

    for part in found.parts:
        assert part.points is None or 0 <= part.points <= 100
        assert sum(cost.amiss for cost in part.costs) == part.amiss
    assert found.points is None or 0 <= found.points <= 100
