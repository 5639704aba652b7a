"""The job that shows a kept file: its first lines, an image, or a PDF. Nothing is rendered here."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed
from simplr_core.tables.sealed import UnsealingReader
from simplr_core.tidy.encodings import recognise_encoding
from simplr_core.tidy.jobs.images import check_showable, image_size
from simplr_core.tidy.media import media_type_of

PREVIEW_CHANNEL = 1
TEXT_BYTES = 64 << 10
HEAD = 1 << 16
MOST_BYTES = 32 << 20
PIECE = 1 << 18

TEXTS = frozenset(
    {"text/plain", "text/html", "application/json", "application/xml", "image/svg+xml"}
)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"\bstream\r?\n")
LONGEST_HEAD = 4_000
_NOT_TO_BE_SEEN = b"/JS"
"""Stands for what cannot be looked into: it counts as active, so it is not shown."""
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def preview_file(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """What may be shown of a sealed file, on channel 1, and what it is.

    `arguments`: `original` (key, context, header, sealed_size). `files`: `original`. The kind is decided by
    the bytes. `kind` is `text` (the first 64 KiB as UTF-8; markup and SVG are shown as text, not
    as pages), `image` (the bytes as they are, with width and height; images with very many
    pixels or several frames are refused), `pdf` (the bytes as they are; `is_active` says that it
    holds scripts or launches), or `none`, with the reason.
    """
    reader = open_sealed(arguments["original"], files["original"])
    head = reader.read(HEAD)
    reader.seek(max(0, reader.size - 2_048))
    tail = reader.read(2_048)
    media_type = media_type_of(head, tail)
    found: dict[str, Any] = {"media_type": media_type, "size": reader.size, "kind": "none"}
    if media_type in TEXTS:
        return found | _text(reader, port)
    if media_type == "application/x-empty":
        return found | {"reason": "empty"}
    if media_type not in IMAGES and media_type != "application/pdf":
        return found | {"reason": "no-preview"}
    if reader.size > MOST_BYTES:
        return found | {"reason": "too-large"}
    reader.seek(0)
    content = reader.read(reader.size)
    if media_type == "application/pdf":
        if b"%%EOF" not in tail:
            return found | {"reason": "cut-off"}
        found |= {"kind": "pdf", "is_active": _is_active(content)}
    else:
        size = image_size(content, media_type)
        check_showable(size)
        found |= {"kind": "image", "width": size.width, "height": size.height}
    _send(content, port)
    return found


def _text(reader: UnsealingReader, port: ChildPort) -> dict[str, Any]:
    reader.seek(0)
    head = reader.read(TEXT_BYTES)
    encoding = recognise_encoding(head)
    name, mark = (encoding.name, encoding.bom) if encoding else ("utf-8", 0)
    body = head[mark:]
    if name == "utf-8":
        text = _decoded(body, is_whole=reader.size <= TEXT_BYTES)
    else:
        text = body.decode(name, "replace")
    _send(text.encode("utf-8", "replace"), port)
    return {"kind": "text", "is_whole": reader.size <= TEXT_BYTES, "encoding": name}


def _decoded(body: bytes, *, is_whole: bool) -> str:
    """UTF-8 where it is that (the last character may be cut), else the old Western page."""
    for cut in range(1 if is_whole else 4):
        try:
            return body[: len(body) - cut].decode()
        except UnicodeDecodeError:
            continue
    return body.decode("cp1252", "replace")


def _is_active(content: bytes) -> bool:
    """Whether a PDF names something that acts, however it spells the name or packs the object."""
    marks = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")
    return any(mark in part for part in _parts_of(content) for mark in marks)


def _parts_of(content: bytes) -> Iterator[bytes]:
    """The objects of a PDF: those in the open, and those inside compressed object streams."""
    yield _plainly_spelt(content)
    whole = memoryview(content)
    for stream in _STREAM.finditer(content):
        head = content[max(0, stream.start() - LONGEST_HEAD) : stream.start()]
        if b"/ObjStm" not in _plainly_spelt(head.rpartition(b"obj")[2]):
            continue
        unpacker = zlib.decompressobj()
        try:
            yield _plainly_spelt(unpacker.decompress(whole[stream.end() :], MOST_BYTES))
        except zlib.error:
            yield _NOT_TO_BE_SEEN  # packed in another way
        if unpacker.unconsumed_tail:
            yield _NOT_TO_BE_SEEN


def _plainly_spelt(content: bytes) -> bytes:
    """Names without their escapes: `/J#61vaScript` is `/JavaScript` (ISO 32000, 7.3.5)."""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found.group(1).decode()), content)


def _send(content: bytes, port: ChildPort) -> None:
    sink = port.sink(PREVIEW_CHANNEL)
    beat = heartbeat_of(port, len(content), "showing")
    for start in range(0, len(content), PIECE):
        sink.write(content[start : start + PIECE])
        beat(min(start + PIECE, len(content)))
    sink.close()
