"""At a real (pseudo) terminal: the question, the bar, the unseen secret; and a reader that leaves."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import simplr_client

from .conftest import Site

ID = "0192f0c1-0000-7000-8000-000000000005"
SOURCE = str(Path(simplr_client.__file__).parents[1])


def environment(site: Site, tmp_path: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": SOURCE,
        "PATH": os.environ["PATH"],
        "SIMPLR_URL": site.url,
        "SIMPLR_TOKEN": "open-sesame",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "LANG": "C.UTF-8",
    }


def heed_interrupts() -> None:
    """As in any terminal: what a shell runs in the background would ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Typed:
    """A command running at a terminal of its own."""

    def __init__(self, site: Site, tmp_path: Path, *words: str) -> None:
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simplr_client.command", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=tmp_path,
            env=environment(site, tmp_path),
            start_new_session=True,
            preexec_fn=heed_interrupts,
        )
        os.close(theirs)
        self.seen = ""

    def read_until(self, text: str, *, seconds: float = 20) -> str:
        """What was shown, up to and with `text`; or to the end when `text` is empty."""
        end = time.monotonic() + seconds
        while (not text or text not in self.seen) and time.monotonic() < end:
            if select.select([self.ours], [], [], 0.1)[0]:
                try:
                    shown = os.read(self.ours, 65536)
                except OSError:  # the terminal closed with its last process
                    break
                self.seen += shown.decode()
        assert text in self.seen, self.seen
        return self.seen

    def type(self, text: str) -> None:
        os.write(self.ours, text.encode())

    def end(self) -> int:
        self.read_until("")
        os.close(self.ours)
        return self.process.wait(20)


def accept(site: Site) -> None:
    understood = {
        "fields": [
            {
                "name": "postcode",
                "source_name": "Post code",
                "type": "text",
                "personal": "indirect",
                "confidence": 0.93,
                "missing_codes": ["NA"],
            }
        ],
        "counts": {"in": 1204, "kept": 1200, "quarantined_rows": 4, "quarantined_cells": 7},
    }
    upload = {"id": "u1", "name": "trees.csv", "state": "understood"}
    site.on("POST /projects/parks/uploads", (201, upload))
    site.on("GET /uploads/u1/understanding", (200, understood))
    step = {"kind": "trim", "on": True, "evidence": "Blanks around 12 cells.", "changes": 12}
    site.on("POST /uploads/u1/recipe/try", (200, {"steps": [step], "row_count": 1204}))
    site.on("POST /uploads/u1/keep", (202, {**upload, "state": "kept", "resource": ID}))
    site.on("DELETE /uploads/u1", (204, None))
    site.on(f"GET /resources/{ID}", (200, {"id": ID, "kind": "dataset", "title": "Trees"}))


def test_put_shows_what_was_understood_and_keeps_it_on_yes(site: Site, tmp_path: Path) -> None:
    accept(site)
    (tmp_path / "trees.csv").write_bytes(b"Post code\n" + b"00123\n" * 200_000)

    typed = Typed(site, tmp_path, "put", "trees.csv", "--project", "parks")
    shown = typed.read_until("Keep “trees.csv”? [y/N] ")
    typed.type("y\n")

    assert "sending" in shown
    assert "100 %" in shown
    assert "postcode" in shown
    assert "93%" in shown
    assert "Blanks around 12 cells." in shown
    assert "Tried on 1,204 rows (the file has more)." in shown
    assert "1,204 rows; 1,200 fit, 4 rows and 7 cells go to quarantine." in shown
    assert typed.end() == 0
    assert ID in typed.seen


def test_put_keeps_nothing_on_anything_but_yes(site: Site, tmp_path: Path) -> None:
    accept(site)
    (tmp_path / "trees.csv").write_bytes(b"Post code\n00123\n")

    typed = Typed(site, tmp_path, "put", "trees.csv", "--project", "parks")
    typed.read_until("[y/N] ")
    typed.type("\n")

    assert typed.end() == 5
    assert site.asked[-1].method == "DELETE"


def test_ctrl_c_takes_back_what_was_not_kept(site: Site, tmp_path: Path) -> None:
    accept(site)
    (tmp_path / "trees.csv").write_bytes(b"Post code\n00123\n")

    typed = Typed(site, tmp_path, "put", "trees.csv", "--project", "parks")
    typed.read_until("[y/N] ")
    typed.process.send_signal(signal.SIGINT)

    assert typed.end() == 130
    assert "Traceback" not in typed.seen
    assert site.asked[-1].method == "DELETE"


def test_a_token_that_is_typed_is_not_shown(site: Site, tmp_path: Path) -> None:
    site.on("GET /me", (200, {"email": "ada@example.org", "name": "Ada"}))

    typed = Typed(site, tmp_path, "signin", site.url, "--token")
    typed.read_until("Token: ")
    typed.type("typed-token\n")

    assert typed.end() == 0
    assert "typed-token" not in typed.seen
    assert site.asked[0].headers["authorization"] == "Bearer typed-token"


def test_signing_in_shows_a_code_and_waits_until_it_is_allowed(site: Site, tmp_path: Path) -> None:
    code = {
        "device_code": "kept-to-itself",
        "user_code": "BCDF-GHJK",
        "verification_uri": f"{site.url}/device",
        "verification_uri_complete": f"{site.url}/device?code=BCDF-GHJK",
        "expires_in": 600,
        "interval": 0,
    }
    site.beside("POST /oauth/device", (200, code))
    site.beside(
        "POST /oauth/token",
        (400, {"error": "authorization_pending"}),
        (200, {"access_token": "allowed-token"}),
    )
    site.on("GET /me", (200, {"email": "ada@example.org", "name": "Ada"}))

    typed = Typed(site, tmp_path, "signin", site.url)
    typed.read_until("BCDF-GHJK")

    assert typed.end() == 0
    assert "Signed in" in typed.seen
    assert "allowed-token" not in typed.seen
    assert "kept-to-itself" not in typed.seen
    assert b"client_id=simplr-command-line" in site.asked[0].body
    assert site.asked[-1].headers["authorization"] == "Bearer allowed-token"


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ((400, {"error": "access_denied"}), 3, "not allowed"),
        ((400, {"error": "expired_token"}), 3, "in time"),
    ],
)
def test_a_code_that_is_not_allowed_signs_nobody_in(
    site: Site, tmp_path: Path, answer: tuple[int, object], status: int, said: str
) -> None:
    code = {
        "device_code": "kept-to-itself",
        "user_code": "BCDF-GHJK",
        "verification_uri": f"{site.url}/device",
        "verification_uri_complete": f"{site.url}/device?code=BCDF-GHJK",
        "expires_in": 600,
        "interval": 0,
    }
    site.beside("POST /oauth/device", (200, code))
    site.beside("POST /oauth/token", answer)

    typed = Typed(site, tmp_path, "signin", site.url)

    assert typed.end() == status
    assert said in typed.seen


def test_a_reader_that_leaves_is_no_error(site: Site, tmp_path: Path) -> None:
    many = [{"id": str(n), "kind": "file", "title": f"plan {n}" * 9} for n in range(20_000)]
    site.on("GET /resources", (200, {"items": many, "next": None}))

    process = subprocess.Popen(
        [sys.executable, "-m", "simplr_client.command", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(site, tmp_path),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(20) == 0
