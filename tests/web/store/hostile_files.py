"""Files made to break their readers, made by code: nothing dangerous lies in the repository."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

MAGIC = b"PAR1"


def parquet(rows: int = 2_000) -> bytes:
    sink = io.BytesIO()
    numbers = pa.array(range(rows))
    words = pa.array([f"word {n % 97}" for n in range(rows)])
    pq.write_table(pa.table({"n": numbers, "w": words}), sink, compression="zstd")
    return sink.getvalue()


def named(name: str) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([1, 2, 3])}), sink, store_schema=False)
    return sink.getvalue()


def bytes_as_text() -> bytes:
    """A column that says it is text and holds bytes that are none."""
    sink = io.BytesIO()
    data = pa.array([b"\xff\xfe", b"ab\x80"])
    text = pa.Array.from_buffers(pa.string(), len(data), data.buffers())
    pq.write_table(pa.table({"w": text}), sink)
    return sink.getvalue()


def parquet_of_zeros() -> bytes:
    """Four hundred million bytes of one value in a file of some kilobytes."""
    sink = io.BytesIO()
    column = pa.array(["0" * 2_000] * 200_000)
    pq.write_table(pa.table({"w": column}), sink, compression="zstd", use_dictionary=True)
    return sink.getvalue()


def with_footer(footer: bytes) -> bytes:
    return MAGIC + bytes(64) + footer + struct.pack("<I", len(footer)) + MAGIC


def thrift_bombs() -> Iterator[bytes]:
    """Footers that claim much: nesting without end, lists of 2**31 elements, huge strings."""
    yield with_footer(b"\x1c" * 1_000_000)
    yield with_footer(b"\x19" * 1_000_000)
    yield with_footer(b"\x15\x04\x19\xfc" + b"\xff\xff\xff\xff\x07" + bytes(100))
    yield with_footer(b"\x15\x04\x18" + b"\xff\xff\xff\xff\x07")
    yield with_footer(b"\x15\x04\x19\xf8" + b"\xff\xff\xff\xff\x0f" * 20)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def png(width: int, height: int, pixels: bytes = b"\0" * 64) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(pixels))
        + chunk(b"IEND", b"")
    )


def _seeded(make: Callable[[random.Random], bytes], count: int) -> Iterator[bytes]:
    for seed in range(count):
        yield make(random.Random(seed))


def _bitten(whole: bytes) -> Callable[[random.Random], bytes]:
    def make(rng: random.Random) -> bytes:
        content = bytearray(whole)
        for _ in range(rng.randrange(1, 20)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        return bytes(content[: rng.randrange(len(content) // 2, len(content) + 1)])

    return make


def tables() -> Iterator[tuple[str, bytes]]:
    """(name, content) of files that say they are tables."""
    whole = parquet()
    for part in (4, 8, len(whole) // 2, len(whole) - 1, len(whole) - 5):
        yield f"cut at {part}.parquet", whole[:part]
    yield "length beyond the file.parquet", whole[:-8] + struct.pack("<I", 2**31 - 1) + MAGIC
    for number, content in enumerate(thrift_bombs()):
        yield f"bomb {number}.parquet", content
    for number, content in enumerate(_seeded(_bitten(whole), 6)):
        yield f"bitten {number}.parquet", content
    yield "NUL in a name.parquet", named("a\0b")
    yield "no text for a name.parquet", named("wörter").replace("wörter".encode(), b"w\xff\xferter")
    yield "half a pair for a name.parquet", named("wxyz").replace(b"wxyz", b"w\xed\xa0\x80")
    yield "no text for a value.parquet", parquet().replace(b"word 5", b"w\xff\xfed 5")
    yield "no text for values.parquet", bytes_as_text()
    yield "three hundred columns.csv", (",".join(f"c{n}" for n in range(300)) + "\n").encode() * 2
    yield "a million columns.csv", b",".join([b"a"] * 1_000_000) + b"\n" + b"," * 999_999 + b"\n"
    yield "quotes.csv", b'a,b\n"' + b'""' * 3_000_000
    yield "never closed.csv", b'a,b\n1,"' + b"x\n" * 4_000_000
    yield "one line.csv", b"x" * 4_000_000
    yield "zeros.csv", bytes(5_000_000)
    yield "nothing but breaks.csv", b"\r\n" * 3_000_000
    yield "half characters.csv", ("a,b\n" + "é,ü\n" * 1000).encode("utf-16-le")[:-1]
    yield "no text any more.csv", ("a,b\n" + "é,ü\n" * 400_000).encode() + b"\xff\xfe,1\n"
    yield "bitten.csv", _bitten(b"a,b,c\n" + b'1,"two",3.0\n' * 5000)(random.Random(9))


def shown() -> Iterator[tuple[str, bytes]]:
    """(name, content) of files that say they are images or documents."""
    yield "huge.png", png(2**31 - 1, 2**31 - 1)
    yield "wide.png", png(60_000, 60_000, bytes(20_000_000))
    yield "cut.png", png(10, 10)[:20]
    yield "no size.png", b"\x89PNG\r\n\x1a\n" + bytes(50)
    yield "loop.jpg", b"\xff\xd8\xff" + b"\xe0\x00\x00" * 1000
    yield "endless.gif", b"GIF89a" + b"\xff\xff\xff\xff\x80" + b"\x21\xf9\x01\x00" * 100_000
    yield "short.webp", b"RIFF\xff\xff\xff\xffWEBPVP8X"
    yield "cut.pdf", b"%PDF-1.7\n" + b"1 0 obj << /Length 99999999999 >> stream\n" * 1000
    yield "deep.pdf", b"%PDF-1.7\n" + b"[" * 2_000_000 + b"\n%%EOF"
