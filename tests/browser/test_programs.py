"""A program asks somebody in her browser: she reads what it wants, allows it, and ends it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pty
import re
import secrets
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from tests.browser.people import STEWARD, Institute
from tests.browser.starting import ADMINISTRATOR
from tests.browser.visits import NewWindow

SOURCE = str(Path(__file__).resolve().parents[2] / "src")


class _Handler(BaseHTTPRequestHandler):
    server: OnThisMachine

    def do_GET(self) -> None:
        self.server.came.append(self.path)
        body = b"<!doctype html><html lang=en><title>Back</title><h1>Back at the program</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the test looks at `came`."""


@dataclass
class _Log:
    came: list[str] = field(default_factory=list)


class OnThisMachine(ThreadingHTTPServer):
    """A program on the person's own machine, to which her browser comes back."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.came = _Log().came

    @property
    def back(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/back"


@pytest.fixture
def program() -> Iterator[OnThisMachine]:
    server = OnThisMachine()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_program_is_registered_allowed_and_ended_in_browsers(
    windows: NewWindow, institute: Institute, program: OnThisMachine, size: str
) -> None:
    administrator = windows(size, ADMINISTRATOR)
    administrator.go("/installation/programs")
    administrator.look("programs-none")
    administrator.fill(name="Tree planner", addresses=program.back)
    administrator.page.locator('select[name="kind"]').select_option("native")
    administrator.page.get_by_label("Read and download whatever I may read").check()
    administrator.leave(administrator.button("Register it"))
    client_id = administrator.page.locator("[role=status] code").first.inner_text()
    administrator.look("programs", manual=True)

    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": program.back,
        "scope": "project:read resource:download",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    steward = windows(size, STEWARD)
    steward.go("/oauth/authorize?" + urlencode(asked))
    assert steward.title() == "Tree planner asks to act for you"
    steward.look("consent", manual=True)
    # The browser goes to the program only if the page's policy lets the answer of a form lead there.
    steward.expect_fault(f"outside request: {program.back}")
    steward.expect_fault(r"outside request: http://127\.0\.0\.1:\d+/favicon\.ico")
    steward.leave(steward.button("Allow"))

    assert steward.title() == "Back at the program"
    code = parse_qs(urlsplit(steward.page.url).query)["code"][0]
    told = httpx.post(
        f"{institute.url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": program.back,
        },
        timeout=60,
    ).json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    me = f"{institute.url}/api/v1/me"
    assert httpx.get(me, headers=bearer, timeout=60).status_code == 200

    steward.go("/account/tokens")
    steward.leave(steward.button("Revoke the token Tree planner"))
    assert httpx.get(me, headers=bearer, timeout=60).status_code == 401


def test_simplr_signin_shows_a_code_that_is_typed_on_a_phone(
    windows: NewWindow, institute: Institute, size: str, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "-m", "simplr_client.command", "signin", institute.url],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": SOURCE,
            "XDG_CONFIG_HOME": str(tmp_path),
            "LANG": "C.UTF-8",
        },
    )
    os.close(theirs)
    try:
        code = _seen(ours, r"[B-Z]{4}-[B-Z]{4}")
        steward = windows(size, STEWARD)
        steward.go("/device")
        steward.look("device")
        steward.fill(code=code.lower())
        steward.leave(steward.button("Go on"))
        assert steward.title() == "Simplr command line asks to act for you"
        steward.look("consent-of-the-command-line")
        steward.leave(steward.button("Allow"))
        assert steward.title() == "Simplr command line is signed in"
        steward.look("device-done")

        assert _seen(ours, r"Signed in to \S+ as ([\w ]+)\.").endswith(f"as {STEWARD}.")
        assert command.wait(30) == 0
    finally:
        command.kill()
        command.wait()
        os.close(ours)
    kept = json.loads((tmp_path / "simplr" / "credentials.json").read_text())
    token = kept["installations"][institute.url]["token"]
    answer = httpx.get(
        f"{institute.url}/api/v1/projects",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.status_code == 200


def _seen(terminal: int, pattern: str) -> str:
    """What a command shows at its terminal, once it shows that."""
    shown, until = "", time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            shown += os.read(terminal, 65536).decode()
        except OSError:  # its last process has ended
            break
        if found := re.search(pattern, " ".join(shown.split())):
            return found[0]
    pytest.fail(f"not seen: {pattern} in {shown}")
