"""What is looked up in the bytes of many cells at once is what the cells themselves say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.schema import FieldType
from simplr_core.tidy import tallies
from simplr_core.tidy.cells import content_of, own_content, plain_decimals, trim
from simplr_core.tidy.numerals import DECIMAL_FORMATS, INTEGER_FORMATS
from simplr_core.tidy.tallies import MISSING_WORDS, Tally

CELLS = st.lists(
    st.text(st.sampled_from("01.-+e ax\u00a0é,"), max_size=6)
    | st.sampled_from(["1.5", "-2.25", ".5", "-.5", "12", "007", "", " ", "1.", "nan", "-9999"])
    | st.sampled_from(MISSING_WORDS),
    max_size=30,
)
CUTS = st.tuples(st.integers(0, 3), st.integers(0, 3))


def cut(cells: list[str], cuts: tuple[int, int]) -> tuple[pa.Array, list[str]]:
    """The cells as part of others, whose bytes lie around theirs."""
    before, behind = [" .-1" * cuts[0]] * cuts[0], ["x. "] * cuts[1]
    whole = pa.array([*before, *cells, *behind], pa.string())
    return whole.slice(len(before), len(cells)), cells


@given(CELLS, CUTS)
def test_blanks_go_as_unicode_has_them(cells: list[str], cuts: tuple[int, int]) -> None:
    texts, _ = cut(cells, cuts)

    assert trim(texts).to_pylist() == pc.utf8_trim_whitespace(texts).to_pylist()


@given(CELLS, CUTS)
def test_plain_decimals_are_what_every_format_with_a_point_reads(
    cells: list[str], cuts: tuple[int, int]
) -> None:
    texts, _ = cut([cell for cell in cells if cell], cuts)

    read = plain_decimals(texts)

    if read is None:
        return
    for pattern, _, mark in DECIMAL_FORMATS.values():
        if mark == ".":
            fits = pc.match_substring_regex(texts, pattern)
            assert read.is_valid().to_pylist() == fits.to_pylist()


@given(CELLS, CUTS)
def test_a_tally_counts_each_cell_by_what_it_is(cells: list[str], cuts: tuple[int, int]) -> None:
    texts, _ = cut(cells, cuts)
    tally = Tally()
    tally._alive = [*tallies.NUMBERS]

    tally.add(texts)

    stripped = [cell.strip() for cell in cells]
    values = [cell for cell in stripped if cell and cell not in MISSING_WORDS]
    whole = pc.match_substring_regex(pa.array(values, pa.string()), INTEGER_FORMATS[""][0])
    assert tally.blank_count == stripped.count("")
    assert tally.words.total() == len([cell for cell in stripped if cell in MISSING_WORDS])
    assert tally.value_count == len(values)
    assert tally.integer_count == int(np.asarray(whole).sum())
    assert tally.negative_count == sum(cell.startswith("-") for cell in values)
    for form, (pattern, _, _) in DECIMAL_FORMATS.items():
        fits = np.asarray(pc.match_substring_regex(pa.array(values, pa.string()), pattern))
        both = fits | np.asarray(whole)
        assert tally.fits.get((FieldType.DECIMAL, form), 0) == int(both.sum()), form


def test_bytes_of_others_are_known_as_such() -> None:
    alone, (part, _) = pa.array(["1.5", "2.5"], pa.string()), cut(["1.5", "2.5"], (1, 1))

    assert own_content(alone)
    assert not own_content(part)
    assert content_of(alone) == b"1.52.5"
