"""What kind of file some bytes are, by the bytes and never by the name."""

from __future__ import annotations

import re

from simplr_core.errors import Invalid
from simplr_core.tidy.encodings import recognise_encoding

PARQUET = "application/vnd.apache.parquet"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCUMENTS = frozenset({PDF, DOCX})
"""What has a text that is taken out."""


class NoText(Invalid):
    """Only PDF and Word documents have a text that is taken out. Download the file instead."""

    code = "no-text"


_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", PARQUET),
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"ARROW1\x00\x00", "application/vnd.apache.arrow.file"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"Obj\x01", "application/avro"),
    (b"{\\rtf", "application/rtf"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_MARKUP = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<svg|<!--)", re.IGNORECASE)
_PARQUET_END = b"PAR1"
_CONTROL = re.compile("[\x00-\x08\x0e-\x19]")
"""Those that do not stand in texts: neither blanks nor marks between parts, records and files."""


def media_type_of(head: bytes, tail: bytes = b"") -> str:
    """The media type that the first (and last) bytes show; octets where they show none."""
    if head[:4] == b"PAR1" and tail and not tail.endswith(_PARQUET_END):
        return "application/octet-stream"
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    if not head:
        return "application/x-empty"
    encoding = recognise_encoding(head)
    if encoding is None or _has_control_characters(head, encoding.name):
        return "application/octet-stream"
    if markup := _MARKUP.match(head.lstrip(b"\xef\xbb\xbf")):
        start = markup[1].lower()
        if start == b"<svg" or b"<svg" in head[:1000].lower():
            return "image/svg+xml"
        return "text/html" if b"htm" in start else "application/xml"
    if re.match(rb"(?:\xef\xbb\xbf)?\s*(\{\s*\"|\[\s*[\{\[])", head):
        return "application/json"
    return "text/plain"


def _has_control_characters(head: bytes, encoding: str) -> bool:
    text = head[:65536].decode(encoding, "ignore")
    return len(_CONTROL.findall(text)) > len(text) // 100
