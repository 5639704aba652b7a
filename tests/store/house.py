"""An installation in the hands of a test: its interface, its processes, its files."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tests.start.conftest import Simplr

from simplr.operations.start import processes
from simplr.operations.start.environment import environment

QUICK = {"SIMPLR_STALLED_SECONDS": "2", "SIMPLR_UPLOAD_SILENT_SECONDS": "3"}


class Answered(Exception):
    """The installation answered with an error."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"{status} {body[:500]!r}")
        self.status, self.body = status, body


@dataclass
class House:
    """A running installation, entered with the token of its first administrator."""

    simplr: Simplr
    url: str
    signin: str
    token: str = field(repr=False)

    @classmethod
    def opened(cls, simplr: Simplr) -> House:
        simplr.extra = QUICK
        first = simplr.up("--port", "0", "--env", "test")
        return cls(simplr=simplr, url=first["url"], signin=first["signin"], token=first["token"])

    @property
    def data(self) -> Path:
        return self.simplr.data

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """The body of an answer. Raises Answered for an error status."""
        request = urllib.request.Request(  # noqa: S310 the address is our own
            self.url.rstrip("/") + "/api/v1" + path,
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise Answered(error.code, error.read()) from None

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """A JSON answer to a JSON question."""
        body = None if document is None else json.dumps(document).encode()
        content = self.raw(method, path, body, **{"Content-Type": "application/json"})
        return json.loads(content) if content else None

    def every(self, path: str) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor = ""
        while True:
            page = self.ask("GET", f"{path}?limit=500&cursor={cursor}")
            yield from page["items"]
            if not page.get("next"):
                return
            cursor = page["next"]

    def project(self, title: str) -> str:
        return str(self.ask("POST", "/projects", {"title": title})["id"])

    def used_bytes(self, project: str) -> int:
        return int(self.ask("GET", f"/projects/{project}")["used_bytes"])

    def put(self, project: str, name: str, content: bytes, as_: str = "auto") -> dict[str, Any]:
        """Upload; returns when it is acknowledged."""
        path = f"/projects/{project}/uploads?name={quote(name)}&as={as_}"
        headers = {"Content-Type": "application/octet-stream"}
        return dict(json.loads(self.raw("POST", path, content, **headers)))

    def begin(self, project: str, name: str, size: int) -> str:
        """Begin an upload that can be resumed; its id."""
        said = f"name {base64.b64encode(name.encode()).decode()}"
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": said}
        return str(json.loads(self.raw("POST", f"/projects/{project}/tus", **headers))["id"])

    def append(self, upload: str, offset: int, content: bytes) -> None:
        """Send the bytes from `offset` on; returns when they are acknowledged."""
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        self.raw("PATCH", f"/tus/{upload}", content, **headers)

    def wait_for(self, upload: str, *states: str, seconds: float = 90) -> dict[str, Any]:
        """The upload once it is in one of `states`; fails when it ends in another."""
        until = time.monotonic() + seconds
        while True:
            found = dict(self.ask("GET", f"/uploads/{upload}"))
            if found["state"] in states:
                return found
            assert found["state"] not in {"failed", "cancelled", "kept"}, found
            assert time.monotonic() < until, found
            time.sleep(0.1)

    def keep(self, upload: str, **choices: Any) -> dict[str, Any]:
        """Keep an understood upload and wait for it."""
        self.wait_for(upload, "understood")
        self.ask("POST", f"/uploads/{upload}/keep", {"fields": [], **choices})
        return self.wait_for(upload, "kept")

    def send(self, head: str, body: bytes = b"", *, seconds: float = 10) -> bytes:
        """Everything the server answers to these very bytes, until it closes; our side is shut
        after the body, so that a body that is too short is one that ends early."""
        with self.connection(seconds) as wire:
            wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
            wire.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := wire.recv(65536):
                answer += piece
            return answer

    def connection(self, seconds: float = 10) -> socket.socket:
        address = urlsplit(self.url)
        assert address.port is not None
        return socket.create_connection(("127.0.0.1", address.port), timeout=seconds)

    def head(self, method: str, path: str, *lines: str) -> str:
        """The head of a raw request of ours, without its last empty line."""
        host = urlsplit(self.url).netloc
        return "\n".join(
            [
                f"{method} /api/v1{path} HTTP/1.1",
                f"Host: {host}",
                f"Authorization: Bearer {self.token}",
                "Connection: close",
                *lines,
                "",
            ]
        )

    def objects(self) -> list[Path]:
        return sorted((self.data / "objects").glob("??/??/*.sf1"))

    def half_written(self) -> list[Path]:
        return sorted((self.data / "objects" / "partial").glob("*"))

    def manage(self, script: str) -> str:
        """Run a piece of Python inside the installation, as one of its own processes."""
        environ = {
            **environment(self.data, environ={**QUICK}),
            "PYTHONPATH": self.simplr.path,
        }
        started = "import django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", started + script],
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def kill_everything(self) -> None:
        """kill -9 the supervisor and all that it started; nothing gets a word in."""
        pids = [self.simplr.supervisor(), *everything_of(self.data)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert processes.wait_until(lambda: not everything_of(self.data), seconds=20)

    def start_again(self) -> None:
        address = self.simplr.up("--env", "test")
        self.url = address["url"]


def everything_of(data: Path) -> list[int]:
    """The processes that belong to an installation: by folder, socket or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                said = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(data).encode() in said and processes.is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found
