"""Small documents, made here: PDF by hand and by pypdf, Word files by zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from html import escape

import pypdf

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*pages: str, password: str | None = None) -> bytes:
    """A PDF with a line of text on each page; with a `password` (which may be empty) encrypted."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    kids = []
    for words in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            f"/Resources << /Font << /F1 {font} >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{at:010} 00000 n \n".encode() for at in places)
    made += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode()
    made += f"startxref\n{start}\n%%EOF\n".encode()
    if password is None:
        return bytes(made)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(bytes(made)))
    writer.encrypt(password, "of the owner", algorithm="AES-256")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


def docx(paragraphs: Sequence[str], *, before: str = "", footnote: str = "") -> bytes:
    """A Word file with these paragraphs; `before` stands above its root element."""

    def part(texts: Sequence[str]) -> str:
        body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in texts)
        return f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", f'<?xml version="1.0"?>{before}{part(paragraphs)}')
        if footnote:
            package.writestr("word/footnotes.xml", part([footnote]))
    return packed.getvalue()
