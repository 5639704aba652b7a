"""Seals bytes and wraps keys. Knows keys, contexts and bytes; refuses to know what they are for.

One sealed format (SF1) serves every object, from a forty-byte note to a terabyte: segmented
AES-256-GCM, whose header, context, order and length are all authenticated. Nothing is returned
before it is proven genuine. Keys are opaque handles that do not print, format or pickle.

The format is written down in docs/reference/sealed-format.md, with frozen vectors.
"""

from simplr_core.crypto.errors import KeyUnusable, SealBroken
from simplr_core.crypto.keys import Key, context_of, parts_of_context, unwrap, wrap
from simplr_core.crypto.reading import UnsealingReader, open_bytes
from simplr_core.crypto.segments import HEADER_SIZE, sealed_size_of
from simplr_core.crypto.signing import SigningKey, VerifyingKey
from simplr_core.crypto.sources import BytesSource, FileDescriptorSource, RangeSource
from simplr_core.crypto.writing import Sealed, SealingWriter, SupportsWrite, seal_bytes

__all__ = [
    "HEADER_SIZE",
    "BytesSource",
    "FileDescriptorSource",
    "Key",
    "KeyUnusable",
    "RangeSource",
    "SealBroken",
    "Sealed",
    "SealingWriter",
    "SigningKey",
    "SupportsWrite",
    "UnsealingReader",
    "VerifyingKey",
    "context_of",
    "open_bytes",
    "parts_of_context",
    "seal_bytes",
    "sealed_size_of",
    "unwrap",
    "wrap",
]
