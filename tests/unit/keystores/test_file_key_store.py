"""The key file is for its owner alone."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from simplr.vault.keystores import (
    FileKeyStore,
    GpgKeyStore,
    KeyStoreTaken,
    KeyStoreUnusable,
    RootKeyUnreadable,
    key_store_at,
    read_root_key,
    write_root_key,
)
from simplr_core.crypto import Key
from simplr_core.errors import Invalid


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "root.key"


def test_the_file_and_its_folder_are_for_the_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        FileKeyStore(path).create(Key.generate())
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o601])
def test_a_file_that_others_can_reach_is_refused(path: Path, mode: int) -> None:
    store = FileKeyStore(path)
    store.create(Key.generate())
    path.chmod(mode)
    with pytest.raises(KeyStoreUnusable, match="chmod 600"):
        store.open()
    assert "chmod 600" in store.doctor()[0].mend


def test_a_link_or_a_pipe_in_its_place_is_refused(path: Path, tmp_path: Path) -> None:
    FileKeyStore(tmp_path / "real").create(Key.generate())
    path.parent.mkdir()
    path.symlink_to(tmp_path / "real")
    with pytest.raises(KeyStoreUnusable):
        FileKeyStore(path).open()
    assert "not an ordinary file" in FileKeyStore(path).doctor()[0].what
    path.unlink()
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyStoreUnusable, match="not an ordinary file"):
        FileKeyStore(path).open()


def test_a_folder_that_others_can_write_tells_the_doctor(path: Path) -> None:
    store = FileKeyStore(path)
    store.create(Key.generate())
    path.parent.chmod(0o777)
    assert "replace files" in store.doctor()[0].what


def _create(path: Path, results: multiprocessing.Queue[str]) -> None:
    try:
        FileKeyStore(path).create(Key.generate())
    except KeyStoreTaken:
        results.put("taken")
    else:
        results.put("created")


def test_of_many_who_create_at_once_one_wins(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[str] = context.Queue()
    processes = [context.Process(target=_create, args=(path, results)) for _ in range(6)]
    for process in processes:
        process.start()
    found = sorted(results.get(timeout=30) for _ in processes)
    for process in processes:
        process.join()
    assert found == ["created"] + ["taken"] * 5
    assert FileKeyStore(path).open() is not None
    assert [entry.name for entry in path.parent.iterdir()] == ["root.key"]


def test_the_written_root_key_is_read_back() -> None:
    key = Key.generate()
    line = write_root_key(key)
    assert read_root_key(line) == key
    assert read_root_key(f"  {line[:30]}\n{line[30:]}\r\n") == key


def test_a_slip_in_the_written_root_key_is_seen() -> None:
    line = write_root_key(Key.from_bytes(bytes(range(32))))
    other = write_root_key(Key.generate())
    mixed = line.rsplit(":", 1)[0] + ":" + other.rsplit(":", 1)[1]
    for wrong in ("", "x", line[:-1], line + "A", line.replace("v1", "v2"), mixed, line[1:], "é"):
        with pytest.raises(RootKeyUnreadable) as caught:
            read_root_key(wrong)
        assert str(caught.value) == RootKeyUnreadable.__doc__


def test_a_place_names_its_kind_of_store(tmp_path: Path) -> None:
    assert isinstance(key_store_at(f"file:{tmp_path}/k"), FileKeyStore)
    assert isinstance(key_store_at(f"gpg:{tmp_path}"), GpgKeyStore)
    for wrong in ("", "file:", "gpg", "https://example.org/key"):
        with pytest.raises(Invalid):
            key_store_at(wrong)
