"""A passkey in software: signs as a security key does, and says of its owner what it is told to."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, HOLDS_CREDENTIAL = 0x01, 0x04, 0x40


class SoftwareKey:
    """One credential of one person for one host."""

    def __init__(self, host: str, person_id: str, *, verifies: bool) -> None:
        self._host, self._handle = host, person_id.encode()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(32)
        self._uses = 0
        self.verifies = verifies
        """Whether it makes sure, by a PIN or a finger, that its owner is there."""

    @property
    def _flags(self) -> int:
        return PRESENT | (VERIFIED if self.verifies else 0)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": f"http://{self._host}"}
        return json.dumps(data).encode()

    def _data(self, flags: int, credential: bytes = b"") -> bytes:
        self._uses += 1
        host = hashlib.sha256(self._host.encode()).digest()
        return host + bytes([flags]) + self._uses.to_bytes(4, "big") + credential

    def registered(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser answers when this key is added."""
        public = ES256.from_cryptography_key(self._key.public_key())
        credential = AttestedCredentialData.create(bytes(16), self._id, public)
        data = self._data(self._flags | HOLDS_CREDENTIAL, bytes(credential))
        assert AuthenticatorData(data).credential_data
        attested = cbor.encode({"fmt": "none", "authData": data, "attStmt": {}})
        client = self._client_data("webauthn.create", options["publicKey"]["challenge"])
        return self._answer({"attestationObject": attested, "clientDataJSON": client})

    def signed(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser answers when this key is asked for."""
        client = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(self._flags)
        signature = self._key.sign(
            data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256())
        )
        return self._answer(
            {
                "authenticatorData": data,
                "clientDataJSON": client,
                "signature": signature,
                "userHandle": self._handle,
            }
        )

    def _answer(self, response: dict[str, bytes]) -> dict[str, Any]:
        return {
            "type": "public-key",
            "id": websafe_encode(self._id),
            "rawId": websafe_encode(self._id),
            "response": {name: websafe_encode(value) for name, value in response.items()},
            "clientExtensionResults": {"credProps": {"rk": True}},
        }
