"""Row 9: whatever gives somebody a right, once it is taken away he reads nothing a second later.

Real processes: the installation serves with four web processes and a worker. Each test starts a
slow download, takes the right away, and asks again over new connections, which reach every
process; the running download breaks off, so that nobody takes what arrived for the whole. A right
is a grant, a link, a token, a membership, a licence, or the person himself; it is used by a token,
by the cookie of a browser, or by an address that was given out before.
"""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.installation import WEB_PROCESSES, Installation

ROWS = 40_000
CELL = 600
FULL = ROWS * CELL
SECOND = 1.0


@dataclass
class Shared:
    """A large data set, and a release of all of its rows."""

    installation: Installation
    project: str
    dataset: str
    release: str

    def ask(self, key: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """One request of a person, which must succeed."""
        answer = httpx.request(
            method,
            f"{self.installation.url}/api/v1{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.installation.as_(key).token}"},
            timeout=60,
            **more,
        )
        assert answer.is_success, (method, path, answer.status_code, answer.text[:500])
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def shared(installation: Installation) -> Shared:
    """Made by the steward as everybody does: project, file, release."""
    one = Shared(installation, "", "", "")
    one.project = one.ask("steward", "POST", "/projects", {"title": "Ending rights"})["id"]
    lines = ["number,noise"]
    lines += [f"{at},{secrets.token_hex(CELL // 2)}" for at in range(ROWS)]
    content = "\n".join(lines).encode()
    upload = httpx.post(
        f"{installation.url}/api/v1/projects/{one.project}/uploads?name=noise.csv",
        content=content,
        headers={"Authorization": f"Bearer {installation.as_('steward').token}"},
        timeout=60,
    ).json()
    _until(one, upload["id"], "understood")
    one.ask("steward", "POST", f"/uploads/{upload['id']}/keep", {"fields": []})
    one.dataset = _until(one, upload["id"], "kept")["resource"]
    one.release = one.ask(
        "steward",
        "POST",
        f"/datasets/{one.dataset}/releases",
        {"title": "All of it", "fields": [{"name": "number"}, {"name": "noise"}]},
    )["id"]
    return one


def _until(one: Shared, upload: str, state: str) -> Any:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        found = one.ask("steward", "GET", f"/uploads/{upload}")
        if found["state"] == state:
            return found
        assert found["state"] != "failed", found
        time.sleep(0.2)
    raise AssertionError(f"not {state} in 90 s")


class SlowReader:
    """A download over a socket that is read as slowly as its reader likes."""

    def __init__(self, url: str, path: str, credential: dict[str, str]) -> None:
        parts = urlsplit(url)
        lines = "".join(f"{name}: {value}\r\n" for name, value in credential.items())
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), 30)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{lines}\r\n".encode())
        self.received = self._socket.recv(4096)

    def rest(self) -> bytes:
        """All that still comes until the server ends it."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                piece = self._socket.recv(256 * 1024)
            except ConnectionError:
                break
            if not piece:
                break
            self.received += piece
        self._socket.close()
        return self.received


def _refused(shared: Shared, credential: dict[str, str], path: str) -> int:
    """The status that a new connection gets."""
    answer = httpx.get(f"{shared.installation.url}{path}", headers=credential, timeout=30)
    return answer.status_code


@contextmanager
def _a_right_that_ends(
    shared: Shared,
    credential: dict[str, str],
    *,
    rows: str = "",
    about: str = "",
) -> Iterator[Callable[[], None]]:
    """Reads slowly; what is called inside ends the right; then nothing more may be read."""
    rows = rows or f"/api/v1/datasets/{shared.dataset}/rows?format=csv"
    about = about or f"/api/v1/datasets/{shared.dataset}/sample?limit=1"
    assert _refused(shared, credential, about) == 200, "the right is there before it ends"
    reader = SlowReader(shared.installation.url, rows, credential)
    assert reader.received.startswith(b"HTTP/1.1 200"), reader.received[:300]
    time.sleep(0.6)
    ended_at: list[float] = []
    yield lambda: ended_at.append(time.monotonic())
    while _refused(shared, credential, about) in {200, 206}:
        assert time.monotonic() - ended_at[0] < SECOND, "still read a second later"
    # Many new connections: every web process is asked. A page sends to where one signs in.
    assert {_refused(shared, credential, about) for _ in range(30)} <= {302, 401, 403, 404}
    time.sleep(max(0.0, ended_at[0] + SECOND - time.monotonic()))
    content = reader.rest()
    assert len(content) < FULL / 2, "the download went on"
    assert not content.endswith(b"0\r\n\r\n"), "a broken download looks complete"


def _token(shared: Shared, key: str) -> dict[str, Any]:
    found: dict[str, Any] = shared.ask(
        key,
        "POST",
        "/tokens",
        {
            "name": "to be ended",
            "scopes": ["resource:download"],
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        },
    )
    return found


def _grant(shared: Shared, to: dict[str, Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = shared.ask(
        "steward",
        "POST",
        "/grants",
        {"node": shared.dataset, "to": to, "release": shared.release, **more},
    )
    return found


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_as_many_web_processes_serve_as_the_checklist_names(shared: Shared) -> None:
    serving = _parents_of("gunicorn", shared.installation.data)

    masters = set(serving.values()) & set(serving)
    workers = [pid for pid, parent in serving.items() if parent in masters]

    assert len(masters) == 1
    assert len(workers) == WEB_PROCESSES


def _parents_of(program: str, data: Path) -> dict[int, int]:
    """The processes of the installation that run a program, and the parent of each."""
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            words = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            if program.encode() in words[0] and str(data).encode() in words[1]:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = int(stat[1])
    return found


def test_a_revoked_grant_ends_reading_within_a_second(shared: Shared) -> None:
    grant = _grant(shared, {"email": "ben.okafor@university.example"})
    with _a_right_that_ends(shared, _bearer(shared.installation.as_("colleague").token)) as ended:
        shared.ask("steward", "DELETE", f"/grants/{grant['id']}")
        ended()


def test_a_revoked_link_ends_reading_within_a_second(shared: Shared) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    grant = _grant(shared, {"link": {}}, until=until)
    secret = grant["link_url"].rsplit("/", 1)[1]
    with _a_right_that_ends(shared, {"Authorization": f"Link {secret}"}) as ended:
        shared.ask("steward", "DELETE", f"/grants/{grant['id']}")
        ended()


def test_a_revoked_token_ends_reading_within_a_second(shared: Shared) -> None:
    token = _token(shared, "steward")
    with _a_right_that_ends(shared, _bearer(token["token"])) as ended:
        shared.ask("steward", "DELETE", f"/tokens/{token['id']}")
        ended()


def test_an_ended_membership_ends_reading_within_a_second(shared: Shared) -> None:
    members = f"/projects/{shared.project}/members"
    shared.ask(
        "steward", "POST", members, {"email": "tomas.ek@lakeside.example", "role": "analyst"}
    )
    analyst = shared.ask("analyst", "GET", "/me")["id"]
    with _a_right_that_ends(shared, _bearer(shared.installation.as_("analyst").token)) as ended:
        shared.ask("steward", "DELETE", f"{members}/{analyst}")
        ended()


def test_a_person_who_is_shut_out_reads_nothing_a_second_later(shared: Shared) -> None:
    _grant(shared, {"email": "chen.li@university.example"})
    token = _token(shared, "researcher")["token"]
    researcher = shared.ask("researcher", "GET", "/me")["id"]
    try:
        with _a_right_that_ends(shared, _bearer(token)) as ended:
            shared.ask("administrator", "PATCH", f"/people/{researcher}", {"active": False})
            ended()
    finally:
        shared.ask("administrator", "PATCH", f"/people/{researcher}", {"active": True})


def test_a_revoked_licence_ends_reading_within_a_second(shared: Shared) -> None:
    _grant(shared, {"email": "ben.okafor@university.example"})
    licences = shared.ask("administrator", "GET", "/licences?limit=500")["items"]
    (licence,) = [
        one
        for one in licences
        if one["state"] == "live"
        and one["organisation"]
        and one["organisation"]["id"] == shared.installation.university
    ]
    token = _token(shared, "colleague")["token"]
    try:
        with _a_right_that_ends(shared, _bearer(token)) as ended:
            shared.ask("administrator", "DELETE", f"/licences/{licence['id']}")
            ended()
    finally:
        shared.ask(
            "administrator",
            "POST",
            "/licences",
            {"organisation": shared.installation.university, "expires_at": licence["expires_at"]},
        )


def _browser(shared: Shared, secret: str, password: str = "") -> dict[str, str]:
    """The cookie of a browser that opened a link."""
    with httpx.Client(base_url=shared.installation.url, timeout=30) as browser:
        browser.get(f"/l/{secret}")
        token = browser.cookies["simplr-csrf"]
        answer = browser.post(
            f"/l/{secret}", data={"password": password, "csrfmiddlewaretoken": token}
        )
        assert answer.status_code == 302, answer.text[:300]
        return {"Cookie": f"simplr={browser.cookies['simplr']}"}


def test_a_browser_that_opened_a_link_reads_nothing_once_it_is_revoked(shared: Shared) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    grant = _grant(shared, {"link": {"password": "tell nobody"}}, until=until)
    secret = grant["link_url"].rsplit("/", 1)[1]
    cookie = _browser(shared, secret, "tell nobody")
    release = f"?release={shared.release}"
    with _a_right_that_ends(
        shared,
        cookie,
        rows=f"/api/v1/datasets/{shared.dataset}/rows{release}&format=csv",
        about=f"/received/{shared.release}",
    ) as ended:
        shared.ask("steward", "DELETE", f"/grants/{grant['id']}")
        ended()
    assert _refused(shared, {}, f"/l/{secret}") == 404, "the address that was given out is dead"


def test_the_original_of_a_file_breaks_off_like_its_rows(shared: Shared) -> None:
    members = f"/projects/{shared.project}/members"
    shared.ask(
        "steward", "POST", members, {"email": "tomas.ek@lakeside.example", "role": "steward"}
    )
    analyst = shared.ask("analyst", "GET", "/me")["id"]
    with _a_right_that_ends(
        shared,
        _bearer(shared.installation.as_("analyst").token),
        rows=f"/api/v1/resources/{shared.dataset}/content",
    ) as ended:
        shared.ask("steward", "DELETE", f"{members}/{analyst}")
        ended()


def test_the_worker_keeps_nothing_for_somebody_whose_right_ended(shared: Shared) -> None:
    """He asks for a long piece of work, and is taken out of the project while it is done."""
    members = f"/projects/{shared.project}/members"
    shared.ask(
        "steward", "POST", members, {"email": "tomas.ek@lakeside.example", "role": "steward"}
    )
    analyst = shared.ask("analyst", "GET", "/me")["id"]
    lines = [f"{at},{secrets.token_hex(200)}" for at in range(60_000)]
    upload = httpx.post(
        f"{shared.installation.url}/api/v1/projects/{shared.project}/uploads?name=late.csv",
        content="\n".join(["number,noise", *lines]).encode(),
        headers=_bearer(shared.installation.as_("analyst").token),
        timeout=60,
    ).json()
    _until(shared, upload["id"], "understood")
    before = shared.ask("steward", "GET", f"/projects/{shared.project}/resources")["items"]

    shared.ask("analyst", "POST", f"/uploads/{upload['id']}/keep", {"fields": []})
    shared.ask("steward", "DELETE", f"{members}/{analyst}")

    until = time.monotonic() + 120
    while (found := shared.ask("steward", "GET", f"/uploads/{upload['id']}"))["state"] == "keeping":
        assert time.monotonic() < until
        time.sleep(0.2)
    assert (found["state"], found["error"]["code"]) == ("failed", "right-ended")
    assert shared.ask("steward", "GET", f"/projects/{shared.project}/resources")["items"] == before


def test_what_goes_into_the_trash_is_read_by_nobody_a_second_later(shared: Shared) -> None:
    _grant(shared, {"email": "ben.okafor@university.example"})
    with _a_right_that_ends(shared, _bearer(shared.installation.as_("colleague").token)) as ended:
        shared.ask("steward", "POST", "/acts", {"act": "trash", "ids": [shared.dataset]})
        ended()
    back = {"act": "bring-back", "ids": [shared.dataset]}
    assert shared.ask("steward", "POST", "/acts", back)["done_count"] == 1
