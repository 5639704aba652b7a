"""What people read: aligned, calm, and safe to show on a terminal."""

from __future__ import annotations

from datetime import UTC

import pytest

from simplr_client.command import layout


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (1_449, "1.4 kB"),
        (9_960, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (230_000_000, "230 MB"),
        (5_000_000_000_000_000, "5000 TB"),
    ],
)
def test_a_size_is_said_as_people_read_it(count: int | None, said: str) -> None:
    assert layout.size(count) == said


def test_counts_have_separators() -> None:
    assert layout.number(336_776) == "336,776"
    assert layout.number(None) == ""


def test_columns_are_aligned_numbers_to_the_right() -> None:
    text = layout.table(
        ("title", "rows"), [("Trees", "1,204"), ("Δέντρα της πόλης", "9")], right=["rows"]
    )

    assert text.splitlines() == [
        "TITLE              ROWS",
        "Trees             1,204",
        "Δέντρα της πόλης      9",
    ]


def test_wide_characters_keep_the_columns() -> None:
    lines = layout.table(("a", "b"), [("公園", "x"), ("park", "y")]).splitlines()

    assert lines[1] == "公園  x"
    assert lines[2] == "park  y"


def test_an_empty_table_is_a_sentence() -> None:
    assert layout.table(("a",), [], empty="No grant.") == "No grant."


def test_no_cell_can_command_the_terminal() -> None:
    hostile = "a\x1b[2Jb\x07c\u202ed\nline"

    text = layout.table(("cell",), [(hostile,)])

    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 2


def test_instants_are_shown_in_the_readers_zone() -> None:
    assert layout.moment("2026-11-27T17:00:00+02:00", zone=UTC) == "2026-11-27 15:00"
    assert layout.moment(None) == ""
    assert layout.moment("unclear") == "unclear"
