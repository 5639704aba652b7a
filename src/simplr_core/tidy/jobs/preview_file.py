"""The job that shows a kept file: its first lines, an image, or a PDF. Nothing is rendered here."""

from __future__ import annotations

from collections.abc import Mapping
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
    return any(mark in content for mark in (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile"))


def _send(content: bytes, port: ChildPort) -> None:
    sink = port.sink(PREVIEW_CHANNEL)
    beat = heartbeat_of(port, len(content), "showing")
    for start in range(0, len(content), PIECE):
        sink.write(content[start : start + PIECE])
        beat(min(start + PIECE, len(content)))
    sink.close()
