"""Key handles, wrapping, and the contexts that tie sealed bytes to what they belong to."""

from __future__ import annotations

import hmac
import os
from typing import NoReturn, Self, SupportsIndex
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from simplr_core.crypto.errors import KeyUnusable
from simplr_core.errors import Invalid

KEY_SIZE = 32
WRAPPED_SIZE = 1 + 12 + KEY_SIZE + 16

_WRAP_VERSION = b"\x01"
_ID_LABEL = b"simplr/key-id/v1"
_WRAP_LABEL = b"simplr/key-wrap/v1"
_DERIVE_LABEL = b"simplr/key-derive/v1"


def hkdf(secret: bytes, *, info: bytes, salt: bytes | None = None, length: int = KEY_SIZE) -> bytes:
    """HKDF-SHA256 (RFC 5869) of `secret`."""
    return HKDF(SHA256(), length, salt, info).derive(secret)


class Key:
    """An opaque handle on 32 secret bytes.

    It shows only its public `id`. It refuses to be pickled, so a key cannot slip into a queue,
    a cache or a crash report; who must hand one to another process says so with `reveal()` and
    rebuilds it there with `from_bytes()`.
    """

    __slots__ = ("__bytes", "_id")

    def __init__(self, secret: bytes | bytearray | memoryview) -> None:
        if len(secret) != KEY_SIZE:
            raise Invalid(f"A key has {KEY_SIZE} bytes, not {len(secret)}.")
        self.__bytes = bytes(secret)
        self._id = hkdf(self.__bytes, info=_ID_LABEL, length=16).hex()

    @classmethod
    def generate(cls) -> Self:
        """A fresh key from the operating system's generator."""
        return cls(os.urandom(KEY_SIZE))

    @classmethod
    def from_bytes(cls, secret: bytes | bytearray | memoryview) -> Self:
        """The handle on given bytes; Invalid unless there are exactly 32."""
        return cls(secret)

    @property
    def id(self) -> str:
        """A public fingerprint, 32 hex digits: one-way, the same for the same bytes.

        It is also the check value of a root key: a candidate whose id differs is another key.
        """
        return self._id

    def is_named(self, expected_id: str) -> bool:
        """Whether this is the key with that id, compared in constant time."""
        return hmac.compare_digest(self._id.encode(), expected_id.encode())

    def reveal(self) -> bytes:
        """The bytes. For the vault, its key agent and the sender of a child job; nowhere else."""
        return self.__bytes

    def derive(self, label: str) -> Key:
        """The key that this key has for one named purpose; nothing leads back."""
        return Key(hkdf(self.__bytes, info=_DERIVE_LABEL + b"\0" + label.encode()))

    def __repr__(self) -> str:
        return f"<Key {self._id[:8]}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and hmac.compare_digest(self.__bytes, other.__bytes)

    def __hash__(self) -> int:
        return hash(self._id)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is not pickled. Hand over key.reveal(), and Key.from_bytes() there.")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        self.__reduce__()

    def __getstate__(self) -> NoReturn:
        self.__reduce__()


def wrap(key: Key, *, under: Key, aad: bytes) -> bytes:
    """`key` sealed under another key: version, nonce, AES-256-GCM; 61 bytes.

    `aad` says whose key it is, and must be given again to unwrap. A random 96-bit nonce allows
    2**32 wraps under one key; rotate well before that.
    """
    nonce = os.urandom(12)
    return _WRAP_VERSION + nonce + _wrapping_cipher(under).encrypt(nonce, key.reveal(), aad)


def unwrap(wrapped: bytes, *, under: Key, aad: bytes) -> Key:
    """The key that was wrapped; KeyUnusable if the bytes, the key above or `aad` differ."""
    if len(wrapped) != WRAPPED_SIZE or wrapped[:1] != _WRAP_VERSION:
        raise KeyUnusable
    try:
        secret = _wrapping_cipher(under).decrypt(bytes(wrapped[1:13]), bytes(wrapped[13:]), aad)
    except InvalidTag:
        raise KeyUnusable from None
    return Key(secret)


def context_of(*parts: str | UUID) -> bytes:
    """One byte string for a list of names, such that different lists never give the same bytes.

    Each part is written after its length; a UUID counts as its usual text.
    """
    written = [str(part).encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in written)


def parts_of_context(context: bytes) -> tuple[str, ...]:
    """The names that `context_of` wrote; Invalid if it was not written by it."""
    parts, at = list[str](), 0
    while at < len(context):
        end = at + 4 + int.from_bytes(context[at : at + 4], "big")
        try:
            parts.append(context[at + 4 : end].decode())
        except UnicodeDecodeError:
            break
        at = end
    if context_of(*parts) != context:
        raise Invalid("These bytes are no context.")
    return tuple(parts)


def _wrapping_cipher(under: Key) -> AESGCM:
    return AESGCM(hkdf(under.reveal(), info=_WRAP_LABEL))
