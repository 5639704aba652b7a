"""Small files that unpack to far more than anybody holds, made by code in a moment.

Each is about the same thing a thousand times, so none is made by packing what comes out: a packed
mebibyte is repeated, which every one of these formats allows.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

MEBIBYTE = 1 << 20
BEYOND = 3 << 30
"""More than comes out of a small file, whatever it claims, and more than a child may hold."""

ROW = b"1,2\n"


def _rows(count: int) -> bytes:
    return ROW * (count // len(ROW))


def deflated(piece: bytes, total: int, *, before: bytes = b"") -> bytes:
    """Raw deflate of `piece` again and again: each packed anew from an empty window."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + packed * (total // len(piece)) + packer.flush()


def zipped(
    members: dict[str, tuple[bytes, int, int]], *, method: int = 8, claimed: int | None = None
) -> bytes:
    """A zip of (packed bytes, length unpacked, CRC): the headers say what they are told to."""
    body, directory = b"", b""
    for name, (packed, length, crc) in members.items():
        said = length if claimed is None else claimed
        facts = struct.pack("<HHHIII", method, 0, 33, crc, len(packed), said & 0xFFFFFFFF)
        named = name.encode()
        at = len(body)
        body += b"PK\3\4" + struct.pack("<HH", 20, 0) + facts
        body += struct.pack("<HH", len(named), 0) + named + packed
        directory += b"PK\1\2" + struct.pack("<HHH", 20, 20, 0) + facts
        directory += struct.pack("<HHHHHII", len(named), 0, 0, 0, 0, 0, at) + named
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def one_kernel_a_thousand_times(total: int) -> bytes:
    """Every entry of the directory is the same bytes of the file, under another name."""
    piece = _rows(4 * MEBIBYTE)
    packed, crc = deflated(piece, len(piece)), zlib.crc32(piece)
    facts = struct.pack("<HHHIII", 8, 0, 33, crc, len(packed), len(piece))
    body = b"PK\3\4" + struct.pack("<HH", 20, 0) + facts + struct.pack("<HH", 5, 0) + b"a.csv"
    body += packed
    entry = b"PK\1\2" + struct.pack("<HHH", 20, 20, 0) + facts
    entry += struct.pack("<HHHHHII", 5, 0, 0, 0, 0, 0, 0) + b"a.csv"
    count = min(total // len(piece), 9_000)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(entry) * count, len(body), 0)
    return body + entry * count + b"PK\5\6" + end


def nested(depth: int, width: int, inside: bytes) -> bytes:
    """Archives in archives, each with several that hold the same."""
    for _ in range(depth):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for place in range(width):
                archive.writestr(f"{place}.zip", inside)
        inside = content.getvalue()
    return inside


def _of_rows(total: int) -> dict[str, tuple[bytes, int, int]]:
    return {"a.csv": (deflated(_rows(MEBIBYTE), total), total, 0)}


def workbook(total: int) -> bytes:
    """A workbook whose sheet is one row again and again."""
    row = b'<row><c t="n"><v>1</v></c><c t="n"><v>2</v></c></row>'
    start = b"<worksheet><sheetData>"
    packed = deflated(row * (MEBIBYTE // len(row)), total, before=start)
    small = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": b"<workbook/>",
        "_rels/.rels": b"<Relationships/>",
    }
    members = {
        name: (deflated(text, len(text)), len(text), zlib.crc32(text))
        for name, text in small.items()
    }
    members["xl/worksheets/sheet1.xml"] = (packed, total, 0)
    return zipped(members)


def document(total: int) -> bytes:
    """A Word file with one paragraph again and again."""
    start = b'<document xmlns="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    paragraph = b"<p><t>" + b"Nothing. " * 500 + b"</t></p>"
    packed = deflated(paragraph * (MEBIBYTE // len(paragraph)), total, before=start)
    types = b"<Types/>"
    return zipped(
        {
            "[Content_Types].xml": (deflated(types, len(types)), len(types), zlib.crc32(types)),
            "word/document.xml": (packed, total, 0),
        }
    )


def pdf(total: int) -> bytes:
    """A PDF with one page, whose content is blanks."""
    blanks = zlib.compress(b" " * MEBIBYTE, 9)
    head, ending = blanks[:2], blanks[-4:]
    content = head + deflated(b" " * MEBIBYTE, total) + ending
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(content) + content + b"\nendstream",
    ]
    body, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj" % number + each + b"\nendobj\n"
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    return body + table + b"trailer<</Root 1 0 R/Size 5>>startxref\n%d\n%%%%EOF" % len(body)


def avro(total: int) -> bytes:
    """An Avro file of one record, whose text is one block of blanks."""
    schema = {"type": "record", "name": "r", "fields": [{"name": "w", "type": "string"}]}
    content = io.BytesIO()
    fastavro.writer(content, schema, [{"w": "x"}], codec="deflate")
    plain = content.getvalue()
    marker = plain[-16:]
    head = plain[: plain.index(marker) + 16]
    block = deflated(b" " * MEBIBYTE, total, before=_zigzag(total))
    return head + _zigzag(1) + _zigzag(len(block)) + block + marker


def _zigzag(number: int) -> bytes:
    number <<= 1
    written = b""
    while number > 0x7F:
        written += bytes([number & 0x7F | 0x80])
        number >>= 7
    return written + bytes([number])


def parquet(total: int) -> bytes:
    """One text, again and again: a dictionary of one entry."""
    sink = io.BytesIO()
    column = pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), total // MEBIBYTE), pa.array(["0" * MEBIBYTE])
    )
    pq.write_table(pa.table({"w": column}), sink, compression="zstd")
    return sink.getvalue()


def greedy_xz() -> bytes:
    """Asks for a dictionary of a gibibyte and a half, as its header may."""
    size = 3 << 29
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]
    content = bytearray(lzma.compress(_rows(MEBIBYTE), filters=filters))
    at = content.index(b"\x21\x01") + 2  # the filter, the length of what it says, its size
    content[at] = next(code for code in range(41) if (2 | code & 1) << (code // 2 + 11) >= size)
    head = bytes(content[12 : 12 + (content[12] + 1) * 4 - 4])
    content[12 + len(head) : 16 + len(head)] = struct.pack("<I", zlib.crc32(head))
    return bytes(content)


QUICK: dict[str, tuple[Callable[[], bytes], str]] = {
    "rows.zip": (lambda: zipped(_of_rows(BEYOND)), "expands-too-much"),
    "few by its header.zip": (lambda: zipped(_of_rows(BEYOND), claimed=100), "archive-damaged"),
    "rows.csv.zst": (lambda: zstandard.compress(_rows(MEBIBYTE)) * 3_072, "expands-too-much"),
    "greedy.csv.xz": (lambda: greedy_xz(), "file-too-demanding"),
    "text.parquet": (lambda: parquet(BEYOND), "parquet-unreadable"),
}
"""Packed tables that are made and refused within some seconds: the bytes, and the error's code."""

SLOW: dict[str, tuple[Callable[[], bytes], str]] = {
    "rows.csv.gz": (lambda: gzip.compress(_rows(MEBIBYTE)) * 3_072, "expands-too-much"),
    "rows.csv.bz2": (lambda: bz2.compress(_rows(16 * MEBIBYTE)) * 192, "expands-too-much"),
    "rows.csv.xz": (lambda: lzma.compress(_rows(8 * MEBIBYTE)) * 384, "expands-too-much"),
    "one kernel.zip": (lambda: one_kernel_a_thousand_times(BEYOND), "too-many-tables"),
    "six deep.zip": (lambda: nested(5, 16, zipped(_of_rows(MEBIBYTE))), "archives-too-deep"),
    "two deep.zip": (lambda: nested(2, 12, packed_by(8, 16)), "expands-too-much"),
    "by bzip2.zip": (lambda: packed_by(zipfile.ZIP_BZIP2, 700), "file-too-demanding"),
    "by lzma.zip": (lambda: packed_by(zipfile.ZIP_LZMA, 1_600), "file-too-demanding"),
    "sheet.xlsx": (lambda: workbook(BEYOND), "expands-too-much"),
    "text.avro": (lambda: avro(BEYOND), "file-too-demanding"),
}

DOCUMENTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "paragraphs.docx": (lambda: document(BEYOND), "expands-too-much"),
    "blanks.pdf": (lambda: pdf(BEYOND), "document-damaged"),
}
"""Documents that are kept, and why they have no text."""


def packed_by(method: int, mebibytes: int) -> bytes:
    """A good zip with one member of so many mebibytes."""
    content, rows = io.BytesIO(), _rows(MEBIBYTE)
    with zipfile.ZipFile(content, "w", method) as archive, archive.open("a.csv", "w") as member:
        for _ in range(mebibytes):
            member.write(rows)
    return content.getvalue()
