"""Logs with checkpoints to hold against the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from simplr_core.crypto import Key, SigningKey
from simplr_core.ledger import (
    Checkpoint,
    MerkleTree,
    SignedCheckpoint,
    canonical_entry,
    leaf_hash,
    sign_checkpoint,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Log:
    entries: list[bytes]
    checkpoints: list[SignedCheckpoint]
    key: SigningKey

    @property
    def leaves(self) -> list[bytes]:
        return [leaf_hash(entry) for entry in self.entries]


def entry(seq: int, word: str = "seen") -> bytes:
    return canonical_entry({"seq": seq, "code": f"access:resource:{word}", "actor": f"p{seq % 7}"})


def log_of(size: int, sizes: Sequence[int], key: SigningKey | None = None) -> Log:
    """A log of `size` entries with a checkpoint at each of `sizes`."""
    key = key or SigningKey(Key.generate())
    log, tree = Log([entry(seq) for seq in range(size)], [], key), MerkleTree()
    for leaf in log.leaves:
        tree.append(leaf)
    for number, covered in enumerate(sizes):
        previous = log.checkpoints[-1].digest if log.checkpoints else None
        head = Checkpoint(
            "simplr/test", covered, tree.root(covered), NOON + timedelta(hours=number), previous
        )
        log.checkpoints.append(sign_checkpoint(head, key=key))
    return log


@pytest.fixture
def make_log() -> Callable[..., Log]:
    return log_of


@pytest.fixture
def make_entry() -> Callable[..., bytes]:
    return entry
