"""An upload that is killed at forty per cent, on either side, goes on and ends as it was sent.

Real processes, real kills: the client's own, and the installation's web server, database, key agent and
worker. By our client and by two that others wrote, unmodified. `make test` kills five times,
`make prove` fifty.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import subprocess
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.store.house import Answered, House
from tests.store.resumed import Client
from tests.store.test_kills import kill

from simplr.operations.start import processes

KILLS = 5
FULL_KILLS = 50
SIZE = 64_000_000
"""Four pieces: far enough above what our own client sends in one request."""
SIDES = ("web", "client", "postgres", "vault", "worker")
CLIENTS = ("ours", "tuspy", "tus-js-client")


def arrived(house: House, project: str) -> dict[str, Any] | None:
    """The newest upload of a project, while somebody answers."""
    with contextlib.suppress(Answered, OSError, ValueError, urllib.error.URLError):
        found = house.ask("GET", f"/projects/{project}/uploads")["items"]
        return dict(found[0]) if found else {"received": 0, "state": "receiving"}
    return None


def wait_until_arrived(
    house: House, project: str, share: float, *, running: subprocess.Popen[bytes]
) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert not running.poll(), running.communicate()[1][-2000:]
        found = arrived(house, project)
        if found is not None and found["received"] >= SIZE * share:
            return
        time.sleep(0.01)
    raise AssertionError("the upload does not get on")


def send_with_kills(house: House, client: Client, sides: list[str], *, content: bytes) -> None:
    """Send a file; the first side is killed at forty per cent, the others while it goes on."""
    rng = random.Random(str(client.file))
    running, is_there = client.start(), False
    wait_until_arrived(house, client.project, 0.4, running=running)
    for side in sides:
        if side == "client":
            running.kill()
            running.wait(timeout=20)
            found = arrived(house, client.project)
            assert found is not None
            is_there = found["received"] == SIZE
            assert not (is_there and side == sides[0]), "killed under way"
            if not is_there:  # else a further run would send it anew
                running = client.start()
        else:
            kill(house, side)
            assert processes.wait_until(house.simplr.serves, seconds=60, every=0.2)
        time.sleep(rng.uniform(0.1, 0.5))
    _, said = running.communicate(timeout=120)
    if (
        running.returncode != 0 and not is_there
    ):  # it may give up, and be run again, as a person would
        running = client.start()
        _, said = running.communicate(timeout=120)
    assert running.returncode == 0 or is_there, said[-2000:]
    ends_as_sent(house, client.project, content)


def ends_as_sent(house: House, project: str, content: bytes) -> None:
    """Kept, byte for byte; its room counted once."""
    (upload,) = house.ask("GET", f"/projects/{project}/uploads")["items"]
    assert upload["received"] == len(content)
    kept = house.keep(upload["id"], **{"as": "file"})
    got = house.raw("GET", f"/resources/{kept['resource']}/content")
    assert hashlib.sha256(got).digest() == hashlib.sha256(content).digest()
    assert house.used_bytes(project) == len(content)


def prepared(house: House, name: str, folder: Path, seed: int) -> tuple[Client, bytes]:
    content = random.Random(seed).randbytes(SIZE)
    file = folder / f"{seed}.bin"
    file.write_bytes(content)
    project = house.project(f"Resumed {name} {seed} {time.monotonic_ns()}")
    return Client(name, house, project, file, folder), content


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_that_is_killed_goes_on(house: House, tmp_path: Path, name: str) -> None:
    client, content = prepared(house, name, tmp_path, seed=1)
    pieces_before = len(house.objects())

    send_with_kills(house, client, ["client"], content=content)

    # What a killed request had begun goes with the sweeper's next round.
    assert processes.wait_until(
        lambda: len(house.objects()) == pieces_before + 1, seconds=30, every=0.5
    ), "nothing but the object is left"


def test_what_was_acknowledged_survives_kills_of_either_side(house: House, tmp_path: Path) -> None:
    client, content = prepared(house, "ours", tmp_path, seed=2)

    send_with_kills(house, client, list(SIDES)[:KILLS], content=content)


@pytest.mark.prove
@pytest.mark.parametrize("name", CLIENTS)
def test_uploads_survive_fifty_kills_of_either_side(
    house: House, tmp_path: Path, name: str
) -> None:
    for number in range(FULL_KILLS // KILLS):
        client, content = prepared(house, name, tmp_path, seed=100 + number)
        first = number % len(SIDES)  # each side is once the one that is killed at forty per cent
        send_with_kills(house, client, [*SIDES[first:], *SIDES[:first]], content=content)
        client.file.unlink()


def test_a_connection_that_breaks_loses_nothing_that_was_acknowledged(house: House) -> None:
    project = house.project("Broken line")
    upload = house.begin(project, "a.bin", 1_000_000)
    content = os.urandom(1_000_000)
    head = house.head(
        "PATCH",
        f"/tus/{upload}",
        *("Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Length: 1000000"),
        "Content-Type: application/offset+octet-stream",
    )

    answer = house.send(head, content[:400_000])

    assert b"HTTP/1.1 204" in answer
    assert b"Upload-Offset: 400000" in answer
    house.append(upload, 400_000, content[400_000:])
    ends_as_sent(house, project, content)


def test_of_ten_that_send_from_one_offset_exactly_one_wins(house: House) -> None:
    project = house.project("Ten at once")
    upload = house.begin(project, "a.bin", 2_000_000)
    bodies = [bytes([n]) * 1_000_000 for n in range(10)]

    def one(body: bytes) -> int:
        try:
            house.append(upload, 0, body)
        except Answered as refused:
            return refused.status
        return 204

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(one, bodies))

    assert sorted(answers) == [204, *[409] * 9]
    winner = bodies[answers.index(204)]
    house.append(upload, 1_000_000, winner)
    ends_as_sent(house, project, winner * 2)
