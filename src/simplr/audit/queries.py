"""Reading the log: its heads, and whether all of it is still what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone

from simplr.audit.copies import copies
from simplr.audit.entries import entry_of
from simplr.audit.models import Checkpoint, Leaf, Position
from simplr.base import plugs
from simplr.base.models import Event
from simplr_core import ledger
from simplr_core.errors import Corrupt
from simplr_core.ledger import Finding, Reason, SignedCheckpoint

BATCH = 1000
_LAST_VERIFICATION = "ledger-last-verification"


@dataclass(frozen=True, kw_only=True)
class Verification:
    """Whether the ledger is whole, as far as its newest checkpoint reaches, and beyond."""

    at: datetime
    size: int
    checkpoint_count: int
    checkpoint_size: int
    checkpoint_at: datetime | None
    copy_count: int
    unsealed_count: int
    """Events that wait for the next run of the sealer."""
    finding: Finding | None

    @property
    def whole(self) -> bool:
        return self.finding is None


def checkpoints() -> Iterator[SignedCheckpoint]:
    """Every signed head, oldest first. Raises Corrupt for one that cannot be read."""
    for text in Checkpoint.objects.order_by("size").values_list("text", flat=True).iterator():
        yield SignedCheckpoint.parse(text)


def checkpoints_page(*, before: int | None, limit: int) -> list[Checkpoint]:
    """Some signed heads smaller than `before`, newest first."""
    heads = Checkpoint.objects.order_by("-size")
    return list((heads if before is None else heads.filter(size__lt=before))[:limit])


def newest_checkpoint() -> Checkpoint | None:
    """The newest signed head."""
    return Checkpoint.objects.order_by("-size").first()


def unsealed_count() -> int:
    """How many events wait for the sealer."""
    return Event.objects.filter(transaction__gte=_reached()).count()


def sealed_seqs(event_ids: list[UUID]) -> dict[UUID, int]:
    """The places in the log of those events that are sealed."""
    return dict(Leaf.objects.filter(event_id__in=event_ids).values_list("event_id", "seq"))


def last_verification() -> Verification | None:
    """What the last verification found, for pages that must not wait for a new one."""
    found = cache.get(_LAST_VERIFICATION)
    return found if isinstance(found, Verification) else None


def verify() -> Verification:
    """Recompute everything: event rows, entries, hashes, signatures, both copies of the heads.

    One pass in bounded memory over the entries; names the first bad one. Raises Unavailable
    while the store is sealed, since the public key comes from it.
    """
    reached = _reached()
    public_key = plugs.sign().verifying_key
    heads, outside, damaged = _all_checkpoints()
    # The sealer goes on meanwhile. Both readings end at the same entry, which no head read above
    # lies beyond, or what is sealed between the two would look like a log that was cut.
    newest = Leaf.objects.aggregate(newest=Max("seq", default=-1))["newest"]
    rows = _Rows(newest)
    finding = damaged or ledger.verify_log(
        rows.entries(), heads, public_key, outside=outside, leaves=leaf_hashes(newest + 1)
    )
    heads_beyond = [head.checkpoint.size for head in (*heads, *outside)]
    for other in (rows.finish(), _put_in(reached)):
        finding = _first(finding, other, heads_beyond)
    result = Verification(
        at=timezone.now(),
        size=rows.size,
        checkpoint_count=len(heads),
        checkpoint_size=heads[-1].checkpoint.size if heads else 0,
        checkpoint_at=heads[-1].checkpoint.at if heads else None,
        copy_count=len(copies()),
        unsealed_count=unsealed_count(),
        finding=finding,
    )
    cache.set(_LAST_VERIFICATION, result, timeout=None)
    return result


def checkpoint_texts(size: int) -> Iterator[str]:
    """The signed heads up to one, as they are stored, oldest first."""
    heads = Checkpoint.objects.filter(size__lte=size).order_by("size")
    yield from heads.values_list("text", flat=True).iterator()


def entries_anew(size: int) -> Iterator[bytes]:
    """The first `size` entries, made anew from the event rows; a deleted one is left out."""
    batch: list[Leaf] = []
    for leaf in _leaves(newest=size - 1):
        batch.append(leaf)
        if len(batch) == BATCH:
            yield from _anew(batch)
            batch = []
    yield from _anew(batch)


def _anew(batch: list[Leaf]) -> Iterator[bytes]:
    events = Event.objects.in_bulk([leaf.event_id for leaf in batch])
    for leaf in batch:
        if leaf.event_id in events:
            yield entry_of(events[leaf.event_id], seq=leaf.seq)


def leaf_hashes(size: int) -> Iterator[bytes]:
    """The remembered hashes of the first `size` entries, in the order of the log."""
    for leaf in _leaves(newest=size - 1):
        yield bytes(leaf.leaf_hash)


def _reached() -> int:
    position = Position.objects.filter(id=1).first()
    return position.below_transaction if position else 0


def _all_checkpoints() -> tuple[list[SignedCheckpoint], list[SignedCheckpoint], Finding | None]:
    heads: list[SignedCheckpoint] = []
    outside: list[SignedCheckpoint] = []
    try:
        heads.extend(checkpoints())
    except Corrupt:
        return heads, outside, _unreadable("A checkpoint in the database cannot be read.")
    try:
        for place in copies():
            outside.extend(place.read())
    except Corrupt:
        return heads, outside, _unreadable("The second copy of the checkpoints cannot be read.")
    return heads, outside, None


def _unreadable(sentence: str) -> Finding:
    return Finding(0, Reason.CHECKPOINT, False, 0, sentence)


def _leaves(*, newest: int) -> Iterator[Leaf]:
    """The leaves up to a place, a batch at a time, so that no cursor stays open for long."""
    after = -(2**62)
    upto = Leaf.objects.filter(seq__lte=newest).order_by("seq")
    while batch := list(upto.filter(seq__gt=after)[:BATCH]):
        yield from batch
        after = batch[-1].seq


class _Rows:
    """Passes the log's entries on and holds each against the event row it was made from."""

    def __init__(self, newest: int) -> None:
        self.size = 0
        self._newest = newest
        self._finding: Finding | None = None
        self._rest: Iterator[bytes] | None = None

    def entries(self) -> Iterator[bytes]:
        self._rest = self._all()
        return self._rest

    def finish(self) -> Finding | None:
        """Look at what `verify_log` left unread, too; the first row that differs."""
        for _ in self._rest or self._all():
            pass
        return self._finding

    def _all(self) -> Iterator[bytes]:
        batch: list[Leaf] = []
        for leaf in _leaves(newest=self._newest):
            batch.append(leaf)
            if len(batch) == BATCH:
                yield from self._compared(batch)
                batch = []
        yield from self._compared(batch)

    def _compared(self, batch: list[Leaf]) -> Iterator[bytes]:
        events = Event.objects.in_bulk([leaf.event_id for leaf in batch])
        for leaf in batch:
            event = events.get(leaf.event_id)
            if self._finding is None:
                self._finding = _difference(leaf, event)
            self.size += 1
            yield bytes(leaf.entry)


def _difference(leaf: Leaf, event: Event | None) -> Finding | None:
    seq = leaf.seq
    if event is None:
        return Finding(seq, Reason.MISSING, True, seq, f"The event of entry {seq} was deleted.")
    if entry_of(event, seq=seq) != bytes(leaf.entry):
        return Finding(
            seq,
            Reason.CHANGED,
            True,
            seq,
            f"Entry {seq} and the event that it was made from differ.",
        )
    return None


def _put_in(reached: int) -> Finding | None:
    """An event row that claims to be older than what is sealed, but never was."""
    after = UUID(int=0)
    sealed = Event.objects.filter(transaction__lt=reached).order_by("id")
    while ids := list(sealed.filter(id__gt=after).values_list("id", flat=True)[:BATCH]):
        present = set(Leaf.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
        for id_ in ids:
            if id_ not in present:
                seq = Leaf.objects.filter(event_id__lt=id_).count()
                return Finding(
                    seq,
                    Reason.INSERTED,
                    False,
                    0,
                    f"Event {id_}, at about entry {seq}, was put in.",
                )
        after = ids[-1]
    return None


def _first(log: Finding | None, rows: Finding | None, head_sizes: list[int]) -> Finding | None:
    """The earlier of two findings. Where checkpoints prove only that something in a range is
    wrong, an event row that differs in that range says where. What the log itself shows is more
    exact than the guess at where an event was put in: one whose entry was deleted looks like that,
    and ids of the same millisecond are in no order."""
    if log is None or rows is None:
        return log or rows
    if rows.reason is Reason.INSERTED and rows.first_bad_seq >= log.proven_size:
        return log
    if rows.is_certain and not log.is_certain and log.reason is not Reason.CHECKPOINT:
        end = min((size for size in head_sizes if size > log.proven_size), default=0)
        if log.proven_size <= rows.first_bad_seq < end:
            return rows
    return min(log, rows, key=lambda finding: finding.first_bad_seq)


def problem(finding: Finding) -> dict[str, Any]:
    """A finding as the API shows it."""
    return {
        "first_bad_seq": finding.first_bad_seq,
        "reason": finding.reason.value,
        "is_certain": finding.is_certain,
        "proven_size": finding.proven_size,
        "sentence": finding.sentence,
    }
