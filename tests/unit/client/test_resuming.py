"""Large files: going on after a break, and after a run that was stopped."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from simplr_client import Invalid, NoServer, Progress, Session, SimplrError, connect, resuming

from .conftest import Asked, Handler, Site

ID = "0192f0c1-0000-7000-8000-000000000003"
CONTENT = os.urandom(1_000_000)
UPLOAD = {"id": ID, "name": "big.csv", "state": "understood"}


class Tus:
    """As much of the protocol as a test needs: what arrives, and a line that breaks."""

    def __init__(self, site: Site) -> None:
        self.arrived = bytearray()
        self.breaks_after: list[int] = []
        """How many bytes of the next bodies arrive before the line breaks."""
        site.on("POST /projects/parks/tus", self.begin)
        site.on(f"HEAD /tus/{ID}", self.head)
        site.on(f"PATCH /tus/{ID}", self.patch)
        site.on(f"GET /uploads/{ID}", (200, UPLOAD))

    def begin(self, handler: Handler, asked: Asked) -> None:
        self.arrived.clear()
        self.begun = asked
        handler.answer(201, UPLOAD, {"Upload-Offset": "0"})

    def head(self, handler: Handler, asked: Asked) -> None:
        handler.answer(200, None, {"Upload-Offset": str(len(self.arrived))})

    def patch(self, handler: Handler, asked: Asked) -> None:
        if int(asked.headers["upload-offset"]) != len(self.arrived):
            handler.answer(409, {"status": 409, "code": "offset-differs", "detail": "No."})
            return
        if self.breaks_after:
            self.arrived += asked.body[: self.breaks_after.pop(0)]
            handler.close_connection = True
            return
        self.arrived += asked.body
        handler.answer(204, None, {"Upload-Offset": str(len(self.arrived))})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(resuming, "RESUMABLE_FROM", 500_000)
    monkeypatch.setattr(resuming, "LONGEST_WAIT", 0.01)


@pytest.fixture
def tus(site: Site) -> Tus:
    return Tus(site)


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.csv"
    path.write_bytes(CONTENT)
    return path


def kept() -> list[Path]:
    return list(resuming.folder().iterdir()) if resuming.folder().exists() else []


def test_a_large_file_says_its_name_and_digest_and_is_sent_whole(
    tus: Tus, session: Session, big: Path
) -> None:
    told: list[Progress] = []

    upload = session.upload(big, project="parks", as_="table", progress=told.append)

    assert upload.id == ID
    assert tus.arrived == CONTENT
    assert tus.begun.headers["upload-length"] == "1000000"
    said = dict(pair.split(" ") for pair in tus.begun.headers["upload-metadata"].split(","))
    assert {k: base64.b64decode(v).decode() for k, v in said.items()} == {
        "name": "big.csv",
        "as": "table",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
    }
    assert [one.done for one in told if one.step == "sending"][-1] == 1_000_000
    assert kept() == []


def test_a_small_file_goes_in_one_request(site: Site, session: Session, tmp_path: Path) -> None:
    site.on("POST /projects/parks/uploads", (201, UPLOAD))
    (tmp_path / "small.csv").write_bytes(CONTENT[:499_999])

    session.upload(tmp_path / "small.csv", project="parks")

    assert [one.path.partition("?")[0] for one in site.asked] == ["/api/v1/projects/parks/uploads"]


def test_a_line_that_breaks_again_and_again_costs_nothing_that_arrived(
    tus: Tus, site: Site, session: Session, big: Path
) -> None:
    tus.breaks_after = [300_000, 1, 0, 400_000]

    session.upload(big, project="parks")

    assert tus.arrived == CONTENT
    offsets = [one.headers["upload-offset"] for one in site.asked if one.method == "PATCH"]
    assert offsets == ["0", "300000", "300001", "300001", "700001"]


def test_who_gets_no_further_is_told_and_the_next_run_goes_on(
    tus: Tus, site: Site, session: Session, big: Path
) -> None:
    tus.breaks_after = [400_000, *[0] * resuming.TRIES]

    with pytest.raises(SimplrError):
        session.upload(big, project="parks")
    (place,) = kept()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    tus.breaks_after.clear()
    site.asked.clear()
    session.upload(big, project="parks")

    assert tus.arrived == CONTENT
    assert [one.method for one in site.asked] == ["HEAD", "PATCH", "GET"]
    assert site.asked[1].headers["upload-offset"] == "400000"


def test_a_stopped_run_goes_on_and_is_not_cancelled(
    tus: Tus, site: Site, session: Session, big: Path
) -> None:
    def stop(told: Progress) -> None:
        if told.step == "sending" and told.done > 500_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.put(big, project="parks", progress=stop)

    assert len(kept()) == 1
    assert "DELETE" not in [one.method for one in site.asked]


@pytest.mark.parametrize("status", [404, 410])
def test_an_upload_that_is_gone_is_begun_again(
    tus: Tus, site: Site, session: Session, big: Path, status: int
) -> None:
    tus.breaks_after = [400_000, *[0] * resuming.TRIES]
    with pytest.raises(SimplrError):
        session.upload(big, project="parks")
    tus.breaks_after.clear()
    site.on(f"HEAD /tus/{ID}", (status, None))

    session.upload(big, project="parks")

    assert tus.arrived == CONTENT
    assert [one.method for one in site.asked].count("POST") == 2


@pytest.mark.parametrize("change", ["content", "project", "as"])
def test_another_content_or_place_is_another_upload(
    tus: Tus, site: Site, session: Session, big: Path, change: str
) -> None:
    tus.breaks_after = [400_000, *[0] * resuming.TRIES]
    with pytest.raises(SimplrError):
        session.upload(big, project="parks")
    tus.breaks_after.clear()
    if change == "content":
        big.write_bytes(CONTENT[:-1] + bytes([CONTENT[-1] ^ 1]))
    site.on("POST /projects/trees/tus", tus.begin)

    session.upload(
        big,
        project="trees" if change == "project" else "parks",
        as_="file" if change == "as" else "auto",
    )

    assert tus.arrived == big.read_bytes()
    assert [one.method for one in site.asked].count("POST") == 2


def test_a_refusal_is_told_at_once(tus: Tus, site: Site, session: Session, big: Path) -> None:
    problem = {"status": 422, "code": "quota-full", "detail": "No room."}
    site.on("POST /projects/parks/tus", (422, problem))

    with pytest.raises(Invalid) as refused:
        session.upload(big, project="parks")

    assert refused.value.code == "quota-full"
    assert kept() == []


def test_where_nothing_can_be_kept_it_is_sent_all_the_same(
    tus: Tus, session: Session, big: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/nowhere")
    tus.breaks_after = [300_000]

    session.upload(big, project="parks")

    assert tus.arrived == CONTENT


def test_what_was_kept_long_ago_is_forgotten(tus: Tus, session: Session, big: Path) -> None:
    resuming.folder().mkdir(parents=True)
    old = resuming.folder() / "old"
    old.write_text(ID)
    os.utime(old, (0, 0))

    session.upload(big, project="parks")

    assert kept() == []


@pytest.fixture
def nobody() -> Iterator[Session]:
    with connect("http://127.0.0.1:9", "open-sesame") as made:
        yield made


def test_nothing_that_answers_is_not_waited_for_at_the_beginning(
    nobody: Session, big: Path
) -> None:
    with pytest.raises(NoServer):
        nobody.upload(big, project="parks")
