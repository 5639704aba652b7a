"""What the first bytes of an image say of its size, without decoding a pixel."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from simplr_core.errors import Invalid

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 16_384


class ImageUnreadable(Invalid):
    """The image is cut off or is none of the kinds that are shown here."""

    code = "image-unreadable"


class ImageTooLarge(Invalid):
    """The image has too many pixels or frames to be shown here. Download it."""

    code = "image-too-large"


@dataclass(frozen=True, slots=True)
class ImageSize:
    width: int
    height: int
    is_animated: bool


def check_showable(size: ImageSize) -> None:
    """Return quietly if a browser can be trusted with the image. Raises ImageTooLarge."""
    if size.width < 1 or size.height < 1:
        raise ImageUnreadable
    if size.is_animated or max(size.width, size.height) > LONGEST_SIDE:
        raise ImageTooLarge
    if size.width * size.height > MOST_PIXELS:
        raise ImageTooLarge


def image_size(content: bytes, media_type: str) -> ImageSize:
    """The size of a PNG, JPEG, GIF or WebP image. Raises ImageUnreadable."""
    readers = {
        "image/png": _png,
        "image/jpeg": _jpeg,
        "image/gif": _gif,
        "image/webp": _webp,
    }
    try:
        return readers[media_type](content)
    except (KeyError, IndexError, struct.error) as error:
        raise ImageUnreadable from error


def _png(content: bytes) -> ImageSize:
    if content[12:16] != b"IHDR":
        raise ImageUnreadable
    width, height = struct.unpack(">II", content[16:24])
    before_pixels = content.partition(b"IDAT")[0]
    return ImageSize(width, height, b"acTL" in before_pixels)


def _jpeg(content: bytes) -> ImageSize:
    place = 2
    while True:
        if content[place] != 0xFF:
            raise ImageUnreadable
        marker = content[place + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD8:
            place += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", content[place + 2 : place + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return ImageSize(width, height, False)
        if marker == 0xDA or length < 2:
            raise ImageUnreadable
        place += 2 + length


def _gif(content: bytes) -> ImageSize:
    width, height, flags = struct.unpack("<HHB", content[6:11])
    place = 13 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
    frames = 0
    while frames < 2 and place < len(content) and content[place] != 0x3B:
        if content[place] == 0x21:
            place += 2
        elif content[place] == 0x2C:
            frames += 1
            inner = content[place + 9]
            place += 10 + (3 << ((inner & 7) + 1) if inner & 0x80 else 0) + 1
        else:
            raise ImageUnreadable
        while content[place]:
            place += content[place] + 1
        place += 1
    return ImageSize(width, height, frames > 1)


def _webp(content: bytes) -> ImageSize:
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
        return ImageSize(width, height, bool(content[20] & 2))
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", content[21:25])
        return ImageSize((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, False)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return ImageSize(width & 0x3FFF, height & 0x3FFF, False)
    raise ImageUnreadable
