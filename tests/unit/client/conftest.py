"""A small real HTTP server whose answers a test writes: for the protocol, not for the product.

What the product answers is tested against the product, in tests/clients.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from simplr_client import Session, connect


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = Callable[["Handler", Asked], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def answer(
        self, status: int, document: object = None, headers: dict[str, str] | None = None
    ) -> None:
        kind = "application/json" if status < 400 else "application/problem+json"
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, chunks: list[bytes], *, finish: bool, kind: str = "text/csv") -> None:
        """A chunked answer; without `finish` the connection is cut before the last chunk."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        if finish:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the test looks at `asked`."""

    def _any(self) -> None:
        early = f"{self.command} {self.path.partition('?')[0]}" in self.server.early
        body = b"" if early else self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.close_connection = early
        asked = Asked(
            self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body
        )
        self.server.asked.append(asked)
        route = f"{self.command} {self.path.partition('?')[0]}"
        replies = self.server.replies.get(route)
        if not replies:
            self.answer(404, {"status": 404, "code": "not-found", "detail": f"no {route}"})
            return
        (replies.pop(0) if len(replies) > 1 else replies[0])(self, asked)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = _any


@dataclass
class _Log:
    asked: list[Asked] = field(default_factory=list)
    replies: dict[str, list[Reply]] = field(default_factory=dict)


class Site(ThreadingHTTPServer):
    """Replies are given in order; the last one stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        log = _Log()
        self.asked, self.replies = log.asked, log.replies
        self.early: set[str] = set()
        """Routes that answer before the body has arrived, and hang up."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def on(self, route: str, *replies: Reply | tuple[int, object]) -> None:
        method, _, path = route.partition(" ")
        self.beside(f"{method} /api/v1{path}", *replies)

    def beside(self, route: str, *replies: Reply | tuple[int, object]) -> None:
        """The same for an address that is none of the API."""
        self.replies[route] = [reply if callable(reply) else _saying(*reply) for reply in replies]


def _saying(status: int, document: object) -> Reply:
    return lambda handler, asked: handler.answer(status, document)


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of whoever runs the tests: neither environment nor stored tokens."""
    for name in ("SIMPLR_URL", "SIMPLR_TOKEN", "SIMPLR_CA_FILE", "SIMPLR_PLAIN_HTTP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def session(site: Site) -> Iterator[Session]:
    with connect(site.url, "open-sesame") as made:
        yield made
