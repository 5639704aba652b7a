"""Which bytes a request asks for, by RFC 9110, section 14."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from simplr.base.ranges import (
    Bounds,
    RangeUnsatisfiable,
    asked_range,
    describe,
    that_holds,
)

SIZE = 100


def bounds(header: str, *, size: int = SIZE, method: str = "GET", **more: str) -> Bounds | None:
    request = RequestFactory().generic(method, "/", headers={"Range": header, **more})
    asked = that_holds(asked_range(request), tag='"now"')
    return asked.within(size) if asked else None


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-", 0, 99),
        ("bytes=7-", 7, 99),
        ("bytes=7-9", 7, 9),
        ("bytes=99-99", 99, 99),
        ("bytes=7-100000", 7, 99),
        ("bytes=-3", 97, 99),
        ("bytes=-1000", 0, 99),
        ("Bytes=7-", 7, 99),
        (" bytes=7- ", 7, 99),
    ],
)
def test_one_range_of_bytes_is_honoured(header: str, first: int, last: int) -> None:
    assert bounds(header) == Bounds(first=first, last=last)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes=-",
        "bytes=9-7",
        "bytes=1-2,5-6",
        "lines=1-2",
        "bytes",
        "bytes=a-",
        "bytes=1-2-3",
        "bytes=" + "9" * 19 + "-",
    ],
)
def test_anything_else_is_answered_with_the_whole(header: str) -> None:
    assert bounds(header) is None


def test_only_a_get_has_ranges() -> None:
    assert bounds("bytes=7-", method="HEAD") is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_what_begins_beyond_the_end_is_refused_and_told_the_size(header: str) -> None:
    with pytest.raises(RangeUnsatisfiable) as caught:
        bounds(header)

    assert (caught.value.status, caught.value.details) == (416, {"size": SIZE})


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1", "bytes=-0"])
def test_of_nothing_there_is_no_range(header: str) -> None:
    with pytest.raises(RangeUnsatisfiable):
        bounds(header, size=0)


@pytest.mark.parametrize(
    ("tag", "holds"),
    [
        ('"now"', True),
        ('"then"', False),
        ('W/"now"', False),
        ("Wed, 21 Oct 2015 07:28:00 GMT", False),
    ],
)
def test_a_range_of_another_state_is_answered_with_the_whole(tag: str, holds: bool) -> None:
    assert (bounds("bytes=7-", **{"If-Range": tag}) is not None) is holds


def test_an_answer_says_which_part_of_what_it_is() -> None:
    part, whole, unknown = HttpResponse(), HttpResponse(), HttpResponse()

    describe(part, tag='"now"', bounds=Bounds(first=7, last=9), size=SIZE)
    describe(whole, tag='"now"', bounds=None, size=SIZE)
    describe(unknown, tag='"now"', bounds=None, size=None)

    assert (part.status_code, part["Content-Range"]) == (206, "bytes 7-9/100")
    assert (part["Content-Length"], part["ETag"]) == ("3", '"now"')
    assert (whole.status_code, whole["Content-Length"]) == (200, "100")
    assert "Content-Length" not in unknown
    assert {one["Accept-Ranges"] for one in (part, whole, unknown)} == {"bytes"}
