"""The layout of SF1: header, nonces, segment ciphers, lengths. See docs/reference/sealed-format.md.

header (47 bytes): "SMPLR" 0x01 | algorithm 0x01 | log2 of the segment size | 32 bytes salt | 7 bytes nonce prefix
segments: each plaintext segment, AES-256-GCM, followed by its 16-byte tag
segment key = HKDF-SHA256(key, salt, "simplr/file/v1" | header | context)
nonce = prefix (7) | segment number (4, big-endian) | 1 for the last segment, else 0
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from simplr_core.crypto.errors import SealBroken
from simplr_core.crypto.keys import Key, hkdf
from simplr_core.errors import Invalid

MAGIC = b"SMPLR\x01"
ALGORITHM = 1
TAG_SIZE = 16
HEADER_SIZE = 47
LABEL = b"simplr/file/v1"
LARGEST_CONTEXT = 1024
MOST_SEGMENTS = 2**32

SMALL_SEGMENT_BITS = 16
SEGMENT_BITS = 18
SMALL_OBJECT = 1 << 20

_HEADER = struct.Struct(">6sBB32s7s")


@dataclass(frozen=True)
class Header:
    """The first 47 bytes of a sealed object. Its random salt makes each sealing unique."""

    raw: bytes
    segment_bits: int
    salt: bytes
    prefix: bytes

    @classmethod
    def fresh(cls, *, segment_bits: int) -> Header:
        if not 12 <= segment_bits <= 24:
            raise Invalid("Segments are between 4 KiB and 16 MiB.")
        salt, prefix = os.urandom(32), os.urandom(7)
        return cls(
            _HEADER.pack(MAGIC, ALGORITHM, segment_bits, salt, prefix), segment_bits, salt, prefix
        )

    @classmethod
    def parse(cls, raw: bytes) -> Header:
        if len(raw) != HEADER_SIZE:
            raise SealBroken("The header is cut off.", reason="header")
        magic, algorithm, segment_bits, salt, prefix = _HEADER.unpack(raw)
        if magic != MAGIC or algorithm != ALGORITHM or not 12 <= segment_bits <= 24:
            raise SealBroken("This is no sealed object of a known kind.", reason="header")
        return cls(bytes(raw), segment_bits, salt, prefix)

    @property
    def segment_size(self) -> int:
        return 1 << self.segment_bits

    def cipher(self, *, key: Key, context: bytes) -> AESGCM:
        """The cipher of this one object: header and context are bound into its key."""
        if len(context) > LARGEST_CONTEXT:
            raise Invalid(f"A context has at most {LARGEST_CONTEXT} bytes.")
        info = LABEL + self.raw + context
        return AESGCM(hkdf(key.reveal(), salt=self.salt, info=info))

    def nonce(self, number: int, *, last: bool) -> bytes:
        return self.prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


@dataclass(frozen=True)
class Layout:
    """Where the segments of a sealed object of a given length lie. Only one layout is possible."""

    segment_size: int
    count: int
    size: int

    @classmethod
    def of(cls, header: Header, *, sealed_size: int) -> Layout:
        stride = header.segment_size + TAG_SIZE
        body = sealed_size - HEADER_SIZE
        count = max(1, -(-body // stride))
        last = body - (count - 1) * stride - TAG_SIZE
        if last < 0 or (last == 0 and count > 1) or count > MOST_SEGMENTS:
            raise SealBroken("The length is not that of a sealed object.", reason="length")
        return cls(header.segment_size, count, body - count * TAG_SIZE)

    def place(self, number: int) -> tuple[int, int]:
        """Offset and length of a segment, tag included, in the sealed bytes."""
        plain = min(self.segment_size, self.size - number * self.segment_size)
        return HEADER_SIZE + number * (self.segment_size + TAG_SIZE), plain + TAG_SIZE

    def is_last(self, number: int) -> bool:
        return number == self.count - 1


def segment_bits_for(expected_size: int | None) -> int:
    """64 KiB segments below 1 MiB, else 256 KiB: small buffers are cheap, big ones are fast."""
    if expected_size is not None and expected_size < SMALL_OBJECT:
        return SMALL_SEGMENT_BITS
    return SEGMENT_BITS


def sealed_size_of(size: int, *, segment_bits: int | None = None) -> int:
    """How long `size` bytes are once sealed."""
    segment_size = 1 << (segment_bits_for(size) if segment_bits is None else segment_bits)
    return HEADER_SIZE + size + TAG_SIZE * max(1, -(-size // segment_size))
