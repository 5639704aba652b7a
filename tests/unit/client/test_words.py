"""Times, masks and corrections as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simplr_client import Invalid
from simplr_client.masks import parse_corrections, parse_mask, release_fields
from simplr_client.until import parse_since, parse_until

SATURDAY = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
ATHENS = ZoneInfo("Europe/Athens")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("friday", "2026-11-27T23:59:59+02:00"),
        ("Friday", "2026-11-27T23:59:59+02:00"),
        ("saturday", "2026-11-21T23:59:59+02:00"),
        ("today", "2026-11-21T23:59:59+02:00"),
        ("tomorrow", "2026-11-22T23:59:59+02:00"),
        ("2026-11-27", "2026-11-27T23:59:59+02:00"),
        ("2027-07-01", "2027-07-01T23:59:59+03:00"),
        ("2026-11-27T17:00", "2026-11-27T17:00:00+02:00"),
        ("2026-11-27 17:00", "2026-11-27T17:00:00+02:00"),
        ("2026-11-27T17:00:00Z", "2026-11-27T17:00:00+00:00"),
        ("in 3 days", "2026-11-24T15:00:00+00:00"),
        ("3 days", "2026-11-24T15:00:00+00:00"),
        ("in 1 week", "2026-11-28T15:00:00+00:00"),
        ("in 90 minutes", "2026-11-21T16:30:00+00:00"),
    ],
)
def test_a_time_is_read_as_it_is_said(said: str, meant: str) -> None:
    found = parse_until(said, now=SATURDAY, zone=ATHENS)

    assert found == datetime.fromisoformat(meant)
    assert found.tzinfo is not None


@pytest.mark.parametrize("said", ["", "soon", "next friday", "27/11/2026", "11-27", "in -1 days"])
def test_what_is_not_understood_is_never_guessed(said: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_until(said, now=SATURDAY, zone=ATHENS)

    assert caught.value.code == "time-not-understood"


@pytest.mark.parametrize("said", ["2026-11-20", "2026-11-21T10:00", "in 0 days"])
def test_the_past_is_refused(said: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_until(said, now=SATURDAY, zone=ATHENS)

    assert caught.value.code == "time-passed"


@given(
    st.integers(946_684_800, 4_102_444_800).map(lambda t: datetime.fromtimestamp(t, UTC)),
    st.sampled_from(["monday", "wednesday", "friday", "sunday", "today", "tomorrow"]),
)
def test_a_named_day_ends_within_a_week_and_is_never_past(now: datetime, said: str) -> None:
    if now.astimezone(ATHENS).timetuple()[3:6] == (23, 59, 59):
        now -= timedelta(seconds=1)

    found = parse_until(said, now=now, zone=ATHENS)

    assert now < found <= now + timedelta(days=7, hours=1)
    assert found.astimezone(ATHENS).hour == 23


def test_since_is_the_start_of_a_day() -> None:
    found = parse_since("yesterday", now=SATURDAY, zone=ATHENS)

    assert found == datetime.fromisoformat("2026-11-20T00:00:00+02:00")
    with pytest.raises(Invalid):
        parse_since("long ago", now=SATURDAY, zone=ATHENS)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("id=pseudonym", {"kind": "pseudonym"}),
        ("name=hide", {"kind": "hide"}),
        ("opened=month", {"kind": "truncate-date", "to": "month"}),
        ("age=topcode:60", {"kind": "top-code", "at": 60}),
        ("price=step:0.5", {"kind": "generalise-number", "step": 0.5}),
        ("note=redact", {"kind": "redact"}),
        ("note=redact:(left out)", {"kind": "redact", "text": "(left out)"}),
    ],
)
def test_a_mask_is_read_as_it_is_said(said: str, meant: dict[str, object]) -> None:
    assert parse_mask(said) == (said.partition("=")[0], meant)


@pytest.mark.parametrize(
    "said",
    [
        "id",
        "id=",
        "=hide",
        "id=blur",
        "age=topcode",
        "age=topcode:old",
        "age=step:0",
        "age=step:nan",
        "id=pseudonym:x",
        "opened=month:2",
    ],
)
def test_a_mask_that_cannot_be_meant_is_refused(said: str) -> None:
    with pytest.raises(Invalid):
        parse_mask(said)


def test_a_release_lists_every_field_with_its_mask() -> None:
    assert release_fields(["a", "b"], ["b=hide"]) == [
        {"name": "a", "mask": {"kind": "keep"}},
        {"name": "b", "mask": {"kind": "hide"}},
    ]


@pytest.mark.parametrize(
    ("fields", "masks"), [(["a"], ["b=hide"]), (["a"], ["a=hide", "a=keep"]), (["a", "a"], [])]
)
def test_a_release_that_contradicts_itself_is_refused(fields: list[str], masks: list[str]) -> None:
    with pytest.raises(Invalid):
        release_fields(fields, masks)


def test_corrections_of_one_field_become_one_override() -> None:
    said = ["zip:type=text", "zip:missing=NA,-9999", "opened:format=%d/%m/%Y", "a:b:name=c"]

    assert parse_corrections(said) == [
        {"name": "zip", "type": "text", "missing_codes": ["NA", "-9999"]},
        {"name": "opened", "format": "%d/%m/%Y"},
        {"name": "a:b", "new_name": "c"},
    ]


@pytest.mark.parametrize("said", [["zip"], ["zip=text"], [":type=text"], ["zip:colour=red"]])
def test_a_correction_that_cannot_be_meant_is_refused(said: list[str]) -> None:
    with pytest.raises(Invalid):
        parse_corrections(said)


def test_a_correction_given_twice_is_refused() -> None:
    with pytest.raises(Invalid):
        parse_corrections(["zip:type=text", "zip:type=integer"])
