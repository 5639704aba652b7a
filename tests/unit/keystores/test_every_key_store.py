"""What every key store promises, held against each of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simplr.vault.keystores import (
    FileKeyStore,
    GpgKeyStore,
    KeyStore,
    KeyStoreTaken,
    KeyStoreUnusable,
    write_root_key,
)
from simplr_core.crypto import Key

Reopen = Callable[[], KeyStore]


@pytest.fixture(params=["file", "gpg"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Reopen:
    """Makes a new store object on the same place, as after a restart."""
    if request.param == "file":
        return lambda: FileKeyStore(tmp_path / "keys" / "root.key")
    home: Path = request.getfixturevalue("gpg_home")
    GpgKeyStore(tmp_path, gnupghome=home).set_up(admins=["ada@example.org"])
    return lambda: GpgKeyStore(tmp_path, gnupghome=home)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_empty_store_has_no_key(reopen: Reopen) -> None:
    assert reopen().open() is None


def test_a_created_key_is_there_after_a_restart(reopen: Reopen) -> None:
    key = Key.generate()
    reopen().create(key)
    assert reopen().open() == key
    assert reopen().doctor() == []


def test_a_key_is_never_overwritten(reopen: Reopen, tmp_path: Path) -> None:
    key = Key.generate()
    reopen().create(key)
    before = everything_in(tmp_path)
    with pytest.raises(KeyStoreTaken):
        reopen().create(Key.generate())
    assert everything_in(tmp_path) == before
    assert reopen().open() == key


def test_no_temporary_file_stays_behind(reopen: Reopen, tmp_path: Path) -> None:
    reopen().create(Key.generate())
    assert not [name for name in everything_in(tmp_path) if Path(name).name.startswith(".root")]


def test_a_description_and_the_doctor_show_no_secret(reopen: Reopen, tmp_path: Path) -> None:
    key = Key.generate()
    reopen().create(key)
    said = reopen().describe() + repr(reopen().doctor()) + repr(vars(reopen()))
    assert str(tmp_path) in said
    assert write_root_key(key) not in said
    assert key.reveal().hex() not in said


def test_a_broken_store_is_unusable_and_says_no_key(reopen: Reopen, tmp_path: Path) -> None:
    reopen().create(Key.generate())
    (kept,) = (path for path in tmp_path.rglob("root.key*"))
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 0xFF
    kept.write_bytes(content)
    with pytest.raises(KeyStoreUnusable) as caught:
        reopen().open()
    assert caught.value.status == 503


def test_a_store_that_lost_its_key_tells_the_doctor(reopen: Reopen, tmp_path: Path) -> None:
    reopen().create(Key.generate())
    (kept,) = (path for path in tmp_path.rglob("root.key*"))
    os.unlink(kept)
    assert reopen().open() is None
    assert "missing" in reopen().doctor()[0].what


def test_a_staged_key_waits_beside_the_kept_one(reopen: Reopen) -> None:
    kept, next_ = Key.generate(), Key.generate()
    reopen().create(kept)
    assert (reopen().staged_id(), reopen().open_staged()) == (None, None)

    reopen().stage(next_)

    assert reopen().open() == kept
    assert reopen().staged_id() == next_.id
    assert reopen().open_staged() == next_
    with pytest.raises(KeyStoreTaken):
        reopen().stage(Key.generate())
    assert reopen().doctor() == []


def test_a_promoted_key_is_the_only_one_however_often_that_is_said(
    reopen: Reopen, tmp_path: Path
) -> None:
    kept, next_ = Key.generate(), Key.generate()
    reopen().create(kept)
    before = {name for name in everything_in(tmp_path) if "root.key" in name}
    reopen().stage(next_)

    reopen().promote(next_.id)
    reopen().promote(next_.id)

    assert reopen().open() == next_
    assert reopen().staged_id() is None
    assert {name for name in everything_in(tmp_path) if "root.key" in name} == before
    assert reopen().doctor() == []


def test_a_forgotten_key_is_gone(reopen: Reopen) -> None:
    reopen().create(Key.generate())
    assert all(path.exists() for path in reopen().files())

    reopen().forget()

    assert reopen().open() is None
