"""Makes the frozen vectors of SF1. Run once by hand; tests read what it wrote and never run it.

    python tests/vectors/make_sf1.py

It refuses to overwrite: the vectors of a format that is in use do not change.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from simplr_core.crypto import HEADER_SIZE, Key, SealingWriter, context_of

FOLDER = Path(__file__).with_name("sf1")
STRIDE = 4096 + 16


class Collected(bytearray):
    def write(self, content: bytes) -> int:
        self += content
        return len(content)


def plain_of(size: int) -> bytes:
    """The bytes that every vector of a size holds: SHA-256 of a counter, again and again."""
    blocks = (hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def seal(size: int, *, key: Key, context: bytes, bits: int) -> bytes:
    sink = Collected()
    writer = SealingWriter(sink, key=key, context=context, expected_size=size, segment_bits=bits)
    writer.write(plain_of(size))
    writer.close()
    return bytes(sink)


def keep(name: str, sealed: bytes, *, verdict: str, size: int, **more: object) -> None:
    document = {
        "name": name,
        "verdict": verdict,
        "key": KEY.reveal().hex(),
        "context": CONTEXT.hex(),
        "plain_size": size,
        "plain_sha256": hashlib.sha256(plain_of(size)).hexdigest(),
        **more,
        "sealed": base64.b64encode(sealed).decode(),
    }
    with (FOLDER / f"{name}.json").open("x") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


KEY = Key.from_bytes(hashlib.sha256(b"the key of the SF1 vectors").digest())
OTHER_KEY = Key.from_bytes(hashlib.sha256(b"another key").digest())
CONTEXT = context_of("object", "0190f3a4-0000-7000-8000-000000000001", "version", "1")
OTHER_CONTEXT = context_of("object", "0190f3a4-0000-7000-8000-000000000002", "version", "1")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for bits, sizes in {
        12: (0, 1, 4095, 4096, 4097, 8192, 10_000),
        16: (0, 40, 65_536, 65_537),
        18: (1000,),
    }.items():
        for size in sizes:
            sealed = seal(size, key=KEY, context=CONTEXT, bits=bits)
            keep(f"good-{bits}-bits-{size}-bytes", sealed, verdict="success", size=size)

    size = 3 * 4096 + 100
    whole = seal(size, key=KEY, context=CONTEXT, bits=12)
    older = seal(size, key=KEY, context=CONTEXT, bits=12)
    header, body = whole[:HEADER_SIZE], whole[HEADER_SIZE:]
    parts = [body[start : start + STRIDE] for start in range(0, len(body), STRIDE)]
    pinned = {"header": header.hex()}

    def flipped(at: int) -> bytes:
        return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]

    def bad(name: str, sealed: bytes, verdict: str, **more: object) -> None:
        keep(f"bad-{name}", sealed, verdict=verdict, size=size, **more)

    bad("truncated-by-one", whole[:-1], "segment")
    bad("truncated-at-a-segment-border", header + b"".join(parts[:3]), "segment")
    bad("truncated-to-the-header", header, "length")
    bad("truncated-in-the-header", whole[:20], "header")
    bad("truncated-tag", header + parts[0] + parts[1][:10], "length")
    bad("empty", b"", "header")
    bad("extended-by-one", whole + b"\0", "segment")
    bad("extended-by-a-segment", whole + parts[3], "segment")
    bad("extended-by-an-empty-segment", header + b"".join(parts[:3]) + bytes(16), "length")
    bad("swapped-segments", header + parts[1] + parts[0] + parts[2] + parts[3], "segment")
    bad("dropped-first-segment", header + b"".join(parts[1:]), "segment")
    bad("dropped-middle-segment", header + parts[0] + parts[2] + parts[3], "segment")
    bad("repeated-segment", header + parts[0] + b"".join(parts), "segment")
    bad("bit-flip-in-first-segment", flipped(HEADER_SIZE + 5), "segment")
    bad("bit-flip-in-a-tag", flipped(HEADER_SIZE + STRIDE - 1), "segment")
    bad("bit-flip-in-last-segment", flipped(len(whole) - 20), "segment")
    bad("header-magic", flipped(0), "header")
    bad("header-version", flipped(5), "header")
    bad("header-algorithm", flipped(6), "header")
    bad("header-segment-size", whole[:7] + bytes([13]) + whole[8:], "segment")
    bad("header-segment-size-absurd", whole[:7] + bytes([40]) + whole[8:], "header")
    bad("header-salt", flipped(8), "segment")
    bad("header-nonce-prefix", flipped(HEADER_SIZE - 1), "segment")
    bad("wrong-key", whole, "segment", key=OTHER_KEY.reveal().hex())
    bad("wrong-context", whole, "segment", context=OTHER_CONTEXT.hex())
    bad("rolled-back", older, "rolled-back", pinned_header=pinned["header"])
    bad("header-of-another-sealing", older[:HEADER_SIZE] + body, "segment")
    bad("pinned-length", whole[:-100], "length", pinned_size=len(whole))


if __name__ == "__main__":
    main()
