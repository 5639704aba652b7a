"""A checkpoint is text that openssl can check, and reads back exactly."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from simplr_core.crypto import Key, SigningKey, VerifyingKey
from simplr_core.errors import Invalid
from simplr_core.ledger import (
    Checkpoint,
    SignedCheckpoint,
    read_checkpoints,
    sign_checkpoint,
    write_checkpoints,
)
from simplr_core.ledger.checkpoints import CheckpointUnreadable, key_hash_of

KEY = SigningKey(Key.from_bytes(bytes(range(32))))
HEAD = Checkpoint("simplr/test", 5, bytes(range(32)), datetime(2026, 1, 2, tzinfo=UTC), None)


def test_the_text_of_a_checkpoint_is_frozen() -> None:
    assert sign_checkpoint(HEAD, key=KEY).text == (
        "simplr/test\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        "at 2026-01-02T00:00:00Z\nprevious none\n\n"
        "— simplr/test cpgfYTtfa3wxMkgi8GqxD9XOWrUruul8uN+hjdQUglGuLXgGidJmGMzjJW0EV/L4Bqxadb5GF+AimxM3zGKnUpR6YQY=\n"
    )


def test_the_key_hash_is_that_of_signed_notes() -> None:
    """The published example of golang.org/x/mod/sumdb/note: PeterNeumann+c74f20a3+ARpc2..."""
    encoded = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key_hash_of("PeterNeumann", VerifyingKey(encoded[1:])).hex() == "c74f20a3"


def test_a_published_signed_note_verifies() -> None:
    encoded = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    signed = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    body = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    assert VerifyingKey(encoded[1:]).verifies(signed[4:], body.encode())


def test_openssl_alone_checks_a_checkpoint(tmp_path: Path) -> None:
    body, _, line = sign_checkpoint(HEAD, key=KEY).text.partition("\n\n")
    (tmp_path / "body").write_text(body + "\n")
    (tmp_path / "pem").write_text(KEY.verifying_key.pem())
    (tmp_path / "signature").write_bytes(base64.b64decode(line.split()[2])[4:])
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", tmp_path / "pem"]
    command += ["-in", tmp_path / "body", "-sigfile", tmp_path / "signature"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_checkpoint_reads_back() -> None:
    first = sign_checkpoint(HEAD, key=KEY)
    second = sign_checkpoint(
        Checkpoint("simplr/test", 9, bytes(32), HEAD.at + timedelta(hours=1), first.digest), key=KEY
    )
    for signed in (first, second):
        assert SignedCheckpoint.parse(signed.text) == signed
        assert signed.verifies(KEY.verifying_key)
        assert not signed.verifies(SigningKey(Key.generate()).verifying_key)
    assert first.digest == hashlib.sha256(first.text.encode()).digest()
    text = write_checkpoints([first, second])
    assert read_checkpoints(text) == [first, second]
    assert read_checkpoints("") == []


def test_every_changed_character_is_noticed() -> None:
    text = sign_checkpoint(HEAD, key=KEY).text
    for at in range(len(text)):
        changed = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]
        try:
            signed = SignedCheckpoint.parse(changed)
        except CheckpointUnreadable:
            continue
        assert not signed.verifies(KEY.verifying_key), changed


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text + text,
        lambda text: "\n" + text,
        lambda text: text.replace("\n5\n", "\n05\n"),
        lambda text: text.replace("\n5\n", "\n+5\n"),
        lambda text: text.replace("-01-02T", "-02-31T"),
        lambda text: text.replace("— simplr/test", "— simplr/other"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("previous none", "previous " + "AB" * 32),
        lambda text: text.replace("Hh8=", "Hh9="),
    ],
)
def test_odd_text_is_unreadable(change: Callable[[str], str]) -> None:
    text = sign_checkpoint(HEAD, key=KEY).text
    assert change(text) != text
    with pytest.raises(CheckpointUnreadable):
        read_checkpoints(change(text))


def test_the_time_is_kept_in_utc_seconds() -> None:
    there = timezone(timedelta(hours=2))
    head = Checkpoint("o", 0, bytes(32), datetime(2026, 1, 2, 2, 0, 0, 999, there), None)
    assert head.at == datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "two words"},
        {"origin": ""},
        {"size": -1},
        {"root": b"short"},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
)
def test_an_impossible_checkpoint_is_invalid(change: dict[str, Any]) -> None:
    known = {"origin": "o", "size": 0, "root": bytes(32), "at": HEAD.at, "previous": None}
    with pytest.raises(Invalid):
        Checkpoint(**{**known, **change})
