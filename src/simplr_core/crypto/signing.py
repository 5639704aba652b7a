"""Ed25519 (RFC 8032): signing and verifying, with keys that openssl understands."""

from __future__ import annotations

import hashlib
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from simplr_core.crypto.keys import Key
from simplr_core.errors import Invalid


class VerifyingKey:
    """A public key: it can be shown, stored and given away."""

    __slots__ = ("_key",)

    def __init__(self, raw: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(raw)

    @classmethod
    def from_pem(cls, pem: str | bytes) -> VerifyingKey:
        """Read `-----BEGIN PUBLIC KEY-----`; Invalid unless it holds an Ed25519 key."""
        try:
            key = load_pem_public_key(pem.encode() if isinstance(pem, str) else pem)
        except ValueError:
            raise Invalid("This is no public key.") from None
        if not isinstance(key, Ed25519PublicKey):
            raise Invalid("This is no Ed25519 public key.")
        return cls(key.public_bytes_raw())

    @property
    def raw(self) -> bytes:
        return self._key.public_bytes_raw()

    @property
    def id(self) -> str:
        """A short name for the key: the first 16 hex digits of the SHA-256 of its bytes."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def pem(self) -> str:
        """The key as SubjectPublicKeyInfo in PEM, which `openssl pkeyutl -pubin` reads."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` was made over exactly `message` by the matching signing key."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyingKey) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        return f"<VerifyingKey {self.id}>"


class SigningKey:
    """A private key, made from the 32 bytes of a Key; it shows only its public half."""

    __slots__ = ("__key", "verifying_key")

    def __init__(self, seed: Key) -> None:
        self.__key = Ed25519PrivateKey.from_private_bytes(seed.reveal())
        self.verifying_key = VerifyingKey(self.__key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over `message`."""
        return self.__key.sign(message)

    def __repr__(self) -> str:
        return f"<SigningKey {self.verifying_key.id}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signing key is not pickled.")
