"""Behind the published proxy and without it: smuggled and spoofed requests (42), slow callers (43)."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.start.proxy import NAME, ROOT, Way, nginx
from tests.store.house import House

New = Callable[[], Any]
ALLOWED = "203.0.113.9"
MOST_STALLED = 200 if os.environ.get("SIMPLR_PROVE") == "1" else 20
needs_nginx = pytest.mark.skipif(
    shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists(),
    reason="nginx is not here",
)
WAYS = ["direct", pytest.param("nginx", marks=[needs_nginx, pytest.mark.prove])]
"""By the proxy only in `make prove`: what nobody sees without one is tried there and here."""

pytestmark = pytest.mark.prove
"""They start an installation of their own, which takes longer than what they look at."""


@pytest.fixture(scope="module")
def ways(
    new_installation: New, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Way]]:
    """An installation that trusts its proxy, straight and by nginx where that is here."""
    simplr = new_installation()
    simplr.extra = {
        "SIMPLR_BASE_URL": f"https://{NAME}",
        "SIMPLR_TRUSTED_PROXY": "1",
        "SIMPLR_METRICS_FROM": ALLOWED,
        "SIMPLR_WEB_PROCESSES": "2",
        "SIMPLR_WEB_THREADS": str(max(64, MOST_STALLED + 56)),
    }
    first = simplr.up("--port", "0", "--env", "test")
    port = json.loads((simplr.data / "installation.json").read_text())["port"]
    found = {"direct": Way(port, tls=False)}
    with ExitStack() as stack:
        with contextlib.suppress(FileNotFoundError):
            folder = tmp_path_factory.mktemp("nginx")
            found["nginx"] = stack.enter_context(nginx(folder, upstream=port))
        found["house"] = House(simplr, f"http://localhost:{port}", "", first["token"])  # type: ignore[assignment]
        yield found


@pytest.fixture(params=WAYS)
def way(ways: dict[str, Way], request: pytest.FixtureRequest) -> Way:
    return ways[request.param]


def head(*lines: str, host: str = NAME) -> bytes:
    return "\r\n".join([lines[0], f"Host: {host}", *lines[1:], "", ""]).encode()


def statuses(answer: bytes) -> list[int]:
    """Every answer on the connection: two to one request is one too many."""
    return [int(found) for found in re.findall(rb"^HTTP/1\.[01] (\d{3})", answer, re.MULTILINE)]


SMUGGLED = b"GET /api/v1/health HTTP/1.1\r\nHost: data.city.example\r\nConnection: close\r\n\r\n"
POST = "POST /api/v1/unseal HTTP/1.1"
TWO_WAYS_TO_READ = {
    "length and chunks": head(
        POST, f"Content-Length: {len(SMUGGLED) + 5}", "Transfer-Encoding: chunked"
    )
    + b"0\r\n\r\n"
    + SMUGGLED,
    "two lengths": head(POST, "Content-Length: 0", f"Content-Length: {len(SMUGGLED)}") + SMUGGLED,
    "a length with a sign": head(POST, "Content-Length: +0") + SMUGGLED,
    "a length with a comma": head(POST, f"Content-Length: 0, {len(SMUGGLED)}") + SMUGGLED,
    "chunks with a space before the colon": head(POST, "Transfer-Encoding : chunked")
    + b"0\r\n\r\n"
    + SMUGGLED,
    "an encoding that is none": head(POST, "Transfer-Encoding: xchunked", "Content-Length: 0")
    + SMUGGLED,
    "a folded line": head(POST, "X-Note: a", " Content-Length: 9", "Content-Length: 0") + SMUGGLED,
    "a bare line feed in a name": head(POST, "X\nContent-Length: 0", "Content-Length: 5")
    + SMUGGLED,
}


@pytest.mark.parametrize("kind", TWO_WAYS_TO_READ)
def test_what_can_be_read_in_two_ways_is_refused_and_ends_the_connection(
    way: Way, kind: str
) -> None:
    answer = way.send(TWO_WAYS_TO_READ[kind])

    assert len(statuses(answer)) <= 1, answer
    assert statuses(answer) in ([400], [411], [501], []), answer
    assert b'"ok"' not in answer


def test_chunks_without_a_length_are_told_to_say_one(ways: dict[str, Way]) -> None:
    """nginx gives what it has read whole a length; what it passes on as it comes has none."""
    chunks = b"5\r\nhello\r\n0\r\n\r\n"
    answer = ways["direct"].send(head(POST, "Transfer-Encoding: chunked") + chunks, seconds=1)

    assert statuses(answer) == [411]


@pytest.mark.parametrize("size", [9_000, 100_000])
def test_a_head_that_is_too_long_is_refused(way: Way, size: int) -> None:
    answer = way.send(head("GET /api/v1/health HTTP/1.1", f"X-Long: {'x' * size}"))

    assert len(statuses(answer)) == 1
    assert statuses(answer)[0] in {400, 414, 431}


def test_a_head_of_a_thousand_lines_is_refused(way: Way) -> None:
    lines = [f"X-{number}: x" for number in range(1000)]
    answer = way.send(head("GET /api/v1/health HTTP/1.1", *lines))

    assert statuses(answer)[0] in {400, 431}


METRICS = "GET /api/v1/metrics HTTP/1.1"


@pytest.mark.parametrize(
    "header", ["X_Forwarded_For", "X_FORWARDED_FOR", "x-forwarded_for", "X-Forwarded-For "]
)
def test_no_second_spelling_tells_where_a_request_comes_from(way: Way, header: str) -> None:
    answer = way.send(head(METRICS, f"{header}: {ALLOWED}", "Connection: close"))

    assert statuses(answer)[0] in {400, 401}


@needs_nginx
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_what_a_caller_says_of_himself_is_not_passed_on(ways: dict[str, Way], header: str) -> None:
    believed = ways["direct"].send(
        head(METRICS, f"X-Forwarded-For: {ALLOWED}", "Connection: close")
    )
    assert statuses(believed) == [200], "the proxy is believed"

    answer = ways["nginx"].send(head(METRICS, f"{header}: {ALLOWED}", "Connection: close"))

    assert statuses(answer) == [401]


def test_another_name_is_not_answered(way: Way) -> None:
    path = "GET /api/v1/health HTTP/1.1"
    direct = way.send(head(path, "Connection: close", host="evil.example"))
    told = way.send(head(path, "X-Forwarded-Host: evil.example", "Connection: close"))

    assert statuses(direct) == [422]
    assert statuses(told) == [200]
    assert b"evil.example" not in told


@pytest.mark.parametrize(
    "path",
    [
        "/static/%2e%2e/installation.json",
        "/static/..%2finstallation.json",
        "/static/%2e%2e/%2e%2e/secret/django-key",
        "/static/../installation.json",
        "/static/..%5c..%5csecret%5cdjango-key",
        "/client/%2e%2e%2f%2e%2e%2fsecret%2fdjango-key",
        "/static//etc/passwd",
        "/static/%00/x",
    ],
)
def test_no_address_leaves_its_folder(way: Way, path: str) -> None:
    answer = way.send(head(f"GET {path} HTTP/1.1", "Connection: close"))

    assert statuses(answer)[0] in {400, 401, 404, 422}
    assert b"created_at" not in answer
    assert b"root:" not in answer


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
def test_nothing_is_upgraded(way: Way, protocol: str) -> None:
    answer = way.send(
        head(
            "GET /api/v1/health HTTP/1.1",
            "Connection: Upgrade, HTTP2-Settings",
            f"Upgrade: {protocol}",
            "HTTP2-Settings: AAMAAABkAAQAAP__",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        ),
        seconds=1,
    )

    assert statuses(answer) == [200]


@pytest.fixture(scope="module")
def large(ways: dict[str, Any]) -> tuple[House, str, str]:
    """A file of 24 MiB that can be downloaded, and its project."""
    house: House = ways["house"]
    project = str(asked(house, "POST", "/projects", {"title": "Slow"})["id"])
    content = os.urandom(24 << 20)
    sent = json.loads(
        raw(house, "POST", f"/projects/{project}/uploads?name=a.bin&as=file", content)
    )
    until = time.monotonic() + 60
    while (found := asked(house, "GET", f"/uploads/{sent['id']}"))["state"] != "understood":
        assert time.monotonic() < until
        time.sleep(0.1)
    asked(house, "POST", f"/uploads/{sent['id']}/keep", {"fields": []})
    while (found := asked(house, "GET", f"/uploads/{sent['id']}"))["state"] != "kept":
        assert time.monotonic() < until
        time.sleep(0.1)
    return house, project, str(found["resource"])


def raw(house: House, method: str, path: str, body: bytes | None) -> bytes:
    return house.raw(
        method,
        path,
        body,
        **{"Host": NAME, "X-Forwarded-Proto": "https", "Content-Type": "application/json"},
    )


def asked(house: House, method: str, path: str, document: Any = None) -> Any:
    return json.loads(
        raw(house, method, path, None if document is None else json.dumps(document).encode())
    )


def stall(way: Way, large: tuple[House, str, str], stack: ExitStack, count: int) -> None:
    """Downloads that are not read on, and as many uploads that bring no more."""
    house, project, resource = large
    bearer = f"Authorization: Bearer {house.token}"
    for _ in range(count):
        download = stack.enter_context(way.connect())
        download.sendall(head(f"GET /api/v1/resources/{resource}/content HTTP/1.1", bearer))
        download.recv(1000)
        upload = stack.enter_context(way.connect())
        path = f"/api/v1/projects/{project}/uploads?name=b.bin&as=file"
        upload.sendall(
            head(f"POST {path} HTTP/1.1", bearer, "Content-Length: 900000") + b"x" * 5000
        )


def health_seconds(way: Way) -> float:
    began = time.monotonic()
    answer = way.send(head("GET /api/v1/health HTTP/1.1", "Connection: close"), seconds=8)
    assert statuses(answer) == [200], answer
    return time.monotonic() - began


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.prove)])
def test_slow_callers_keep_nobody_waiting(
    ways: dict[str, Way], large: tuple[House, str, str], count: int
) -> None:
    with ExitStack() as stack:
        stall(ways["direct"], large, stack, count)
        time.sleep(0.5)
        took = sorted(health_seconds(ways["direct"]) for _ in range(7))
    print(f"{count} stalled downloads and {count} stalled uploads: health in {took[3]:.3f} s")

    assert took[3] < 1, took
    assert health_seconds(ways["direct"]) < 1, "and when they are gone"


@needs_nginx
def test_one_address_cannot_take_every_place(
    ways: dict[str, Way], large: tuple[House, str, str]
) -> None:
    with ExitStack() as stack:
        stall(ways["nginx"], large, stack, 30)
        answer = ways["nginx"].send(head("GET /api/v1/health HTTP/1.1", "Connection: close"))
        took = health_seconds(ways["direct"])

    assert statuses(answer) == [429]
    assert took < 1


@needs_nginx
def test_heads_that_never_end_stay_at_the_proxy(ways: dict[str, Way]) -> None:
    with ExitStack() as stack:
        for _ in range(150):
            stack.enter_context(ways["nginx"].connect()).sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        took = [health_seconds(way) for way in (ways["nginx"], ways["direct"])]

    assert max(took) < 1, took


@needs_nginx
def test_nginx_keeps_no_body_on_its_disk(
    ways: dict[str, Way], large: tuple[House, str, str]
) -> None:
    house, project, resource = large
    way = ways["nginx"]
    bearer = f"Authorization: Bearer {house.token}"
    with way.connect() as upload, way.connect() as download:
        path = f"/api/v1/projects/{project}/uploads?name=c.bin&as=file"
        upload.sendall(head(f"POST {path} HTTP/1.1", bearer, "Content-Length: 4000000"))
        upload.sendall(b"x" * 3_000_000)
        download.sendall(head(f"GET /api/v1/resources/{resource}/content HTTP/1.1", bearer))
        download.recv(1000)
        time.sleep(1)
        assert way.spool is not None
        assert spooled(way.spool) == []
        upload.sendall(b"x" * 1_000_000)
        assert statuses(upload.recv(65536)) == [201]


def spooled(folder: Path) -> list[str]:
    """Files of the spool that are open in any process, also those without a name any more."""
    found = [str(path) for path in folder.rglob("*") if path.is_file()]
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            target = os.readlink(entry)
            if target.startswith(str(folder)):
                found.append(target)
    return found


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not here")
def test_caddy_takes_its_configuration() -> None:
    import subprocess

    place = ROOT / "deploy/proxy/Caddyfile"
    done = subprocess.run(
        ["caddy", "validate", "--adapter", "caddyfile", "--config", place],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_listener_lets_go_of_callers_that_take_nothing_more() -> None:
    from simplr.operations.start.network import STALLED_SECONDS, listen

    with listen("", 0) as listener, socket.socket() as caller:
        caller.connect(listener.getsockname())
        served, _ = listener.accept()
        with served:
            told = served.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert told == STALLED_SECONDS * 1000
            assert served.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
