"""Addresses, tokens, retries, errors: what HTTP may and may not do to the client."""

from __future__ import annotations

import time

import pytest

from simplr_client import (
    Conflict,
    Corrupt,
    Invalid,
    NoServer,
    NotFound,
    NotSignedIn,
    Refused,
    ServerFault,
    Session,
    SimplrError,
    TooManyRequests,
    TransferBroken,
    Unavailable,
    connect,
)
from simplr_client.transport import address, normal_url

from .conftest import Site


def test_the_token_travels_in_the_header_and_never_in_the_address(
    site: Site, session: Session
) -> None:
    site.on("GET /me", (200, {"email": "ada@example.org"}))

    assert session.me() == {"email": "ada@example.org"}

    assert site.asked[0].headers["authorization"] == "Bearer open-sesame"
    assert "open-sesame" not in site.asked[0].path


def test_nothing_that_is_printed_shows_the_token(session: Session) -> None:
    for thing in (session, session.transport):
        assert "open-sesame" not in repr(thing)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "token-expired", NotSignedIn),
        (403, "not-granted", Refused),
        (404, "not-found", NotFound),
        (409, "already-kept", Conflict),
        (413, "too-large", Invalid),
        (422, "condition-not-allowed", Invalid),
        (423, "locked", Unavailable),
        (429, "throttled", TooManyRequests),
        (500, "object-corrupt", Corrupt),
        (500, "", ServerFault),
        (503, "sealed", Unavailable),
    ],
)
def test_every_kind_of_problem_becomes_its_own_error(
    site: Site, session: Session, status: int, code: str, kind: type[SimplrError]
) -> None:
    problem = {"status": status, "code": code, "detail": "As the server says it."}
    site.on("POST /projects", (status, problem))

    with pytest.raises(kind) as caught:
        session.create_project("Parks")

    assert type(caught.value) is kind
    assert caught.value.detail == "As the server says it."
    assert caught.value.code == (code or "fault")
    assert caught.value.status == status


def test_what_is_wrong_with_each_field_reaches_the_caller(site: Site, session: Session) -> None:
    wrong = [{"field": "title", "detail": "is empty"}]
    site.on("POST /projects", (422, {"status": 422, "code": "invalid", "errors": wrong}))

    with pytest.raises(Invalid) as caught:
        session.create_project("")

    assert caught.value.errors == wrong


def test_a_get_is_tried_again_when_the_server_asks_for_patience(
    site: Site, session: Session
) -> None:
    busy = (503, {"status": 503, "code": "busy", "detail": "Busy."})
    site.on("GET /me", busy, busy, (200, {"email": "ada@example.org"}))

    assert session.me()["email"] == "ada@example.org"
    assert len(site.asked) == 3


def test_a_sealed_installation_is_not_asked_again(site: Site, session: Session) -> None:
    site.on("GET /me", (503, {"status": 503, "code": "sealed", "detail": "Sealed."}))

    with pytest.raises(Unavailable) as caught:
        session.me()

    assert caught.value.code == "sealed"
    assert len(site.asked) == 1


def test_what_changes_something_is_sent_once_only(site: Site, session: Session) -> None:
    site.on("POST /projects", (503, {"status": 503, "code": "busy", "detail": "Busy."}))

    with pytest.raises(Unavailable):
        session.create_project("Parks")

    assert len(site.asked) == 1


def test_an_unknown_outcome_is_said_to_be_unknown(site: Site, session: Session) -> None:
    def hang_up(handler: object, asked: object) -> None:
        handler.close_connection = True  # type: ignore[attr-defined]

    site.on("POST /projects", hang_up)

    with pytest.raises(TransferBroken) as caught:
        session.create_project("Parks")

    assert caught.value.code == "outcome-unknown"
    assert len(site.asked) == 1


def test_no_server_is_told_within_two_seconds() -> None:
    began = time.monotonic()

    with connect("http://127.0.0.1:9", "t") as session, pytest.raises(NoServer):
        session.me()

    assert time.monotonic() - began < 2


def test_a_redirect_is_not_followed_with_the_token(site: Site, session: Session) -> None:
    site.on(
        "GET /me",
        lambda handler, asked: handler.answer(
            302, None, {"Location": "https://elsewhere.example/"}
        ),
    )

    with pytest.raises(Invalid) as caught:
        session.me()

    assert caught.value.code == "redirected"
    assert len(site.asked) == 1


def test_a_page_that_is_not_simplr_is_recognised(site: Site, session: Session) -> None:
    site.on("GET /projects", (200, {"hello": "world"}))

    with pytest.raises(SimplrError) as caught:
        session.projects()

    assert caught.value.code == "not-simplr"


def test_lists_are_read_to_their_last_page(site: Site, session: Session) -> None:
    site.on(
        "GET /tokens",
        (200, {"items": [{"id": "1"}, {"id": "2"}], "next": "after-2"}),
        (200, {"items": [{"id": "3"}], "next": None}),
    )

    assert [one["id"] for one in session.tokens()] == ["1", "2", "3"]
    assert site.asked[1].path.endswith("cursor=after-2")


@pytest.mark.parametrize("part", ["../me", "a/b", "x?y=1", "x#y", "a%2fb"])
def test_an_id_never_leaves_its_segment(part: str) -> None:
    made = address("/resources/{}/grants", part)

    assert made.count("/") == 3
    assert "?" not in made
    assert "#" not in made


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_what_would_climb_is_not_an_id(part: str) -> None:
    with pytest.raises(Invalid):
        address("/resources/{}", part)


def test_a_token_is_never_sent_in_clear_to_another_machine() -> None:
    with pytest.raises(Invalid) as caught:
        connect("http://data.example.org", "open-sesame")

    assert caught.value.code == "plain-http"
    assert "open-sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://data.example.org/", "https://data.example.org"),
        ("data.example.org", "https://data.example.org"),
        ("localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("https://example.org/simplr/", "https://example.org/simplr"),
    ],
)
def test_an_address_is_read_as_people_type_it(typed: str, meant: str) -> None:
    assert normal_url(typed) == meant


@pytest.mark.parametrize("typed", ["ftp://x", "https://", "https://ada:pw@example.org"])
def test_other_addresses_are_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        normal_url(typed)


def test_a_link_carries_its_secret_and_password_in_headers(site: Site) -> None:
    site.on("GET /me", (200, {}))

    with connect(link=f"{site.url}/l/s3cret", link_password="tulip") as session:
        session.me()

    assert site.asked[0].headers["authorization"] == "Link s3cret"
    assert site.asked[0].headers["link-password"] == "tulip"
    assert "s3cret" not in site.asked[0].path
