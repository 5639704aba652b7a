"""The file of exported keys: sealed under a passphrase, or in the clear if somebody insists.

{"format": "simplr-keys-sealed/1", "kdf": "scrypt", "n": 131072, "r": 8, "p": 1,
 "salt": base64, "sealed": base64 of the clear form, sealed as SF1 under the derived key}

{"format": "simplr-keys/1", "keys": {object id: base64 of 32 bytes}}
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from simplr_core.crypto import Key, SealBroken, context_of, open_bytes, seal_bytes
from simplr_core.errors import Invalid, NotFound, Refused

CLEAR = "simplr-keys/1"
SEALED = "simplr-keys-sealed/1"

_N, _R, _P = 2**17, 8, 1  # 128 MiB and about half a second for each guess
_LARGEST_N = 2**20
_SHORTEST = 15


class KeyFileUnreadable(Invalid):
    """This is no file of exported keys."""

    code = "key-file-unreadable"


class WrongPassphrase(Refused):
    """The passphrase does not open the file of keys, or the file was changed."""

    code = "wrong-passphrase"


class KeyMissing(NotFound):
    """The file of keys does not hold the key of this object."""

    code = "key-missing"


class ExportedKeys:
    """The keys of some objects. Shows only how many there are."""

    def __init__(self, keys: Mapping[UUID, Key]) -> None:
        self._keys = dict(keys)

    def of(self, object_id: UUID) -> Key:
        """The key of an object; KeyMissing if it was not exported."""
        if object_id not in self._keys:
            raise KeyMissing(f"The key of object {object_id} is not among the exported keys.")
        return self._keys[object_id]

    def __contains__(self, object_id: UUID) -> bool:
        return object_id in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"<ExportedKeys: {len(self)}>"


def write_keys(path: Path, keys: Mapping[UUID, Key], *, passphrase: str | None) -> None:
    """Write the keys to a new file that only its owner can read.

    Invalid if the passphrase is shorter than 15 characters. None writes them in the clear:
    whoever reads that file and the export reads everything.
    """
    document: dict[str, Any] = {
        "format": CLEAR,
        "keys": {str(id_): base64.b64encode(key.reveal()).decode() for id_, key in keys.items()},
    }
    if passphrase is not None:
        if len(passphrase) < _SHORTEST:
            raise Invalid(f"A passphrase for keys has at least {_SHORTEST} characters.")
        document = _sealed(document, passphrase)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


def is_clear(path: Path) -> bool:
    """Whether the file holds its keys without any protection."""
    return bool(_read(path)["format"] == CLEAR)


def read_keys(path: Path, *, ask: Callable[[], str]) -> ExportedKeys:
    """The keys in a file; `ask` is called for the passphrase if one is needed.

    Raises KeyFileUnreadable and WrongPassphrase.
    """
    document = _read(path)
    if document["format"] == SEALED:
        document = _opened(document, ask())
    try:
        return ExportedKeys(
            {
                UUID(id_): Key.from_bytes(base64.b64decode(secret, validate=True))
                for id_, secret in document["keys"].items()
            }
        )
    except (KeyError, AttributeError, TypeError, ValueError, binascii.Error, Invalid):
        raise KeyFileUnreadable from None


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text())
    except (ValueError, RecursionError):
        raise KeyFileUnreadable from None
    if not isinstance(document, dict) or document.get("format") not in (CLEAR, SEALED):
        raise KeyFileUnreadable
    return document


def _sealed(document: dict[str, Any], passphrase: str) -> dict[str, Any]:
    salt = os.urandom(16)
    key = _derived(passphrase, salt, n=_N, r=_R, p=_P)
    plain = json.dumps(document).encode()
    return {
        "format": SEALED,
        "kdf": "scrypt",
        "n": _N,
        "r": _R,
        "p": _P,
        "salt": base64.b64encode(salt).decode(),
        "sealed": base64.b64encode(seal_bytes(plain, key=key, context=context_of(SEALED))).decode(),
    }


def _opened(document: dict[str, Any], passphrase: str) -> dict[str, Any]:
    try:
        n, r, p = document["n"], document["r"], document["p"]
        salt = base64.b64decode(document["salt"], validate=True)
        sealed = base64.b64decode(document["sealed"], validate=True)
        if document["kdf"] != "scrypt" or not (1 < n <= _LARGEST_N and r == _R and p == _P):
            raise KeyFileUnreadable
        key = _derived(passphrase, salt, n=n, r=r, p=p)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise KeyFileUnreadable from None
    try:
        opened = json.loads(open_bytes(sealed, key=key, context=context_of(SEALED)))
    except SealBroken:
        raise WrongPassphrase from None
    if not isinstance(opened, dict):
        raise KeyFileUnreadable
    return opened


def _derived(passphrase: str, salt: bytes, *, n: int, r: int, p: int) -> Key:
    return Key.from_bytes(Scrypt(salt, 32, n, r, p).derive(passphrase.encode()))
