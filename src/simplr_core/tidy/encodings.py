"""Which characters the bytes of a file are, and a stream that gives them as UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

import charset_normalizer

from simplr_core.tidy.encoding_names import LIKELY_ELSEWHERE, WIDE
from simplr_core.tidy.recipe.steps import BY_A_PERSON
from simplr_core.tidy.scripts import page_of_another_script
from simplr_core.tidy.understanding import Confidence, Encoding

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 1 << 20
SAMPLE = 1 << 18

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LATIN_ELSEWHERE = {"cp1250", "iso8859_2", "cp1254", "iso8859_9", "cp1257", "iso8859_13", "cp1258"}
_RARE_IN_WESTERN = frozenset("¹³¿¾¼½£¥ªºŸŒœðþýÐÞÝìø¡¢¦¬¯±´¶¸¤")
"""What letters of Central Europe, the Baltic and Turkey look like where a page is taken for Western."""


def encoding_said(name: str, head: bytes) -> Encoding:
    """The encoding that a person named, of a file that begins with `head`.

    A mark at the start says the order of bytes of UTF-16 and UTF-32 better than he does.
    """
    for mark, marked in _MARKS:
        if head.startswith(mark) and marked.split("-")[:2] == name.split("-")[:2]:
            return Encoding(marked, len(mark), evidence=BY_A_PERSON)
    return Encoding(name, evidence=BY_A_PERSON)


class Undecodable(Exception):
    """The stream is not in the encoding that its start promised."""


def recognise_encoding(head: bytes) -> Encoding | None:
    """The encoding that the first bytes promise; None where they are no text."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, len(mark), evidence="The file begins with a byte order mark.")
    if b"\0" in head:
        return _wide(head)
    return Encoding("utf-8", evidence="Every byte is valid UTF-8.")


def _wide(head: bytes) -> Encoding | None:
    """UTF-16 or UTF-32 without a mark: read so, and only so, it is text with blanks and digits."""
    plain = {name: _plain_share(head[: 1 << 12], name, size) for name, size in WIDE.items()}
    found = max(plain, key=lambda name: plain[name])
    if plain[found] < 0.05:
        return None
    return Encoding(
        found,
        confidence=Confidence.LIKELY,
        evidence="Read in this encoding every byte belongs to a letter, digit or mark; there is "
        "no byte order mark.",
    )


def _plain_share(part: bytes, name: str, size: int) -> float:
    """The share of ASCII in `part` read by an encoding; 0 where anything in it is no text."""
    part = part[: len(part) // size * size]
    try:
        text = codecs.getincrementaldecoder(name)().decode(part)
    except UnicodeDecodeError:
        return 0.0
    odd = sum(not c.isprintable() and not c.isspace() for c in text)
    if not text or odd > len(text) // 100:
        return 0.0
    return sum(c.isascii() for c in text) / len(text)


def settle_encoding(stream: BinaryIO) -> Encoding:
    """The encoding of a text that is not all UTF-8, decided from every byte of it.

    A file with a few broken rows among right UTF-8 stays UTF-8. Otherwise an old code page is
    recognised from the lines that are not ASCII, and kept only if it decodes the whole file.
    """
    lines, broken, sample = _count_utf8(stream)
    if lines and broken <= max(1, lines // 20):
        return Encoding(
            "utf-8",
            exact=False,
            confidence=Confidence.LIKELY,
            evidence=f"{lines} lines hold right UTF-8 beyond ASCII and {broken} hold bytes "
            "that are not: their rows go to quarantine.",
        )
    for name, sure in _candidates(sample):
        if _decodes(stream, name):
            return Encoding(
                name,
                confidence=sure,
                evidence="The bytes are not UTF-8; their frequencies fit this code page, and "
                "it decodes the whole file.",
            )
    return Encoding(
        "latin-1",
        confidence=Confidence.CHECK,
        evidence="The bytes are not UTF-8 and no code page fits them well.",
    )


def _count_utf8(stream: BinaryIO) -> tuple[int, int, bytes]:
    """How many lines hold right, and how many hold wrong, bytes beyond ASCII; and a sample."""
    stream.seek(0)
    right = wrong = 0
    sample = bytearray()
    rest = b""
    while piece := stream.read(PIECE):
        lines = (rest + piece).split(b"\n")
        rest = lines.pop() if len(lines[-1]) < PIECE else b""
        for line in lines:
            if line.isascii():
                continue
            if len(sample) < SAMPLE:
                sample += line + b"\n"
            try:
                line.decode()
                right += 1
            except UnicodeDecodeError:
                wrong += 1
    if not rest.isascii():
        sample += rest[:SAMPLE]
        try:
            rest.decode()
            right += 1
        except UnicodeDecodeError:
            wrong += 1
    return right, wrong, bytes(sample)


def _candidates(sample: bytes) -> list[tuple[str, Confidence]]:
    if page := page_of_another_script(sample):
        return [(codecs.lookup(page).name, Confidence.CHECK), ("cp1252", Confidence.CHECK)]
    best = charset_normalizer.from_bytes(sample[:SAMPLE]).best()
    name = best.encoding if best else "cp1252"
    western = name not in LIKELY_ELSEWHERE or _hardly_differs(sample, name, "cp1252")
    if western or (name in _LATIN_ELSEWHERE and _reads_well_as_western(sample)):
        return [("cp1252", Confidence.LIKELY), ("latin-1", Confidence.CHECK)]
    return [(codecs.lookup(name).name, Confidence.CHECK), ("cp1252", Confidence.CHECK)]


def _reads_well_as_western(sample: bytes) -> bool:
    """True where the usual page makes hardly any rare character of the bytes beyond ASCII."""
    try:
        beyond = [c for c in sample.decode("cp1252") if not c.isascii()]
    except UnicodeDecodeError:
        return False
    return sum(c in _RARE_IN_WESTERN for c in beyond) < 0.1 * len(beyond)


def _hardly_differs(sample: bytes, name: str, other: str) -> bool:
    """True where only one or two characters tell the pages apart: too few to leave the usual."""
    try:
        pairs = zip(sample.decode(name), sample.decode(other), strict=True)
        return len({mine for mine, theirs in pairs if mine != theirs}) < 3
    except (UnicodeDecodeError, ValueError):
        return False


def _decodes(stream: BinaryIO, name: str) -> bool:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(name)()
    try:
        while piece := stream.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


class Utf8Stream(io.RawIOBase):
    """The characters of `source` as UTF-8 bytes, from the start, without a byte order mark.

    Raises Undecodable as soon as a byte is no character of the encoding. `look_at` sees each
    piece before it is given out, and may raise.
    """

    def __init__(
        self,
        source: BinaryIO,
        encoding: Encoding,
        look_at: Callable[[bytes], None] | None = None,
    ) -> None:
        super().__init__()
        self._look_at = look_at
        self._source = source
        self._position = encoding.bom
        self._same = encoding.name == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding.name)()
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer).cast("B")
        while not self._ready and not self._ended:
            self._ready = self._looked_at_piece()
        taken = self._ready[: len(target)]
        target[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return self.readall()
        pieces, wanted = [], size
        while wanted > 0:
            while not self._ready and not self._ended:
                self._ready = self._looked_at_piece()
            if not self._ready:
                break
            pieces.append(self._ready[:wanted])
            self._ready = self._ready[wanted:]
            wanted -= len(pieces[-1])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _looked_at_piece(self) -> bytes:
        piece = self._next_piece()
        if self._look_at is not None:
            self._look_at(piece)
        return piece

    def _next_piece(self) -> bytes:
        # The source may keep its position per thread, and Arrow reads from several in turn.
        self._source.seek(self._position)
        piece = self._source.read(PIECE)
        self._position += len(piece)
        self._ended = not piece
        if self._same and piece and piece.isascii() and not self._decoder.getstate()[0]:
            return piece
        try:
            text = self._decoder.decode(piece, final=self._ended)
        except UnicodeDecodeError as error:
            raise Undecodable from error
        return text.encode("utf-8", "surrogatepass")
