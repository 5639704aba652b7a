"""Downloads that go on after a break: originals by seeking, rows by computing them once more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.institute import CONTRACT, Institute

from simplr.base.models import Event
from simplr.sharing import resumed
from simplr.sharing import services as sharing

As = Callable[[str], Client]
FORMATS = ("csv", "tsv", "ndjson", "parquet", "arrow")


def body(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def rows_url(institute: Institute, kind: str = "csv", **asked: str) -> str:
    said = "".join(f"&{name}={value}" for name, value in asked.items())
    return f"/api/v1/datasets/{institute.dataset.pk}/rows?format={kind}{said}"


@pytest.fixture
def forgotten() -> None:
    """As in a process that has answered nothing yet."""
    resumed.sizes._sizes.clear()


@pytest.mark.parametrize("kind", FORMATS)
def test_rows_go_on_where_they_broke_off(
    institute: Institute, as_: As, forgotten: None, kind: str
) -> None:
    url = rows_url(institute, kind, where="days_open > 3")
    first = as_("colleague").get(url)
    whole, tag = body(first), first["ETag"]
    assert "Content-Length" not in first, "nobody knows yet how much it will be"
    resumed.sizes._sizes.clear()

    rest = as_("colleague").get(url, headers={"Range": "bytes=11-", "If-Range": tag})

    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes 11-{len(whole) - 1}/{len(whole)}"
    assert rest["Content-Length"] == str(len(whole) - 11)
    assert rest["ETag"] == tag
    assert body(rest) == whole[11:]
    end = as_("colleague").get(url, headers={"Range": "bytes=-5"})
    assert body(end) == whole[-5:]


def test_what_was_once_sent_to_its_end_is_announced_with_its_size(
    institute: Institute, as_: As, forgotten: None
) -> None:
    whole = body(as_("steward").get(rows_url(institute)))

    again = as_("steward").get(rows_url(institute))

    assert (again["Content-Length"], body(again)) == (str(len(whole)), whole)


def test_the_tag_names_the_question_the_view_and_the_format_and_tells_nothing(
    institute: Institute, as_: As
) -> None:
    def tag(role: str, kind: str = "csv", **asked: str) -> str:
        return str(as_(role).get(rows_url(institute, kind, **asked))["ETag"])

    release = str(institute.release.pk)
    tags = [
        tag("steward"),
        tag("steward", "tsv"),
        tag("steward", exact="true"),
        tag("steward", release=release),
        tag("analyst", fields="nature"),
        tag("steward", where="ward='06'"),
        tag("steward", sort="ward"),
        tag("steward", limit="3"),
        tag("steward", offset="3"),
    ]

    assert len(set(tags)) == len(tags)
    assert tag("steward", release=release) == tag("colleague")
    assert all(len(one) == 42 and one.startswith('"') for one in tags)


def test_two_releases_that_differ_in_a_hidden_condition_have_other_tags(
    institute: Institute, as_: As
) -> None:
    def made(condition: str) -> str:
        release = sharing.create_release(
            dataset_id=institute.dataset.pk,
            definition=sharing.Definition(
                title=condition,
                fields=[{"name": "nature", "mask": {"kind": "keep"}}],
                where=condition,
                follows="this",
            ),
            actor=institute.actor("steward"),
            personal=True,
        )
        return str(as_("steward").get(rows_url(institute, release=str(release.pk)))["ETag"])

    assert made("ward = '06'") != made("ward = '17'")


def test_words_about_a_field_break_no_download_off(institute: Institute, as_: As) -> None:
    before = as_("steward").get(rows_url(institute))["ETag"]
    address = f"/api/v1/datasets/{institute.dataset.pk}/fields/nature"
    said = as_("steward").patch(
        address, {"meaning": "What was complained about."}, content_type="application/json"
    )
    assert said.status_code == 200

    assert as_("steward").get(rows_url(institute))["ETag"] == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-3,9-"},
        {"Range": "bytes=9-3"},
        {"Range": "rows=1-2"},
        {"Range": "bytes=9-", "If-Range": '"another"'},
    ],
)
def test_what_is_no_range_of_this_is_answered_with_the_whole(
    institute: Institute, as_: As, headers: dict[str, str]
) -> None:
    whole = body(as_("steward").get(rows_url(institute)))
    original = f"/api/v1/resources/{institute.file.pk}/content"

    answer = as_("steward").get(rows_url(institute), headers=headers)
    file = as_("steward").get(original, headers=headers)

    assert (answer.status_code, body(answer)) == (200, whole)
    assert (file.status_code, body(file)) == (200, CONTRACT)


def test_beyond_the_end_is_416_with_the_size_and_no_byte_was_read(
    institute: Institute, as_: As, forgotten: None
) -> None:
    before = Event.objects.filter(code="sharing:rows:read").count()

    answer = as_("steward").get(rows_url(institute), headers={"Range": "bytes=9999999-"})

    assert answer.status_code == 416
    assert answer.json()["code"] == "range-unsatisfiable"
    size = len(body(as_("steward").get(rows_url(institute))))
    assert answer["Content-Range"] == f"bytes */{size}"
    assert Event.objects.filter(code="sharing:rows:read").count() == before + 1
    file = as_("steward").get(
        f"/api/v1/resources/{institute.file.pk}/content", headers={"Range": "bytes=9999999-"}
    )
    assert (file.status_code, file["Content-Range"]) == (416, f"bytes */{len(CONTRACT)}")


def test_the_ledger_says_from_where_a_download_went_on(institute: Institute, as_: As) -> None:
    size = len(body(as_("colleague").get(rows_url(institute))))
    whole = Event.objects.filter(code="sharing:rows:read").latest("id")

    body(as_("colleague").get(rows_url(institute), headers={"Range": "bytes=7-"}))
    part = Event.objects.filter(code="sharing:rows:read").latest("id")

    assert "from" not in whole.details
    assert (part.details["from"], part.details["to"]) == (7, size - 1)
    assert part.subject_id == institute.release.pk


def test_a_range_is_decided_like_the_whole(institute: Institute, as_: As) -> None:
    tag = as_("steward").get(rows_url(institute))["ETag"]
    headers = {"Range": "bytes=7-", "If-Range": tag}

    assert as_("stranger").get(rows_url(institute), headers=headers).status_code == 404
    assert as_("guest").get(rows_url(institute), headers=headers).status_code == 403
    original = f"/api/v1/resources/{institute.dataset.pk}/content"
    assert as_("colleague").get(original, headers={"Range": "bytes=7-"}).status_code == 403


def test_an_original_goes_on_where_it_broke_off(institute: Institute, as_: As) -> None:
    for url in (
        f"/api/v1/resources/{institute.file.pk}/content",
        f"/resources/{institute.file.pk}/content",
    ):
        tag = as_("steward").get(url)["ETag"]
        rest = as_("steward").get(url, headers={"Range": "bytes=7-", "If-Range": tag})

        assert (rest.status_code, body(rest)) == (206, CONTRACT[7:])
