"""Ids are in the order of the time at which they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from simplr.base.ids import first_id_of, new_id


def test_an_id_lies_between_the_first_of_its_time_and_of_the_next() -> None:
    before = datetime.now(UTC)
    made = new_id()
    after = datetime.now(UTC) + timedelta(milliseconds=1)

    assert first_id_of(before) <= made < first_id_of(after)
    assert made.version == first_id_of(before).version == 7
