"""A stretch of what is written is what slicing the whole would give, however it comes in."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from simplr_core.tables.stretches import Stretch


class Taken(io.BytesIO):
    """What was let through; closing keeps it."""

    was_closed = False

    def close(self) -> None:
        self.was_closed = True


pieces = st.lists(st.binary(max_size=7), max_size=9)
places = st.integers(0, 40)


@given(pieces, places, st.none() | places)
def test_a_stretch_is_a_slice_of_the_whole(
    written: list[bytes], first: int, last: int | None
) -> None:
    taken = Taken()
    stretch = Stretch(taken, first, last)

    for piece in written:
        stretch.write(piece)

    whole = b"".join(written)
    assert taken.getvalue() == whole[first : None if last is None else last + 1]
    assert stretch.written == len(whole)


@given(pieces)
def test_without_a_sink_it_only_counts(written: list[bytes]) -> None:
    stretch = Stretch(None)

    for piece in written:
        stretch.write(piece)
    stretch.close()

    assert stretch.written == len(b"".join(written))


def test_nothing_more_is_asked_for_once_the_stretch_is_through() -> None:
    taken = Taken()
    stretch = Stretch(taken, 2, 4)
    made: list[int] = []

    def batches() -> list[int]:
        for number in stretch.until_through(range(100)):
            stretch.write(b"ab")
            made.append(number)
        return made

    assert batches() == [0, 1, 2]
    assert taken.getvalue() == b"aba"
    stretch.close()
    assert taken.was_closed
