"""The gpg folder opens for each administrator, and for nobody else, without this program too."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from simplr.vault.keystores import GpgKeyStore, KeyStoreUnusable, write_root_key
from simplr.vault.keystores.gpg import GpgFailed
from simplr_core.crypto import Key
from simplr_core.errors import Conflict, Invalid

ADA, BOB = "ada@example.org", "bob@example.org"
RunGpg = Callable[..., bytes]


@pytest.fixture
def store(tmp_path: Path, gpg_home: Path) -> GpgKeyStore:
    store = GpgKeyStore(tmp_path, gnupghome=gpg_home)
    store.set_up(admins=[ADA])
    return store


def test_the_folder_is_laid_out_as_blackbox_does(store: GpgKeyStore, tmp_path: Path) -> None:
    store.create(Key.generate())
    assert (tmp_path / ".blackbox/blackbox-admins.txt").read_text() == f"{ADA}\n"
    assert (tmp_path / ".blackbox/blackbox-files.txt").read_text() == "root.key\n"
    assert (tmp_path / "root.key.gpg").exists()


def test_gpg_alone_opens_the_key(
    store: GpgKeyStore, tmp_path: Path, gpg_home: Path, run_gpg: RunGpg
) -> None:
    key = Key.generate()
    store.create(key)
    plain = run_gpg(gpg_home, "--decrypt", str(tmp_path / "root.key.gpg"))
    assert plain.decode().strip() == write_root_key(key)


def test_administrators_come_and_go(store: GpgKeyStore, tmp_path: Path, bobs_home: Path) -> None:
    key = Key.generate()
    store.create(key)
    for_bob = GpgKeyStore(tmp_path, gnupghome=bobs_home)
    with pytest.raises(GpgFailed, match="No secret key"):
        for_bob.open()
    store.add_admin(BOB)
    assert store.admins() == [ADA, BOB]
    assert for_bob.open() == key
    assert store.open() == key
    store.remove_admin(BOB)
    assert store.admins() == [ADA]
    with pytest.raises(GpgFailed):
        for_bob.open()
    assert store.open() == key
    assert store.doctor() == []


def test_everything_that_is_kept_is_encrypted_again(
    store: GpgKeyStore, tmp_path: Path, gpg_home: Path, bobs_home: Path, run_gpg: RunGpg
) -> None:
    store.create(Key.generate())
    other = run_gpg(
        gpg_home, "--trust-model", "always", "-e", "-r", ADA, content=b"a second secret"
    )
    (tmp_path / "second.txt.gpg").write_bytes(other)
    (tmp_path / ".blackbox/blackbox-files.txt").write_text("root.key\nsecond.txt\n")
    store.add_admin(BOB)
    assert run_gpg(bobs_home, "-d", str(tmp_path / "second.txt.gpg")) == b"a second secret"


def test_a_file_that_somebody_else_can_open_tells_the_doctor(
    store: GpgKeyStore, tmp_path: Path
) -> None:
    store.create(Key.generate())
    store.add_admin(BOB)
    (tmp_path / ".blackbox/blackbox-admins.txt").write_text(f"{ADA}\n")
    assert "no administrator" in store.doctor()[0].what


def test_only_known_people_become_administrators(store: GpgKeyStore, tmp_path: Path) -> None:
    store.create(Key.generate())
    before = (tmp_path / "root.key.gpg").read_bytes()
    for wrong in ("nobody@example.org", "", "--output", "a b", "example.org"):
        with pytest.raises((GpgFailed, Invalid)):
            store.add_admin(wrong)
    with pytest.raises(Conflict):
        store.add_admin(ADA)
    with pytest.raises(Invalid):
        store.remove_admin(BOB)
    with pytest.raises(Conflict):
        store.remove_admin(ADA)
    assert store.admins() == [ADA]
    assert (tmp_path / "root.key.gpg").read_bytes() == before


def test_a_folder_is_set_up_once(store: GpgKeyStore, tmp_path: Path, gpg_home: Path) -> None:
    with pytest.raises(Conflict):
        store.set_up(admins=[BOB])
    with pytest.raises(Invalid):
        GpgKeyStore(tmp_path / "other", gnupghome=gpg_home).set_up(admins=[])
    bare = GpgKeyStore(tmp_path / "bare", gnupghome=gpg_home)
    with pytest.raises(KeyStoreUnusable, match="no administrators"):
        bare.create(Key.generate())
    assert "no administrators" in bare.doctor()[0].what


def test_names_outside_the_folder_are_refused(store: GpgKeyStore, tmp_path: Path) -> None:
    for name in ("../outside", "/etc/passwd"):
        (tmp_path / ".blackbox/blackbox-files.txt").write_text(f"{name}\n")
        with pytest.raises(KeyStoreUnusable, match="outside"):
            store.create(Key.generate())


def test_a_key_that_wants_a_passphrase_fails_at_once_instead_of_asking(
    tmp_path: Path, new_gpg_home: Callable[[], Path], run_gpg: RunGpg
) -> None:
    home = new_gpg_home()
    run_gpg(home, "--passphrase", "open sesame", "--quick-gen-key", ADA, "default", "default")
    store = GpgKeyStore(tmp_path, gnupghome=home)
    store.set_up(admins=[ADA])
    store.create(Key.generate())
    environment = {**os.environ, "GNUPGHOME": str(home)}
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True, env=environment)
    started = time.monotonic()
    with pytest.raises(GpgFailed):
        store.open()
    assert time.monotonic() - started < 20


def test_no_secret_is_on_a_command_line(tmp_path: Path, gpg_home: Path) -> None:
    log = tmp_path / "log"
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>{log}; env >>{log}\nexec gpg "$@"\n')
    spy.chmod(0o700)
    key = Key.generate()
    store = GpgKeyStore(tmp_path / "box", gnupghome=gpg_home, program=str(spy))
    store.set_up(admins=[ADA])
    store.create(key)
    assert store.open() == key
    store.add_admin(BOB)
    seen = log.read_text()
    assert "--encrypt" in seen
    assert "--decrypt" in seen
    assert write_root_key(key).split(":")[-1] not in seen
    assert key.reveal().hex() not in seen


def test_a_missing_or_hanging_gpg_is_named(
    tmp_path: Path, store: GpgKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(Key.generate())
    with pytest.raises(GpgFailed, match="not installed"):
        GpgKeyStore(tmp_path, program="/nowhere/gpg").open()
    hanging = tmp_path / "hanging"
    hanging.write_text("#!/bin/sh\nexec sleep 30\n")
    hanging.chmod(0o700)
    monkeypatch.setattr("simplr.vault.keystores.gpg._PATIENCE_SECONDS", 0.2)
    with pytest.raises(GpgFailed, match="did not answer"):
        GpgKeyStore(tmp_path, program=str(hanging)).open()


def test_a_staged_key_is_encrypted_again_with_the_kept_one(
    store: GpgKeyStore, bobs_home: Path, tmp_path: Path
) -> None:
    kept, next_ = Key.generate(), Key.generate()
    store.create(kept)
    store.stage(next_)

    store.add_admin("bob@example.org")

    for_bob = GpgKeyStore(tmp_path, gnupghome=bobs_home)
    assert (for_bob.open(), for_bob.open_staged()) == (kept, next_)


def test_rewrapping_encrypts_for_the_same_administrators(
    store: GpgKeyStore, tmp_path: Path
) -> None:
    key = Key.generate()
    store.create(key)
    before = (tmp_path / "root.key.gpg").read_bytes()

    store.rewrap()

    assert (tmp_path / "root.key.gpg").read_bytes() != before
    assert store.open() == key
    assert store.admins() == ["ada@example.org"]
