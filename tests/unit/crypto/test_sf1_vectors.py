"""The frozen vectors of SF1 still get the verdicts they were published with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from simplr_core.crypto import BytesSource, Key, SealBroken, UnsealingReader, open_bytes

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "sf1").glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def by_reader(vector: dict[str, Any]) -> bytes:
    pinned = vector.get("pinned_header")
    reader = UnsealingReader(
        BytesSource(base64.b64decode(vector["sealed"])),
        key=Key.from_bytes(bytes.fromhex(vector["key"])),
        context=bytes.fromhex(vector["context"]),
        sealed_size=vector.get("pinned_size"),
        header=bytes.fromhex(pinned) if pinned else None,
    )
    return reader.read()


def by_value(vector: dict[str, Any]) -> bytes:
    pinned = vector.get("pinned_header")
    return open_bytes(
        base64.b64decode(vector["sealed"]),
        key=Key.from_bytes(bytes.fromhex(vector["key"])),
        context=bytes.fromhex(vector["context"]),
        header=bytes.fromhex(pinned) if pinned else None,
    )


def test_the_vectors_are_all_there() -> None:
    verdicts = [load(path)["verdict"] for path in VECTORS]
    assert verdicts.count("success") == 12
    assert {v: verdicts.count(v) for v in ("header", "length", "segment", "rolled-back")} == {
        "header": 6,
        "length": 4,
        "segment": 17,
        "rolled-back": 1,
    }


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_gets_its_verdict(path: Path) -> None:
    vector = load(path)
    ways = [by_reader] if "pinned_size" in vector else [by_reader, by_value]
    for way in ways:
        if vector["verdict"] == "success":
            plain = way(vector)
            assert len(plain) == vector["plain_size"]
            assert hashlib.sha256(plain).hexdigest() == vector["plain_sha256"]
        else:
            with pytest.raises(SealBroken) as caught:
                way(vector)
            assert caught.value.details["reason"] == vector["verdict"]


def opened_by_the_manual(sealed: bytes, key: bytes, context: bytes) -> bytes:
    """A second reader, written from docs/reference/sealed-format.md and nothing else."""
    salt, prefix, size = sealed[8:40], sealed[40:47], 2 ** sealed[7]
    info = b"simplr/file/v1" + sealed[:47] + context
    inner = hmac.digest(salt, key, "sha256")
    cipher = AESGCM(hmac.digest(inner, info + b"\x01", "sha256"))
    body = sealed[47:]
    segments = [body[at : at + size + 16] for at in range(0, len(body), size + 16)]
    return b"".join(
        cipher.decrypt(
            prefix + number.to_bytes(4, "big") + bytes([number == len(segments) - 1]), segment, None
        )
        for number, segment in enumerate(segments)
    )


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_manual_is_enough_to_write_another_reader(path: Path) -> None:
    vector = load(path)
    sealed = base64.b64decode(vector["sealed"])
    key, context = bytes.fromhex(vector["key"]), bytes.fromhex(vector["context"])
    if vector["verdict"] == "success":
        plain = opened_by_the_manual(sealed, key, context)
        assert hashlib.sha256(plain).hexdigest() == vector["plain_sha256"]
    elif vector["verdict"] == "segment":
        with pytest.raises(InvalidTag):
            opened_by_the_manual(sealed, key, context)
