"""Numbers, sizes and times as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from simplr.base import words

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [(49_652, "49,652"), (-11, "−11"), (2.84, "2.84"), (None, "–"), ("1200", "1,200"), (0, "0")],
)
def test_a_number_is_grouped_and_has_a_true_minus(value: object, text: str) -> None:
    assert words.number(value) == text  # type: ignore[arg-type]


def test_a_number_is_rounded_and_not_cut() -> None:
    assert words.number(2.96, 1) == "3.0"
    assert words.number(-0.999, 0) == "−1"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0\u00a0%"),
        (1.0, "100\u00a0%"),
        (0.953, "95.3\u00a0%"),
        (0.41, "41\u00a0%"),
        (0.0004, "under 0.1\u00a0%"),
        (0.99999, "over 99.9\u00a0%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1_500, "1.5\u00a0kB"),
        (11_800_000, "11.8\u00a0MB"),
        (20_000_000_000, "20\u00a0GB"),
        (999_999, "1\u00a0MB"),
    ],
)
def test_a_size_stands_in_its_largest_unit(octets: int, text: str) -> None:
    assert words.size(octets) == text


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (timedelta(hours=2), "14:00"),
        (timedelta(days=-1), "yesterday, 12:00"),
        (timedelta(days=1), "tomorrow, 12:00"),
        (timedelta(days=2), "Friday, 12:00"),
        (timedelta(days=-3), "22 Nov"),
        (timedelta(days=40), "4 Jan 2027"),
    ],
)
def test_a_near_time_is_said_as_people_say_it(ahead: timedelta, text: str) -> None:
    assert words.near(NOON + ahead, NOON) == text


def test_a_day_has_no_time_of_day() -> None:
    assert words.near(date(2026, 11, 25), NOON) == "today"
    assert words.near(date(2026, 11, 27), NOON) == "Friday"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Mara Lindqvist", "ML"), ("Ada", "A"), ("Ana de la Cruz", "AC"), ("", "?")],
)
def test_initials_are_those_of_the_first_and_the_last_name(name: str, letters: str) -> None:
    assert words.initials(name) == letters
