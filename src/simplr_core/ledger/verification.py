"""Holding a log against its checkpoints, and naming the first entry that is not right."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from simplr_core.crypto import VerifyingKey
from simplr_core.ledger.checkpoints import Checkpoint, SignedCheckpoint
from simplr_core.ledger.tree import CompactRange, leaf_hash


class Reason(StrEnum):
    """What is wrong with a log."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "re-ordered"
    CUT = "cut"
    """The end is missing: a checkpoint knows of more entries."""
    CHECKPOINT = "checkpoint"
    """A checkpoint is forged, damaged, missing or out of order."""


@dataclass(frozen=True)
class Finding:
    """The first thing that is wrong with a log."""

    first_bad_seq: int
    """The first entry that is wrong, as far as can be told."""
    reason: Reason
    is_certain: bool
    """Whether it is proven that every entry before it is right."""
    proven_size: int
    """How many entries from the start a checkpoint proves in any case."""
    sentence: str


def verify_log(
    entries: Iterable[bytes],
    checkpoints: Sequence[SignedCheckpoint],
    public_key: VerifyingKey,
    *,
    outside: Sequence[SignedCheckpoint] = (),
    leaves: Iterable[bytes] | None = None,
) -> Finding | None:
    """What is wrong with the log, or None if every checkpoint proves what it covers.

    `outside` are checkpoints kept elsewhere: only they show that the end of both the log and its
    checkpoints was cut. `leaves` are remembered leaf hashes, which need not be trusted: if they
    agree with the checkpoints the bad entry is named with certainty; else it is what `seq` betrays,
    or the first since the last good checkpoint. Entries after the last checkpoint are held against `leaves` and their `seq`
    only. One pass, in memory for the right edge of the tree.
    """
    known = [signed.checkpoint for signed in (*checkpoints, *outside)]
    forged = _first_bad_checkpoint(checkpoints, public_key)
    if forged is not None:
        return forged
    for signed in outside:
        if not signed.verifies(public_key):
            return _checkpoint_finding(signed, "A checkpoint kept elsewhere was not signed here.")
    if len({checkpoint.origin for checkpoint in known}) > 1:
        return _checkpoint_finding(outside[0], "A checkpoint kept elsewhere is of another log.")
    return _Walk(known, leaves).over(entries)


def _first_bad_checkpoint(
    checkpoints: Sequence[SignedCheckpoint], public_key: VerifyingKey
) -> Finding | None:
    previous: SignedCheckpoint | None = None
    for number, signed in enumerate(checkpoints):
        checkpoint = signed.checkpoint
        if not signed.verifies(public_key):
            return _checkpoint_finding(signed, f"Checkpoint {number} was not signed by this key.")
        if checkpoint.previous != (previous.digest if previous else None):
            return _checkpoint_finding(
                signed, f"Checkpoint {number} does not follow the one before it."
            )
        if previous and (
            checkpoint.size < previous.checkpoint.size
            or checkpoint.origin != previous.checkpoint.origin
        ):
            return _checkpoint_finding(signed, f"Checkpoint {number} goes back.")
        previous = signed
    return None


def _checkpoint_finding(signed: SignedCheckpoint, sentence: str) -> Finding:
    return Finding(max(0, signed.checkpoint.size - 1), Reason.CHECKPOINT, False, 0, sentence)


class _Walk:
    """One pass over the entries beside the remembered leaf hashes."""

    def __init__(self, known: Iterable[Checkpoint], leaves: Iterable[bytes] | None) -> None:
        self._pending = deque(sorted(known, key=lambda checkpoint: checkpoint.size))
        self._leaves = None if leaves is None else _Ahead(leaves)
        self._edge = CompactRange()
        self._leaf_edge = CompactRange()
        self._suspect: tuple[int, Reason] | None = None
        self._proven_size = 0

    def over(self, entries: Iterable[bytes]) -> Finding | None:
        following = _Ahead(entries)
        while (finding := self._compare()) is None:
            entry = following.take()
            if entry is None:
                return self._end()
            self._take(entry, following.peek())
        return finding

    def _take(self, entry: bytes, following: bytes | None) -> None:
        """Append an entry, and note if it is not what is remembered at its place."""
        place, leaf = self._edge.size, leaf_hash(entry)
        self._edge.append(leaf)
        expected = self._remembered()
        if self._suspect is not None:
            return
        if expected is not None and leaf != expected:
            after = self._leaves.peek() if self._leaves else None
            self._suspect = place, _reason(leaf, following, expected, after)
        elif (seq := _seq_of(entry)) is not None and seq != place:
            self._suspect = place, Reason.MISSING if seq > place else Reason.INSERTED

    def _remembered(self) -> bytes | None:
        leaf = self._leaves.take() if self._leaves else None
        if leaf is not None:
            self._leaf_edge.append(leaf)
        return leaf

    def _compare(self) -> Finding | None:
        """Hold the root against each checkpoint of the present size."""
        size = self._edge.size
        while self._pending and self._pending[0].size == size:
            checkpoint = self._pending.popleft()
            if self._edge.root() != checkpoint.root:
                return self._wrong(checkpoint, otherwise=(self._proven_size, Reason.CHANGED))
            self._proven_size = size
            self._suspect = None  # if anything was odd, it was what is remembered
        return None

    def _end(self) -> Finding | None:
        """There are no more entries: is something still expected?"""
        size = self._edge.size
        if self._pending:
            checkpoint = self._pending[0]
            while self._leaf_edge.size < checkpoint.size and self._remembered() is not None:
                pass
            return self._wrong(checkpoint, otherwise=(size, Reason.CUT))
        if self._suspect is None and self._remembered() is not None:
            self._suspect = size, Reason.CUT
        if self._suspect is None:
            return None
        return self._finding(self._suspect, is_certain=False)

    def _wrong(self, checkpoint: Checkpoint, *, otherwise: tuple[int, Reason]) -> Finding:
        """The log is not the one that a checkpoint covers."""
        remembered = self._leaf_edge
        is_certain = remembered.size == checkpoint.size and remembered.root() == checkpoint.root
        return self._finding(self._suspect or otherwise, is_certain=is_certain)

    def _finding(self, suspect: tuple[int, Reason], *, is_certain: bool) -> Finding:
        seq, reason = suspect
        sentence = _SENTENCES[reason].format(seq=seq)
        if not is_certain:
            sentence += f" It is proven only that the first {self._proven_size} entries are right."
        return Finding(seq, reason, is_certain, self._proven_size, sentence)


_SENTENCES = {
    Reason.CHANGED: "Entry {seq} is not the one that was written.",
    Reason.MISSING: "Entry {seq} is missing.",
    Reason.INSERTED: "Entry {seq} was put in.",
    Reason.REORDERED: "Entry {seq} and those after it are not in their order.",
    Reason.CUT: "The log was cut off before entry {seq}.",
}


class _Ahead:
    """An iterator that shows what comes next."""

    def __init__(self, values: Iterable[bytes]) -> None:
        self._values = iter(values)
        self._next = next(self._values, None)

    def peek(self) -> bytes | None:
        return self._next

    def take(self) -> bytes | None:
        taken, self._next = self._next, next(self._values, None)
        return taken


def _reason(leaf: bytes, following: bytes | None, expected: bytes, after: bytes | None) -> Reason:
    """What happened at the first place where the log and the remembered hashes part."""
    skipped = leaf == after
    delayed = following is not None and leaf_hash(following) == expected
    if skipped and delayed:
        return Reason.REORDERED
    if skipped:
        return Reason.MISSING
    return Reason.INSERTED if delayed else Reason.CHANGED


def _seq_of(entry: bytes) -> int | None:
    """The place that an entry says it has."""
    try:
        seq = json.loads(entry)["seq"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return seq if isinstance(seq, int) else None
