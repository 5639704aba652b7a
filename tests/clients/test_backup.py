"""Backup and restore of a real installation, while it is written to and its keys are exchanged."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from devdata import papers
from tests.installation import Installation, environ, server_command
from tests.places import new_folder

from simplr_client import connect
from simplr_client.errors import SimplrError
from simplr_client.session import Session

CANARY = "Canary among the titles"


def content_of(session: Session, resource: str) -> bytes:
    with session.resource(resource).content() as download:
        return b"".join(download.chunks())


def digests(session: Session) -> dict[str, str]:
    """What a person can read of everything: the rows of data sets, the bytes of files."""
    found: dict[str, str] = {}
    for one in session.resources():
        if one.kind == "dataset":
            with session.dataset(one.id).rows(format="csv", limit=500) as download:
                found[one.id] = hashlib.sha256(b"".join(download.chunks())).hexdigest()
        else:
            found[one.id] = hashlib.sha256(content_of(session, one.id)).hexdigest()
    return found


def refused(path: str, *words: str) -> tuple[int, str]:
    """The exit status and the words of a server command that is refused."""
    done = subprocess.run(
        [sys.executable, "-m", "simplr_client.command", *words, "--json"],
        env=environ(path),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return done.returncode, done.stderr


@dataclass
class Load:
    """Somebody who puts files and somebody who reads, as long as it lasts."""

    url: str
    token: str
    put: dict[str, bytes] = field(default_factory=dict)
    """What was acknowledged: id and content."""
    failures: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Load:
        for work in (self._write, self._read):
            self._threads.append(threading.Thread(target=work))
            self._threads[-1].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(60)

    def wait_for(self, count: int) -> None:
        """Wait until so many files more were put."""
        wanted, deadline = len(self.put) + count, time.monotonic() + 60
        while len(self.put) < wanted and time.monotonic() < deadline:
            time.sleep(0.02)

    def _write(self) -> None:
        with connect(self.url, token=self.token) as session:
            number = 0
            while not self._end.is_set():
                number += 1
                content = f"line {number}\n".encode() * 10_000
                try:
                    source = io.BytesIO(content)
                    name = f"load-{number}.bin"
                    kept = session.put(source, project="backups", name=name, as_="file")
                    self.put[kept.id] = content
                except SimplrError as error:
                    self.failures.append(f"put: {error}")

    def _read(self) -> None:
        with connect(self.url, token=self.token) as session:
            while not self._end.is_set():
                try:
                    for id_, content in list(self.put.items())[-3:]:
                        assert content_of(session, id_) == content
                except (SimplrError, AssertionError) as error:
                    self.failures.append(f"read: {error}")
                time.sleep(0.02)


@dataclass
class Backed:
    """A backup of the installation, its root key beside it, and what was there before it."""

    place: Path
    key: Path
    taken: dict[str, Any]
    before: dict[str, str]
    during: dict[str, bytes]
    """What was acknowledged when the backup began."""
    erased: set[str]
    """Objects that lay in the store until they were erased, before the backup."""

    def copied(self) -> set[str]:
        return {path.stem for path in self.place.rglob("*.sf1") if len(path.stem) == 32}


@pytest.fixture(scope="module")
def backed(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Backed:
    """A backup taken while files are put and read."""
    folder = tmp_path_factory.mktemp("backup")
    steward = installation.as_("steward")
    session = steward.session
    installation.as_("auditor")  # so that this token, too, is in the backup

    def stored() -> set[str]:
        return {path.stem for path in (installation.data / "objects").rglob("*.sf1")}

    installation.json("steward", "project", "create", CANARY, "--slug", "backups")
    session.put(io.BytesIO(papers.meals()), project="backups", name="meals.csv")
    before = stored()
    gone = session.put(io.BytesIO(b"to be erased" * 999), project="backups", name="gone.bin")
    made = stored() - before
    installation.json("steward", "trash", "put", gone.id)
    installation.json("steward", "trash", "erase", gone.id, "--yes")
    deadline = time.monotonic() + 60
    while made & stored() and time.monotonic() < deadline:
        time.sleep(0.1)
    read = digests(session)
    with Load(installation.url, steward.token) as load:
        load.wait_for(2)
        during = dict(load.put)
        taken = installation.server("backup", str(folder / "place"))
        load.wait_for(2)
    assert load.failures == []
    said = {one["check"]: one["what"] for one in installation.server("doctor")["findings"]}
    assert said["objects"] == "No stored object is known to be damaged."
    assert "The newest backup is of" in said["backup"]
    installation.server("keys", "backup", str(folder / "root.key"))
    return Backed(folder / "place", folder / "root.key", taken, read, during, made)


@pytest.fixture
def restored_to(installation: Installation) -> Iterator[Path]:
    """A folder to restore into that the services can reach; what runs in it ends with the test."""
    place = new_folder("simplr-r-")
    yield place / "restored"
    subprocess.run(
        [sys.executable, "-m", "simplr_client.command", "down", "--data", str(place / "restored")],
        env=environ(installation.path),
        capture_output=True,
        check=False,
    )
    shutil.rmtree(place)


def test_everything_comes_back_from_a_backup_taken_under_load_and_its_key(
    installation: Installation, backed: Backed, restored_to: Path
) -> None:
    data = ("--data", str(restored_to))
    key = str(backed.key)
    said = server_command(installation.path, "restore", str(backed.place), "--key", key, *data)
    done = json.loads(said)
    up = json.loads(server_command(installation.path, "up", "--detach", "--port", "0", *data))

    assert done["objects"] == backed.taken["objects"]
    assert done["ledger_size"] > backed.taken["ledger_size"] > 0
    assert (up["health"], up["first_start"]) == ("ok", False)
    token = installation.as_("steward").token
    with connect(up["url"], token=token) as session:
        found = digests(session)
        assert found.items() >= backed.before.items()
        for id_, content in backed.during.items():
            assert content_of(session, id_) == content
        again = session.put(io.BytesIO(papers.meals()), project="backups", name="again.csv")
        assert again.id in digests(session)
    auditor = installation.as_("auditor").token
    with connect(up["url"], token=auditor) as session:
        assert session.ledger_verify()["ok"] is True
        codes = [event["code"] for event in session.ledger(limit=200)]
        assert "operations:installation:restored" in codes


def test_a_backup_shows_no_title_no_table_and_no_root_key(
    installation: Installation, backed: Backed
) -> None:
    """The control: the database itself, as it lies on the disk, shows title and table.

    The rows of a dump are packed, so that its beginning and the names of tables are looked for.
    """
    secret = backed.key.read_text().strip().rpartition(":")[2].encode()
    words = (CANARY.encode(), b"accounts_person", b"PGDMP", secret)
    files = [path for path in backed.place.rglob("*") if path.is_file()]

    assert len(files) > 100
    for path in files:
        content = path.read_bytes()
        assert not [word for word in words if word in content], path
        assert path.stat().st_mode & 0o077 == 0, path
    tables = b"".join(
        path.read_bytes()
        for path in (installation.data / "postgres-home").rglob("*")
        if path.is_file()
    )
    assert CANARY.encode() in tables
    assert b"accounts_person" in tables


def test_what_was_erased_before_is_in_no_later_backup(backed: Backed) -> None:
    assert backed.erased
    assert not backed.erased & backed.copied()
    assert len(backed.copied()) >= backed.taken["objects"]


@pytest.mark.parametrize(
    "harm",
    [
        "another key",
        pytest.param("a changed part", marks=pytest.mark.prove),
        pytest.param("a changed object", marks=pytest.mark.prove),
        pytest.param("a lost one", marks=pytest.mark.prove),
    ],
)
def test_a_backup_that_is_not_right_is_not_restored(
    installation: Installation, backed: Backed, tmp_path: Path, restored_to: Path, harm: str
) -> None:
    place, key = tmp_path / "place", tmp_path / "root.key"
    shutil.copytree(backed.place, place)
    shutil.copyfile(backed.key, key)
    key.chmod(0o600)
    objects = sorted((place / "objects").rglob("*.sf1"), key=lambda path: path.stat().st_size)
    expected = 6
    if harm == "another key":
        key.write_text(another_root_key())
        expected = 3
    elif harm == "a changed part":
        (part,) = place.rglob("default.sf1")
        flip(part)
    elif harm == "a changed object":
        flip(objects[-1])
    else:
        objects[len(objects) // 2].unlink()

    words = ("restore", str(place), "--key", str(key), "--data", str(restored_to))
    status, said = refused(installation.path, *words)

    assert status == expected, said
    if harm == "another key":
        assert not restored_to.exists()
        return
    data = ("--data", str(restored_to))
    status, said = refused(installation.path, "up", "--detach", "--port", "0", *data)
    assert status == 5, said
    assert "cut off" in said


def another_root_key() -> str:
    """A root key as docs/reference/sealed-format.md writes one."""
    secret = os.urandom(32)
    identity = HKDF(SHA256(), 16, None, b"simplr/key-id/v1").derive(secret).hex()
    encoded = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    return f"simplr-root-key:v1:{identity}:{encoded}\n"


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_restore_follows_no_setting_to_what_another_installation_uses(
    installation: Installation, backed: Backed, restored_to: Path
) -> None:
    key, data = str(backed.key), str(restored_to)
    words = ("restore", str(backed.place), "--key", key, "--data", data)
    elsewhere = {"SIMPLR_OBJECTS_URL": (installation.data / "objects").as_uri()}

    done = subprocess.run(
        [sys.executable, "-m", "simplr_client.command", *words],
        env=environ(installation.path, **elsewhere),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert (done.returncode, "unset it" in done.stderr) == (5, True), done.stderr
    assert not restored_to.exists()


def test_nothing_is_restored_over_an_installation(
    installation: Installation, backed: Backed
) -> None:
    key, data = str(backed.key), str(installation.data)
    words = ("restore", str(backed.place), "--key", key, "--data", data)
    status, said = refused(installation.path, *words)

    assert status == 5
    assert "not empty" in said


@pytest.mark.prove
def test_older_snapshots_go_and_take_along_what_no_other_needs(
    installation: Installation, backed: Backed, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    installation.server("backup", str(place))
    lost = place / "objects" / "00" / "00" / f"{'0' * 32}.sf1"
    lost.parent.mkdir(parents=True, exist_ok=True)
    lost.write_bytes(b"what an older snapshot needed")

    taken = installation.server("backup", str(place), "--keep", "1", "--check")

    assert (taken["snapshots_removed"], taken["objects_removed"]) == (1, 1)
    assert taken["objects_copied"] == 0
    assert taken["objects_checked"] == taken["objects"]
    assert len(list((place / "snapshots").iterdir())) == 1


@pytest.mark.prove
def test_keys_are_exchanged_while_files_are_put_and_read(
    installation: Installation, backed: Backed, tmp_path: Path
) -> None:
    steward = installation.as_("steward")
    before = digests(steward.session)
    root = installation.server("keys", "status")["root_key_id"]
    with Load(installation.url, steward.token) as load:
        load.wait_for(1)
        done = installation.server("keys", "rotate-root")
        load.wait_for(1)
        rotated = installation.server("keys", "rotate")
        load.wait_for(1)
    assert load.failures == []
    assert done["before"] == root != done["root_key_id"]
    assert rotated["keys"] > len(load.put)

    kill_part(installation, "vault")

    status = installation.server("keys", "status")
    assert (status["root_key_id"], status["staged_key_id"]) == (done["root_key_id"], None)
    assert digests(steward.session).items() >= before.items()
    assert installation.as_("auditor").session.ledger_verify()["ok"] is True
    key = tmp_path / "root.key"
    installation.server("keys", "backup", str(key))
    assert done["root_key_id"] in key.read_text()


def kill_part(installation: Installation, part: str) -> None:
    """Kill a part and wait until the supervisor has another one."""

    def found() -> dict[str, Any]:
        running = json.loads((installation.data / "running.json").read_text())
        return dict(running["parts"][part])

    before = found()["pid"]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while found()["pid"] in (before, None) or found()["state"] != "ready":
        assert time.monotonic() < deadline, f"{part} did not come back"
        time.sleep(0.1)
