"""A ledger as files that a stranger can check: see docs/explanation/ledger.md.

entries.ndjson    one canonical entry a line: exactly the bytes that are hashed
leaves.txt        the leaf hash of each entry, hex; names the first bad entry
checkpoints.txt   every signed checkpoint, an empty line between them
ledger.pub.pem    the public key
verify.sh         checks all of it with sh, awk, openssl and sha256sum
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from simplr_core.crypto import VerifyingKey
from simplr_core.errors import Corrupt, Invalid
from simplr_core.ledger.checkpoints import (
    SignedCheckpoint,
    read_checkpoints,
    write_checkpoints,
)
from simplr_core.ledger.tree import leaf_hash
from simplr_core.ledger.verification import Finding, verify_log

ENTRIES = "entries.ndjson"
LEAVES = "leaves.txt"
CHECKPOINTS = "checkpoints.txt"
PUBLIC_KEY = "ledger.pub.pem"
SCRIPT = "verify.sh"


class ExportUnreadable(Corrupt):
    """The folder is no complete ledger export. Export the ledger again."""

    code = "ledger-export-unreadable"


def verifier_script() -> bytes:
    """The script that checks an export without any program of ours."""
    return resources.files("simplr_core.ledger").joinpath(SCRIPT).read_bytes()


def write_export(
    folder: Path,
    *,
    entries: Iterable[bytes],
    checkpoints: Sequence[SignedCheckpoint],
    public_key: VerifyingKey,
) -> int:
    """Write the files into `folder`, which exists; how many entries were written.

    Only the entries that the last checkpoint covers are written: what is not sealed yet proves
    nothing to a stranger. Invalid if there are fewer entries than that.
    """
    wanted = checkpoints[-1].checkpoint.size if checkpoints else 0
    written = 0
    with (folder / ENTRIES).open("wb") as lines, (folder / LEAVES).open("w") as leaves:
        for entry in entries:
            if written == wanted:
                break
            if b"\n" in entry:
                raise Invalid("An entry is one line.")
            lines.write(entry + b"\n")
            leaves.write(leaf_hash(entry).hex() + "\n")
            written += 1
    if written != wanted:
        raise Invalid(f"The last checkpoint covers {wanted} entries, not {written}.")
    (folder / CHECKPOINTS).write_text(write_checkpoints(checkpoints))
    (folder / PUBLIC_KEY).write_text(public_key.pem())
    (folder / SCRIPT).write_bytes(verifier_script())
    return written


@dataclass(frozen=True)
class LedgerExport:
    """An export on disk. Nothing in it is believed before `verify`."""

    folder: Path
    checkpoints: Sequence[SignedCheckpoint]
    public_key: VerifyingKey

    def entries(self) -> Iterator[bytes]:
        """The entries in their order, without line ends."""
        with (self.folder / ENTRIES).open("rb") as lines:
            for line in lines:
                yield line.removesuffix(b"\n")

    def leaves(self) -> Iterator[bytes] | None:
        """The remembered leaf hashes; None if the export has none."""
        path = self.folder / LEAVES
        return _leaves_in(path) if path.exists() else None

    def verify(
        self,
        *,
        public_key: VerifyingKey | None = None,
        outside: Sequence[SignedCheckpoint] = (),
    ) -> Finding | None:
        """What is wrong with it. Give the key and a checkpoint that you kept, if you did."""
        return verify_log(
            self.entries(),
            self.checkpoints,
            public_key or self.public_key,
            outside=outside,
            leaves=self.leaves(),
        )


def open_export(folder: Path) -> LedgerExport:
    """The export in `folder`; ExportUnreadable if a file is missing or is no such file."""
    try:
        return LedgerExport(
            folder,
            read_checkpoints((folder / CHECKPOINTS).read_text()),
            VerifyingKey.from_pem((folder / PUBLIC_KEY).read_text()),
        )
    except (OSError, UnicodeDecodeError) as error:
        raise ExportUnreadable(f"{folder} is no complete ledger export: {error}.") from None


def _leaves_in(path: Path) -> Iterator[bytes]:
    with path.open() as lines:
        for line in lines:
            try:
                leaf = bytes.fromhex(line)
            except ValueError:
                leaf = b""
            yield leaf if len(leaf) == 32 else bytes(32)
