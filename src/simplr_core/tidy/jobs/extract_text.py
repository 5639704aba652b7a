"""The job that takes the words out of a kept document, for reading and for search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_key, open_sealed, sealed_to_json
from simplr_core.tables.sealed import SealedFile
from simplr_core.tidy.documents import text_of
from simplr_core.tidy.formats.kinds import kind_of

TEXT_CHANNEL = 1


def extract_text(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Seal the text of a document, as UTF-8, onto channel 1.

    `arguments`: `original` (key, context, header, sealed_size), and `text`: the key and context
    under which the text is sealed. `files`: `original`. The result has the facts of the sealed
    `text` and how many `pieces` (pages of a PDF) it came in. The kind is decided by the bytes.
    """
    source = open_sealed(arguments["original"], files["original"])
    beat = heartbeat_of(port, None, "reading")
    media_type = kind_of(source, source.size)  # type: ignore[arg-type]  # a raw reader is enough
    sink = port.sink(TEXT_CHANNEL)
    file = SealedFile(
        sink, key=open_key(arguments["text"]["key"]), context=arguments["text"]["context"]
    )
    pieces = 0
    for piece in text_of(source, source.size, media_type):  # type: ignore[arg-type]
        file.write(piece.encode())
        pieces += 1
        beat(pieces)
    sealed = file.finish()
    sink.close()
    return {"text": sealed_to_json(sealed), "pieces": pieces}
