"""Makes the frozen vectors of the ledger. Run once by hand; tests never run it.

    python tests/vectors/make_ledger.py

It refuses to overwrite: what was signed once must verify for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simplr_core.crypto import Key, SigningKey
from simplr_core.ledger import (
    Checkpoint,
    MerkleTree,
    SignedCheckpoint,
    canonical_entry,
    leaf_hash,
    sign_checkpoint,
    write_checkpoints,
)

FOLDER = Path(__file__).with_name("ledger")
KEY = SigningKey(Key.from_bytes(hashlib.sha256(b"the key of the ledger vectors").digest()))
OTHER_KEY = SigningKey(Key.from_bytes(hashlib.sha256(b"another key").digest()))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIZES = (0, 3, 8, 8, 13)


def entry(seq: int, code: str = "access:grant:made") -> bytes:
    return canonical_entry(
        {
            "seq": seq,
            "at": f"2026-11-21T12:{seq:02}:00Z",
            "code": code,
            "actor": {"person": f"0190f3a4-0000-7000-8000-{seq:012}"},
            "details": {"until": None, "count": seq * 7, "words": ["Zoë", "a\nb"]},
        }
    )


ENTRIES = [entry(seq) for seq in range(13)]
LEAVES = [leaf_hash(one) for one in ENTRIES]


def heads(key: SigningKey) -> list[SignedCheckpoint]:
    tree, made = MerkleTree(LEAVES), list[SignedCheckpoint]()
    for number, size in enumerate(SIZES):
        previous = made[-1].digest if made else None
        at = NOON + timedelta(hours=number)
        made.append(
            sign_checkpoint(
                Checkpoint("simplr/vectors", size, tree.root(size), at, previous), key=key
            )
        )
    return made


HEADS = heads(KEY)


def keep(
    name: str,
    verdict: tuple[str, int, bool] | None,
    *,
    entries: list[bytes] = ENTRIES,
    checkpoints: list[SignedCheckpoint] = HEADS,
    outside: list[SignedCheckpoint] | None = None,
    leaves: list[bytes] | None = LEAVES,
) -> None:
    document = {
        "name": name,
        "verdict": verdict
        and {"reason": verdict[0], "first_bad_seq": verdict[1], "is_certain": verdict[2]},
        "public_key": KEY.verifying_key.pem(),
        "entries": [one.decode() for one in entries],
        "leaves": leaves and [leaf.hex() for leaf in leaves],
        "checkpoints": write_checkpoints(checkpoints),
        "outside": write_checkpoints(outside or []),
    }
    with (FOLDER / f"log-{name}.json").open("x") as file:
        json.dump(document, file, indent=1, ensure_ascii=False)
        file.write("\n")


def changed(change: Callable[[list[bytes]], object]) -> list[bytes]:
    entries = list(ENTRIES)
    change(entries)
    return entries


def main() -> None:
    edited = changed(lambda log: log.__setitem__(5, entry(5, "access:grant:hidden")))
    keep("good", None)
    keep("good-without-leaves", None, leaves=None)
    keep("good-with-more-than-is-sealed", None, entries=[*ENTRIES, entry(13)], leaves=None)
    keep("bad-edited", ("changed", 5, True), entries=edited)
    keep("bad-edited-without-leaves", ("changed", 3, False), entries=edited, leaves=None)
    keep(
        "bad-edited-with-leaves",
        ("changed", 3, False),
        entries=edited,
        leaves=[leaf_hash(one) for one in edited],
    )
    keep("bad-deleted", ("missing", 7, True), entries=changed(lambda log: log.pop(7)))
    keep("bad-deleted-first", ("missing", 0, True), entries=changed(lambda log: log.pop(0)))
    keep(
        "bad-inserted",
        ("inserted", 8, True),
        entries=changed(lambda log: log.insert(8, entry(8, "access:grant:forged"))),
    )
    keep(
        "bad-re-ordered",
        ("re-ordered", 1, True),
        entries=changed(lambda log: log.insert(2, log.pop(1))),
    )
    keep("bad-cut", ("cut", 10, True), entries=ENTRIES[:10])
    keep("bad-cut-without-leaves", ("cut", 10, False), entries=ENTRIES[:10], leaves=None)
    keep(
        "bad-cut-with-its-checkpoints",
        ("cut", 8, False),
        entries=ENTRIES[:8],
        leaves=LEAVES[:8],
        checkpoints=HEADS[:4],
        outside=HEADS[4:],
    )
    keep("bad-checkpoint-by-another-key", ("checkpoint", 0, False), checkpoints=heads(OTHER_KEY))
    keep("bad-checkpoint-left-out", ("checkpoint", 7, False), checkpoints=[*HEADS[:2], *HEADS[3:]])


if __name__ == "__main__":
    main()
