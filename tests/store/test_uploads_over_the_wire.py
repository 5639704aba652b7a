"""What is not all there is not taken (rows 3 and 4), seen from a raw socket at the real server."""

from __future__ import annotations

import json
import socket
import struct
import time

import pytest
from tests.store.house import Answered, House

SIZE = 1_000_000


def test_a_body_cut_off_at_forty_per_cent_leaves_nothing(house: House) -> None:
    project = house.project("Cut off")
    before = house.objects()
    # Another test may have killed a server in the middle of a write: that waits for the sweeper.
    half_written = house.half_written()

    answer = house.send(
        house.head("POST", f"/projects/{project}/uploads?name=a.csv", f"Content-Length: {SIZE}"),
        b"x" * (SIZE * 4 // 10),
    )

    assert answer.startswith(b"HTTP/1.1 400 "), answer[:300]
    assert b'"code": "upload-cut-off"' in answer
    assert house.objects() == before
    assert house.half_written() == half_written
    (upload,) = house.ask("GET", f"/projects/{project}/uploads")["items"]
    assert upload["state"] == "failed"
    assert house.used_bytes(project) == 0


def test_a_connection_that_breaks_in_the_body_leaves_nothing(house: House) -> None:
    project = house.project("Broken off")
    before, half_written = house.objects(), house.half_written()
    head = house.head("POST", f"/projects/{project}/uploads?name=a.csv", f"Content-Length: {SIZE}")

    with house.connection() as wire:
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + b"x" * 300_000)
        time.sleep(0.3)
        # Closed without a goodbye: the server gets a reset.
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    until = time.monotonic() + 10
    while True:
        (upload,) = house.ask("GET", f"/projects/{project}/uploads")["items"]
        if upload["state"] == "failed" or time.monotonic() > until:
            break
        time.sleep(0.1)
    assert upload["state"] == "failed"
    assert house.objects() == before
    assert house.half_written() == half_written
    assert house.used_bytes(project) == 0


def test_a_body_of_unknown_length_is_refused_with_411(house: House) -> None:
    project = house.project("Chunked")
    before = house.objects()

    answer = house.send(
        house.head("POST", f"/projects/{project}/uploads?name=a.csv", "Transfer-Encoding: chunked"),
        b"5\r\na,b\r\n\r\n0\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 411 "), answer[:300]
    assert b'"code": "length-needed"' in answer
    assert house.objects() == before
    assert house.ask("GET", f"/projects/{project}/uploads")["items"] == []


def test_no_length_at_all_is_refused_with_411(house: House) -> None:
    project = house.project("No length")

    answer = house.send(house.head("POST", f"/projects/{project}/uploads?name=a.csv"))

    assert answer.startswith(b"HTTP/1.1 411 "), answer[:300]


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 8", "Transfer-Encoding: chunked"),
        ("Content-Length: 8", "Content-Length: 9"),
        ("Content-Length: -1",),
        ("Content-Length: 1_0",),
        ("Content-Length: +8",),
    ],
)
def test_two_readings_of_one_length_are_refused(house: House, lines: tuple[str, ...]) -> None:
    project = house.project("Two lengths")

    answer = house.send(
        house.head("POST", f"/projects/{project}/uploads?name=a.csv", *lines), b"a,b\n1,2\n"
    )

    assert answer.split(b" ", 2)[1] in {b"400", b"411"}, answer[:300]
    assert house.ask("GET", f"/projects/{project}/uploads")["items"] == []


def test_a_digest_that_differs_is_refused_and_nothing_is_kept(house: House) -> None:
    project = house.project("Digest")
    before = house.objects()

    with pytest.raises(Answered) as refused:
        house.raw(
            "POST",
            f"/projects/{project}/uploads?name=a.csv",
            b"a,b\n1,2\n",
            **{
                "Content-Type": "application/octet-stream",
                "Repr-Digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            },
        )

    assert refused.value.status == 400
    assert json.loads(refused.value.body)["code"] == "digest-differs"
    assert house.objects() == before
    assert house.used_bytes(project) == 0
