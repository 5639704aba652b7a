"""Downloads go on after a break: what is asked for, and what is never taken for the rest."""

from __future__ import annotations

from typing import Any

import pytest

from simplr_client import Session, TransferBroken
from simplr_client.downloads import TRIES

from .conftest import Asked, Handler, Reply, Site

WHOLE = bytes(range(256)) * 40
TAG = '"state-one"'
PATH = "GET /datasets/D/rows"


def begun(
    until: int, *, tag: str | None = TAG, chunked: bool = True, status: int = 200, begin: int = 0
) -> Reply:
    """An answer that is cut after this many bytes of it."""

    def reply(handler: Handler, asked: Asked) -> None:
        handler.send_response(status)
        if tag is not None:
            handler.send_header("ETag", tag)
            handler.send_header("Accept-Ranges", "bytes")
        if status == 206:
            handler.send_header("Content-Range", f"bytes {begin}-{len(WHOLE) - 1}/{len(WHOLE)}")
        content = WHOLE[begin : begin + until]
        if chunked:
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            if content:
                handler.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
            if begin + until >= len(WHOLE):
                handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.send_header("Content-Length", str(len(WHOLE) - begin))
            handler.end_headers()
            handler.wfile.write(content)
        handler.close_connection = True

    return reply


def rest(until: int = len(WHOLE), **more: Any) -> Reply:
    """What is asked for by Range, as far as it goes."""

    def reply(handler: Handler, asked: Asked) -> None:
        begin = int(asked.headers["range"].removeprefix("bytes=").removesuffix("-"))
        begun(until, status=206, begin=begin, **more)(handler, asked)

    return reply


def read(session: Session) -> bytes:
    with session.open("/datasets/D/rows") as download:
        return b"".join(download.chunks())


@pytest.fixture(autouse=True)
def at_once(session: Session) -> None:
    session.transport._sleep = lambda seconds: None


@pytest.mark.parametrize("chunked", [True, False])
def test_what_is_missing_is_asked_for_of_the_same_state(
    site: Site, session: Session, chunked: bool
) -> None:
    site.on(PATH, begun(5000, chunked=chunked), rest(1000, chunked=chunked), rest())

    assert read(session) == WHOLE
    ranges = [asked.headers.get("range") for asked in site.asked]
    assert ranges[0] is None
    assert all(one is not None and one.startswith("bytes=") for one in ranges[1:])
    assert {asked.headers.get("if-range") for asked in site.asked[1:]} == {TAG}
    assert {asked.headers["accept-encoding"] for asked in site.asked} == {"identity"}


def test_another_state_is_never_joined_to_the_first(site: Site, session: Session) -> None:
    site.on(PATH, begun(5000), begun(len(WHOLE), tag='"state-two"'))

    with pytest.raises(TransferBroken):
        read(session)

    assert len(site.asked) == 2


def test_a_part_of_another_place_is_not_taken(site: Site, session: Session) -> None:
    site.on(PATH, begun(5000), begun(len(WHOLE), status=206, begin=3))

    with pytest.raises(TransferBroken):
        read(session)


def test_without_a_tag_there_is_no_second_request(site: Site, session: Session) -> None:
    site.on(PATH, begun(5000, tag=None), rest())

    with pytest.raises(TransferBroken):
        read(session)

    assert len(site.asked) == 1


def test_a_weak_tag_is_none(site: Site, session: Session) -> None:
    site.on(PATH, begun(5000, tag='W/"state-one"'), rest())

    with pytest.raises(TransferBroken):
        read(session)


def test_who_may_not_go_on_is_told_why(site: Site, session: Session) -> None:
    refusal = (403, {"status": 403, "code": "grant-ended", "detail": "Your grant ended."})
    site.on(PATH, begun(5000), refusal)

    with pytest.raises(TransferBroken, match="Your grant ended") as caught:
        read(session)

    assert caught.value.code == "transfer-broken"


def test_a_cut_after_the_last_byte_is_no_loss(site: Site, session: Session) -> None:
    def cut(handler: Handler, asked: Asked) -> None:
        handler.send_response(200)
        handler.send_header("ETag", TAG)
        handler.send_header("Accept-Ranges", "bytes")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(f"{len(WHOLE):x}\r\n".encode() + WHOLE + b"\r\n")
        handler.close_connection = True

    def nothing_more(handler: Handler, asked: Asked) -> None:
        begin = int(asked.headers["range"].removeprefix("bytes=").removesuffix("-"))
        if begin < len(WHOLE):
            rest(len(WHOLE) - begin)(handler, asked)
            return
        problem = {"status": 416, "code": "range-unsatisfiable", "size": len(WHOLE)}
        handler.answer(416, problem)

    site.on(PATH, cut, nothing_more)

    assert read(session) == WHOLE


def test_a_line_that_gets_no_further_is_given_up(site: Site, session: Session) -> None:
    site.on(PATH, begun(5000), rest(0))

    with pytest.raises(TransferBroken):
        read(session)

    assert TRIES <= len(site.asked) <= TRIES + 2


def test_a_restart_in_between_is_waited_for(site: Site, session: Session) -> None:
    busy = (503, {"status": 503, "code": "busy", "detail": "Busy."})
    site.on(PATH, begun(5000), busy, busy, busy, busy, rest())

    assert read(session) == WHOLE


def test_a_rest_that_ends_well_and_too_early_is_a_cut(site: Site, session: Session) -> None:
    def short(handler: Handler, asked: Asked) -> None:
        handler.send_response(206)
        for name, value in (
            ("ETag", TAG),
            ("Accept-Ranges", "bytes"),
            ("Content-Range", f"bytes 5000-{len(WHOLE) - 1}/{len(WHOLE)}"),
            ("Content-Length", "10"),
        ):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(WHOLE[5000:5010])

    site.on(PATH, begun(5000), short)

    with pytest.raises(TransferBroken):
        read(session)
