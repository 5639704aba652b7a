"""Signed heads of the log, as text that people can read, mail and print.

    <origin>
    <size>
    <root hash, base64>
    at <time, UTC>
    previous <SHA-256 of the text of the checkpoint before, hex; or none>

    — <origin> <base64 of 4 bytes of key hash and 64 bytes of signature>

The first five lines, ends included, are what is signed. This is a tlog-checkpoint in a signed
note (C2SP), with two extension lines; the signature is plain Ed25519, so that openssl checks it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from simplr_core.crypto import SigningKey, VerifyingKey
from simplr_core.errors import Corrupt, Invalid

_NOTE = re.compile(
    r"(?P<body>(?P<origin>\S+)\n"
    r"(?P<size>0|[1-9][0-9]{0,18})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"at (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})Z\n"
    r"previous (?P<previous>none|[0-9a-f]{64})\n)"
    r"\n— (?P<name>\S+) (?P<signature>[A-Za-z0-9+/]{91}=)\n"
)


class CheckpointUnreadable(Corrupt):
    """The text is not that of a signed checkpoint."""

    code = "checkpoint-unreadable"


@dataclass(frozen=True)
class Checkpoint:
    """The log at one time: how many entries, and the root over them."""

    origin: str
    """Which log: a name without spaces, the same for ever."""
    size: int
    root: bytes
    at: datetime
    previous: bytes | None
    """Digest of the checkpoint before this one; None for the first."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^\s+]+", self.origin):
            raise Invalid("The origin of a log is a name without spaces.")
        if self.at.tzinfo is None:
            raise Invalid("The time of a checkpoint needs its zone.")
        if len(self.root) != 32 or self.size < 0:
            raise Invalid("A checkpoint has a size and a root of 32 bytes.")
        object.__setattr__(self, "at", self.at.astimezone(UTC).replace(microsecond=0))

    def body(self) -> str:
        """The five lines that are signed."""
        return (
            f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"
            f"at {self.at:%Y-%m-%dT%H:%M:%S}Z\n"
            f"previous {self.previous.hex() if self.previous else 'none'}\n"
        )


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint with a signature that may be right or wrong: ask `verifies`."""

    checkpoint: Checkpoint
    key_hash: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """The signed note, line end included."""
        signed = base64.b64encode(self.key_hash + self.signature).decode()
        return f"{self.checkpoint.body()}\n— {self.checkpoint.origin} {signed}\n"

    @property
    def digest(self) -> bytes:
        """What the next checkpoint names as its `previous`."""
        return hashlib.sha256(self.text.encode()).digest()

    def verifies(self, key: VerifyingKey) -> bool:
        """Whether the matching signing key signed exactly this."""
        expected = key_hash_of(self.checkpoint.origin, key)
        body = self.checkpoint.body().encode()
        return self.key_hash == expected and key.verifies(self.signature, body)

    @classmethod
    def parse(cls, text: str) -> SignedCheckpoint:
        """Read one note; CheckpointUnreadable unless writing it again gives the same text."""
        found = _NOTE.fullmatch(text)
        if found is None or found["name"] != found["origin"]:
            raise CheckpointUnreadable
        try:
            signed = base64.b64decode(found["signature"], validate=True)
            checkpoint = Checkpoint(
                origin=found["origin"],
                size=int(found["size"]),
                root=base64.b64decode(found["root"], validate=True),
                at=datetime.fromisoformat(found["at"]).replace(tzinfo=UTC),
                previous=None if found["previous"] == "none" else bytes.fromhex(found["previous"]),
            )
        except (ValueError, binascii.Error, Invalid):
            raise CheckpointUnreadable from None
        read = cls(checkpoint, signed[:4], signed[4:])
        if read.text != text:
            raise CheckpointUnreadable
        return read


def key_hash_of(origin: str, key: VerifyingKey) -> bytes:
    """The 4 bytes by which a signed note names the key of a log."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + key.raw).digest()[:4]


def sign_checkpoint(checkpoint: Checkpoint, *, key: SigningKey) -> SignedCheckpoint:
    """The checkpoint with its signature."""
    return SignedCheckpoint(
        checkpoint,
        key_hash_of(checkpoint.origin, key.verifying_key),
        key.sign(checkpoint.body().encode()),
    )


def write_checkpoints(checkpoints: Iterable[SignedCheckpoint]) -> str:
    """Several notes as one text, an empty line between them."""
    return "\n".join(signed.text for signed in checkpoints)


def read_checkpoints(text: str) -> list[SignedCheckpoint]:
    """The notes of a text in their order; CheckpointUnreadable if anything else is in it."""
    if not text:
        return []
    lines = text.split("\n")  # a note has seven lines, and an empty one lies before the next
    starts = range(0, len(lines), 8)
    if len(lines) % 8 or any(lines[start + 7] for start in starts):
        raise CheckpointUnreadable
    notes = ("\n".join(lines[start : start + 7]) + "\n" for start in starts)
    return [SignedCheckpoint.parse(note) for note in notes]
