"""The ledger as one zip that a stranger checks with openssl and sha256sum, in bounded memory.

Entries are made anew from the event rows, beside the leaf hashes that were remembered when they
were sealed: whichever of the two somebody changed, the script in the zip finds it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

from simplr.audit import queries
from simplr.base import plugs
from simplr_core.ledger import export

FOLDER = "simplr-ledger/"
_CHUNK = 64 * 1024


def export_stream() -> Iterator[bytes]:
    """The bytes of the zip, as they are made. Raises Unavailable while the store is sealed."""
    public_key = plugs.sign().verifying_key
    newest = queries.newest_checkpoint()
    size = newest.size if newest else 0
    sink = _Drained()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        parts: tuple[tuple[str, Iterable[bytes]], ...] = (
            (export.SCRIPT, [export.verifier_script()]),
            (export.PUBLIC_KEY, [public_key.pem().encode()]),
            (export.CHECKPOINTS, _checkpoints(size)),
            (export.LEAVES, (leaf.hex().encode() + b"\n" for leaf in queries.leaf_hashes(size))),
            (export.ENTRIES, (entry + b"\n" for entry in queries.entries_anew(size))),
        )
        for name, lines in parts:
            with archive.open(FOLDER + name, "w", force_zip64=True) as member:
                for line in lines:
                    member.write(line)
                    if sink.waiting >= _CHUNK:
                        yield sink.drain()
    yield sink.drain()


def _checkpoints(size: int) -> Iterator[bytes]:
    first = True
    for text in queries.checkpoint_texts(size):
        yield text.encode() if first else b"\n" + text.encode()
        first = False


class _Drained(io.RawIOBase):
    """What a zip is written into: it cannot seek, and is emptied as it fills."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.waiting = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        self.waiting += len(piece)
        return len(piece)

    def drain(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces, self.waiting = [], 0
        return whole
