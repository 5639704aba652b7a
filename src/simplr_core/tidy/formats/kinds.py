"""What kind of file some bytes are, where the first of them do not say enough: packages and storages."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import BinaryIO

from simplr_core.tidy.formats.found import FileDamaged, FileEncrypted
from simplr_core.tidy.formats.json_records import HEAD as JSON_HEAD
from simplr_core.tidy.formats.json_records import JSON, NDJSON, json_kind
from simplr_core.tidy.formats.streams import buffered
from simplr_core.tidy.media import DOCX, PARQUET, media_type_of
from simplr_core.tidy.media_types import WORKBOOKS, XLS, XLSB, XLSX

HEAD = 1 << 16
SCAN = 1 << 20
ENTRY = 128
MOST_SCANNED = 256 << 20

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
PACKAGE = "application/vnd.openxmlformats-package"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
TAR = "application/x-tar"
ARCHIVES = frozenset(
    {ZIP, TAR, "application/gzip", "application/zstd", "application/x-bzip2", "application/x-xz"}
)
READ_HERE_AND_THERE = WORKBOOKS | {
    *(ZIP, TAR, PARQUET, "application/vnd.sqlite3", "text/html"),
}
"""Kinds whose readers go back and forth: inside of an archive they are held in memory."""
RECORDS = frozenset({JSON, NDJSON})

_INSIDE = (
    ("xl/workbook.xml", XLSX),
    ("xl/workbook.bin", XLSB),
    ("word/document.xml", DOCX),
    ("ppt/presentation.xml", PPTX),
    ("[content_types].xml", PACKAGE),
    ("meta-inf/manifest.mf", "application/java-archive"),
)
_BIFF_START = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_FILEPASS = 0x2F


BROKEN_PACKAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, ValueError, EOFError, OSError, OverflowError),
)
"""What zipfile raises for bytes that are no zip, or no good one."""


class ArchiveDamaged(FileDamaged):
    """This archive is damaged or cut off. Pack it anew and put it again, or keep it as a file."""

    code = "archive-damaged"


def kind_of(source: BinaryIO, size: int) -> str:
    """The media type of the whole of `source`. Raises FileEncrypted or ArchiveDamaged."""
    source.seek(0)
    head = source.read(HEAD)
    source.seek(max(0, size - 8))
    found = media_type_of(head, source.read(8))
    if head[257:262] == b"ustar":
        return TAR
    if found == ZIP:
        return _kind_of_package(source, size)
    if found == OLE:
        return _kind_of_storage(source, size)
    if found == "text/plain" and _is_markup_of_a_table(head):
        return "text/html"
    if found in (JSON, "text/plain"):
        source.seek(0)
        return json_kind(source.read(JSON_HEAD)) or found
    return found


def _is_markup_of_a_table(head: bytes) -> bool:
    """A piece of a page without its head: markup from the first character on, and a table in it."""
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith(b"<") and b"<table" in start.lower()


def _kind_of_package(source: BinaryIO, size: int) -> str:
    """What a zip is by what lies in it: a workbook, a document, or an archive."""
    try:
        with buffered(source, size) as stream, zipfile.ZipFile(stream) as package:
            names = {name.casefold() for name in package.namelist()}
            if "mimetype" in names:
                with package.open("mimetype") as member:
                    said = member.read(100).decode("ascii", "replace").strip()
                return said if said.startswith("application/") else ZIP
    except BROKEN_PACKAGE as error:
        raise ArchiveDamaged from error
    return next((kind for name, kind in _INSIDE if name in names), ZIP)


def _kind_of_storage(source: BinaryIO, size: int) -> str:
    """An Excel 97 workbook, by the name of its stream; encrypted ones are refused."""
    names = _names_in_storage(source, size)
    if "EncryptedPackage" in names:
        raise FileEncrypted
    if names & {"Workbook", "Book"}:
        if _is_encrypted_biff(source, size):
            raise FileEncrypted
        return XLS
    return OLE


def _names_in_storage(source: BinaryIO, size: int) -> set[str]:
    """Those names of streams that matter here: they stand at the start of 128 bytes each."""
    wanted = {
        name: name.encode("utf-16-le") + b"\0\0"
        for name in ("EncryptedPackage", "Workbook", "Book")
    }
    found = set()
    for start in range(0, min(size, MOST_SCANNED), SCAN):
        source.seek(start)
        piece = source.read(SCAN)
        for name, encoded in wanted.items():
            at = piece.find(encoded)
            while at >= 0:
                if at % ENTRY == 0:
                    found.add(name)
                    break
                at = piece.find(encoded, at + 1)
    return found


def _is_encrypted_biff(source: BinaryIO, size: int) -> bool:
    """Whether a record FILEPASS follows the start of the workbook's stream."""
    for start in range(0, min(size, MOST_SCANNED), SCAN):
        source.seek(start)
        piece = source.read(SCAN + 4096)
        at = piece.find(_BIFF_START)
        if at < 0:
            continue
        for _ in range(8):
            if at + 4 > len(piece):
                break
            record, length = struct.unpack_from("<HH", piece, at)
            if record == _FILEPASS:
                return True
            at += 4 + length
        return False
    return False
