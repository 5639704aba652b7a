"""Exported objects: `<id>.sf1`, the sealed bytes, and `<id>.json`, what is known of them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from blake3 import blake3

from simplr_core.crypto import (
    FileDescriptorSource,
    Key,
    UnsealingReader,
    context_of,
    open_bytes,
    parts_of_context,
)
from simplr_core.errors import Corrupt, Invalid

FORMAT = "simplr-object/1"
_PIECE = 1 << 20


class ExportUnreadable(Invalid):
    """This file is no description of an exported object or data set."""

    code = "export-unreadable"


class DigestDiffers(Corrupt):
    """The content is genuine but has another digest than was remembered. Report this."""

    code = "digest-differs"


@dataclass(frozen=True, kw_only=True)
class ExportedObject:
    """What is known of a sealed object. Its content is in the file beside it."""

    id: UUID
    name: str
    """For people; never a path."""
    media_type: str
    context: bytes
    header: bytes
    size: int
    sealed_size: int
    digests: bytes | None
    """BLAKE3 and, if there is one, SHA-256 of the content, sealed under the object's own key."""

    def to_json(self) -> dict[str, Any]:
        """Plain values for `<id>.json`."""
        return {
            "format": FORMAT,
            "id": str(self.id),
            "name": self.name,
            "media_type": self.media_type,
            "context": list(parts_of_context(self.context)),
            "header": base64.b64encode(self.header).decode(),
            "size": self.size,
            "sealed_size": self.sealed_size,
            "digests": self.digests and base64.b64encode(self.digests).decode(),
        }

    @classmethod
    def from_json(cls, document: object) -> ExportedObject:
        """What `to_json` wrote; ExportUnreadable for anything else."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ExportUnreadable
        try:
            digests = document["digests"]
            return cls(
                id=UUID(document["id"]),
                name=str(document["name"]),
                media_type=str(document["media_type"]),
                context=context_of(*map(str, document["context"])),
                header=base64.b64decode(document["header"], validate=True),
                size=int(document["size"]),
                sealed_size=int(document["sealed_size"]),
                digests=base64.b64decode(digests, validate=True) if digests else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
            raise ExportUnreadable from None


def read_document(path: Path) -> Any:
    """The JSON in a file; ExportUnreadable if there is none."""
    try:
        return json.loads(path.read_text())
    except (ValueError, RecursionError):
        raise ExportUnreadable(f"{path} holds no JSON.") from None


def write_object(folder: Path, known: ExportedObject) -> Path:
    """Write `<id>.json`; the path where its sealed bytes belong."""
    text = json.dumps(known.to_json(), indent=1, ensure_ascii=False)
    (folder / f"{known.id}.json").write_text(text + "\n")
    return folder / f"{known.id}.sf1"


def read_object(folder: Path, object_id: UUID) -> ExportedObject:
    """What is known of an object in an export."""
    known = ExportedObject.from_json(read_document(folder / f"{object_id}.json"))
    if known.id != object_id:
        raise ExportUnreadable(f"{object_id}.json describes another object.")
    return known


class OpenedObject:
    """An exported object with its key: a seekable reader of what it holds. Close it."""

    def __init__(self, folder: Path, known: ExportedObject, key: Key) -> None:
        self.known = known
        self._key = key
        descriptor = os.open(folder / f"{known.id}.sf1", os.O_RDONLY | os.O_CLOEXEC)
        self.reader = UnsealingReader(
            FileDescriptorSource(descriptor, owned=True),
            key=key,
            context=known.context,
            sealed_size=known.sealed_size,
            header=known.header,
        )

    def copy_to(self, sink: BinaryIO) -> int:
        """Write all of the content and hold it against the remembered digests; its size.

        Every byte that is written has been proven before; DigestDiffers comes after the last one.
        """
        whole, second = blake3(), hashlib.sha256()
        for piece in self._pieces():
            whole.update(piece)
            second.update(piece)
            sink.write(piece)
        if self.known.digests is not None:
            remembered = open_bytes(
                self.known.digests,
                key=self._key.derive("digests"),
                context=context_of("digests", self.known.id),
            )
            found = (whole.digest() + second.digest())[: max(32, len(remembered))]
            if not hmac.compare_digest(found, remembered):
                raise DigestDiffers
        return self.reader.size

    def _pieces(self) -> Iterator[bytes]:
        self.reader.seek(0)
        while piece := self.reader.read(_PIECE):
            yield piece

    def close(self) -> None:
        """Let go of the file."""
        self.reader.close()

    def __enter__(self) -> OpenedObject:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
