"""The words of a document: of a PDF page by page, of a Word file paragraph by paragraph.

A document is not rendered: fonts, pictures and scripts in it are left alone. What comes out is
counted, whatever the file claims.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO
from xml.parsers import expat

import pypdf

from simplr_core.errors import SimplrError
from simplr_core.tidy.formats.archives import PIECE, Budget, ExpandsTooMuch, unpacking
from simplr_core.tidy.formats.found import FileDamaged, FileEncrypted, storable
from simplr_core.tidy.formats.streams import buffered
from simplr_core.tidy.media import DOCUMENTS, PDF, NoText

MOST_TEXT = 32 << 20
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODIES = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")

# Its warnings may quote the file: they go nowhere.
_warnings = logging.getLogger("pypdf")
_warnings.addHandler(logging.NullHandler())
_warnings.propagate = False


class DocumentDamaged(FileDamaged):
    """This document is damaged or cut off, so its text cannot be taken out. It is kept as it is."""

    code = "document-damaged"


def text_of(source: BinaryIO, size: int, media_type: str) -> Iterator[str]:
    """The text in pieces: a page of a PDF, a stretch of a Word file.

    A PDF of pictures gives pages without words. Raises NoText for another kind, FileEncrypted,
    DocumentDamaged, or ExpandsTooMuch.
    """
    if media_type not in DOCUMENTS:
        raise NoText
    left = MOST_TEXT
    for piece in _of_pdf(source, size) if media_type == PDF else _of_word(source, size):
        left -= len(piece)
        if left < 0:
            raise ExpandsTooMuch
        yield storable(piece)


def _of_pdf(source: BinaryIO, size: int) -> Iterator[str]:
    try:
        reader = pypdf.PdfReader(buffered(source, size))
        # Many are encrypted with an empty password, to forbid printing: anybody may read those.
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileEncrypted
        for page in reader.pages:
            yield page.extract_text() + "\n"
    except (SimplrError, MemoryError):
        raise
    except pypdf.errors.FileNotDecryptedError as error:
        raise FileEncrypted from error
    except Exception as error:  # whatever a reader of such files stumbles over
        raise DocumentDamaged from error


def _of_word(source: BinaryIO, size: int) -> Iterator[str]:
    budget = Budget(size)
    with unpacking(), zipfile.ZipFile(buffered(source, size)) as package:
        names = set(package.namelist())
        for name in BODIES:
            if name in names:
                with package.open(name) as member:
                    yield from _words(member, budget)


def _words(member: IO[bytes], budget: Budget) -> Iterator[str]:
    """The texts of a part of a Word file, a line for each paragraph."""
    found: list[str] = []
    inside = 0

    def start(name: str, _: object) -> None:
        nonlocal inside
        inside += name == f"{WORD} t"
        if name == f"{WORD} tab":
            found.append("\t")
        elif name in (f"{WORD} br", f"{WORD} cr"):
            found.append("\n")

    def end(name: str) -> None:
        nonlocal inside
        inside -= name == f"{WORD} t"
        if name == f"{WORD} p":
            found.append("\n")

    def characters(text: str) -> None:
        if inside:
            found.append(text)

    def refuse(*_: object) -> None:
        raise DocumentDamaged  # a Word file defines no entities: they are how such a file explodes

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, refuse
    parser.buffer_text = True
    try:
        while piece := member.read(PIECE):
            budget.spend(len(piece))
            parser.Parse(piece)
            yield "".join(found)
            found.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DocumentDamaged from error
    yield "".join(found)
