"""Sending files: their digest, their length, what happens when they are not understood."""

from __future__ import annotations

import base64
import hashlib
import io
import os
from pathlib import Path

import pytest

from simplr_client import Conflict, Dataset, Invalid, Progress, Session, SimplrError, resuming

from .conftest import Asked, Handler, Site

ID = "0192f0c1-0000-7000-8000-000000000002"


def upload(state: str, **more: object) -> tuple[int, dict[str, object]]:
    return 200, {"id": "u1", "name": "trees.csv", "state": state, **more}


def accept(site: Site) -> None:
    site.on("POST /projects/parks/uploads", (201, upload("received")[1]))
    site.on("GET /uploads/u1", upload("understanding"), upload("understood"))
    site.on("POST /uploads/u1/keep", (202, upload("kept", resource=ID)[1]))
    site.on("DELETE /uploads/u1", (204, None))
    site.on(f"GET /resources/{ID}", (200, {"id": ID, "kind": "dataset", "title": "Trees"}))


def test_a_file_is_sent_with_its_length_and_digest_and_kept(
    site: Site, session: Session, tmp_path: Path
) -> None:
    accept(site)
    content = os.urandom(700_000)
    (tmp_path / "trees.csv").write_bytes(content)
    told: list[Progress] = []

    kept = session.put(tmp_path / "trees.csv", project="parks", progress=told.append)

    assert isinstance(kept, Dataset)
    sent = site.asked[0]
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert sent.body == content
    assert sent.headers["content-length"] == "700000"
    assert "transfer-encoding" not in sent.headers
    assert sent.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert "name=trees.csv" in sent.path
    sending = [one.done for one in told if one.step == "sending"]
    assert sending == sorted(sending)
    assert sending[-1] == 700_000


def test_corrections_travel_with_keep(site: Site, session: Session, tmp_path: Path) -> None:
    accept(site)
    (tmp_path / "trees.csv").write_bytes(b"a\n1\n")

    session.put(
        tmp_path / "trees.csv",
        project="parks",
        title="Trees",
        overrides=[{"name": "a", "type": "text"}],
    )

    keep = next(one for one in site.asked if one.path.endswith("/keep"))
    assert keep.body == b'{"fields":[{"name":"a","type":"text"}],"title":"Trees"}'


def test_an_empty_file_is_sent_as_nought_bytes(
    site: Site, session: Session, tmp_path: Path
) -> None:
    accept(site)
    (tmp_path / "trees.csv").touch()

    session.put(tmp_path / "trees.csv", project="parks")

    assert site.asked[0].headers["content-length"] == "0"


def test_an_open_file_and_a_pipe_are_sent_too(site: Site, session: Session) -> None:
    accept(site)
    session.put(io.BytesIO(b"a\n1\n"), project="parks", name="trees.csv")
    assert site.asked[0].body == b"a\n1\n"

    read_end, write_end = os.pipe()
    os.write(write_end, b"piped")
    os.close(write_end)
    site.asked.clear()
    accept(site)
    with os.fdopen(read_end, "rb") as pipe:
        session.put(pipe, project="parks", name="trees.csv")
    assert site.asked[0].body == b"piped"


def test_bytes_without_a_name_are_not_sent(site: Site, session: Session) -> None:
    with pytest.raises(Invalid):
        session.put(io.BytesIO(b"x"), project="parks")

    assert site.asked == []


def test_a_file_that_is_not_understood_says_why(
    site: Site, session: Session, tmp_path: Path
) -> None:
    accept(site)
    failed = upload("failed", error={"message": "It has no header.", "code": "header-missing"})
    site.on("GET /uploads/u1", failed)
    (tmp_path / "trees.csv").write_bytes(b"x")

    with pytest.raises(Invalid, match="no header") as caught:
        session.put(tmp_path / "trees.csv", project="parks")

    assert caught.value.code == "header-missing"


def test_a_refused_keep_cancels_the_upload_and_tells_the_first_error(
    site: Site, session: Session, tmp_path: Path
) -> None:
    accept(site)
    problem = {"status": 422, "code": "type-unknown", "detail": "No such type."}
    site.on("POST /uploads/u1/keep", (422, problem))
    site.on("DELETE /uploads/u1", (500, {"status": 500, "code": "", "detail": "Oh."}))
    (tmp_path / "trees.csv").write_bytes(b"x")

    with pytest.raises(Invalid) as caught:
        session.put(tmp_path / "trees.csv", project="parks")

    assert caught.value.code == "type-unknown"
    assert [one.method for one in site.asked].count("DELETE") == 1


def test_an_interrupted_wait_cancels_the_upload(
    site: Site, session: Session, tmp_path: Path
) -> None:
    accept(site)
    (tmp_path / "trees.csv").write_bytes(b"x")

    def stop(told: Progress) -> None:
        if told.step == "understanding":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.put(tmp_path / "trees.csv", project="parks", progress=stop)

    assert site.asked[-1].method == "DELETE"


def test_a_file_that_shrinks_while_it_is_sent_is_not_sent_short(
    site: Site, session: Session, tmp_path: Path
) -> None:
    accept(site)
    source = tmp_path / "trees.csv"
    source.write_bytes(b"x" * 2_000_000)

    def shrink(told: Progress) -> None:
        if told.step == "sending":
            os.truncate(source, 500_000)

    with pytest.raises(Conflict) as caught:
        session.put(source, project="parks", progress=shrink)

    assert caught.value.code == "source-changed"


def test_an_early_refusal_is_told_although_bytes_are_still_being_sent(
    site: Site, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "RESUMABLE_FROM", 40_000_000)
    (tmp_path / "big.csv").write_bytes(b"x" * 30_000_000)

    def refuse(handler: Handler, asked: Asked) -> None:
        handler.answer(413, {"status": 413, "code": "quota-exceeded", "detail": "Too much."})

    site.on("POST /projects/parks/uploads", refuse)
    site.early.add("POST /api/v1/projects/parks/uploads")

    with pytest.raises(SimplrError) as caught:
        session.put(tmp_path / "big.csv", project="parks")

    assert caught.value.code == "quota-exceeded"


def test_a_missing_file_is_named(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"gone\.csv"):
        session.put(tmp_path / "gone.csv", project="parks")
