"""What a tus client says of a file before it comes: `Upload-Metadata`, pairs of a word and base64.

It is kept as it was sent, since the protocol gives it back; sealed, since it may hold a digest of
the content.
"""

from __future__ import annotations

import base64
import binascii
import re
from uuid import UUID

from simplr.intake.models import Upload
from simplr.intake.services import Declared
from simplr.vault import services as vault
from simplr_core.errors import Invalid

LONGEST = 4096
_CONTEXT = b"upload-metadata"


class MetadataInvalid(Invalid):
    """Upload-Metadata is a list of words with base64 behind them: name, as, resource, folder, sha256."""

    code = "metadata-invalid"
    status = 400


def pairs_in(header: str) -> dict[str, str]:
    """The words and texts of an `Upload-Metadata` header. Raises MetadataInvalid."""
    if len(header) > LONGEST:
        raise MetadataInvalid(longest=LONGEST)
    found: dict[str, str] = {}
    for pair in filter(None, (one.strip() for one in header.split(","))):
        word, _, value = pair.partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise MetadataInvalid(word=word[:40]) from error
        if word in found or not word.isascii():
            raise MetadataInvalid(word=word[:40])
        found[word] = text
    return found


def declared_in(header: str, *, size: int) -> Declared:
    """What is declared by a header and a length. Words that we do not know say nothing to us.

    The name is `name`, or `filename` as browsers' clients have it. Raises MetadataInvalid.
    """
    pairs = pairs_in(header)
    wanted_as = pairs.get("as", "auto")
    if wanted_as not in {"auto", "table", "file"}:
        raise MetadataInvalid(word="as")
    return Declared(
        name=pairs.get("name") or pairs.get("filename", ""),
        size=size,
        digest=_digest(pairs.get("sha256", "")),
        wanted_as=wanted_as,
        resource_id=_id_in(pairs, "resource"),
        folder_id=_id_in(pairs, "folder"),
    )


def _id_in(pairs: dict[str, str], word: str) -> UUID | None:
    try:
        return UUID(pairs[word]) if pairs.get(word) else None
    except ValueError as error:
        raise MetadataInvalid(word=word) from error


def seal(header: str, *, upload: Upload) -> bytes:
    """The header, to be kept in the upload's row."""
    return vault.seal_value(
        header.encode(), project_id=upload.project_id, context=_CONTEXT + upload.id.bytes
    )


def opened(upload: Upload) -> str:
    """The header that came with an upload; empty without one."""
    if upload.metadata is None:
        return ""
    plain = vault.open_value(
        bytes(upload.metadata),
        project_id=upload.project_id,
        context=_CONTEXT + upload.id.bytes,
    )
    return plain.decode()


def _digest(sha256: str) -> str:
    """64 hex digits as a digest header writes them."""
    if not sha256:
        return ""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise MetadataInvalid(word="sha256")
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
