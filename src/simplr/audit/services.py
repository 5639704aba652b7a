"""The sealer: takes committed events into the Merkle log and signs its head.

Ids are not commit order. An event row carries the number of its transaction, and only rows of
transactions below the oldest running one are taken: no row can appear among them any more. A
repeat is harmless, since an event has one leaf at most. See docs/decisions/0032-ledger-sealer.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone

from simplr.audit.copies import copies
from simplr.audit.entries import entry_of
from simplr.audit.models import Checkpoint, Leaf, Position
from simplr.base import plugs
from simplr.base.models import Event
from simplr_core import ledger
from simplr_core.errors import Corrupt
from simplr_core.ledger import CompactRange, SignedCheckpoint

BATCH = 1000
_BEFORE_ALL = UUID(int=0)


class LedgerDamaged(Corrupt):
    """The log is shorter than what was sealed, so nothing is added to it. Verify the ledger."""

    code = "ledger-damaged"


@dataclass(frozen=True, kw_only=True)
class Sealing:
    """What one run of the sealer did."""

    added: int
    size: int
    checkpoint: SignedCheckpoint | None
    """The head that was signed; None when the newest one covers everything."""


@dataclass(frozen=True)
class _Horizon:
    """Rows of transactions below this are final, in this cluster's numbering."""

    transaction: int
    cluster: str


def seal_now() -> Sealing:
    """Take every event that is final into the log, sign its head, copy it to the second places.

    Any number of processes may run this at once: they take turns. Whatever a crash cuts off is
    done by the next run. Raises Unavailable while the store is sealed (the log is complete then,
    its head is signed later) and LedgerDamaged.
    """
    added = _take_in()
    signed = _sign_head()
    copy_checkpoints()
    with transaction.atomic(using="audit"):
        size = _position().size
    return Sealing(added=added, size=size, checkpoint=signed)


def copy_checkpoints() -> int:
    """Bring every second place up to date; how many checkpoints were written."""
    written = 0
    for place in copies():
        newer = Checkpoint.objects.filter(size__gt=place.newest_size()).order_by("size")
        written += place.append(
            SignedCheckpoint.parse(text) for text in newer.values_list("text", flat=True).iterator()
        )
    return written


def _take_in() -> int:
    horizon = _horizon()
    with transaction.atomic(using="audit"):
        position = _position()
        begin = position.below_transaction
        renumbered = bool(position.cluster) and (
            position.cluster != horizon.cluster or horizon.transaction < begin
        )
    if renumbered:
        return _take_in_all(horizon)
    added, after = 0, (begin, _BEFORE_ALL)
    while True:
        rows = list(
            Event.objects.filter(
                Q(transaction=after[0], id__gt=after[1]) | Q(transaction__gt=after[0]),
                transaction__gte=after[0],
                transaction__lt=horizon.transaction,
            ).order_by("transaction", "id")[:BATCH]
        )
        done = len(rows) < BATCH
        after = (rows[-1].transaction, rows[-1].id) if rows else after
        added += _append(rows, _Horizon(horizon.transaction if done else after[0], horizon.cluster))
        if done:
            return added


def _take_in_all(horizon: _Horizon) -> int:
    """After a restore the cluster counts transactions anew: look at every event once."""
    added, after = 0, _BEFORE_ALL
    while rows := list(Event.objects.filter(id__gt=after).order_by("id")[:BATCH]):
        added += _append(rows, None)
        after = rows[-1].id
    _append((), horizon, restart=True)
    return added


def _append(rows: Iterable[Event], reached: _Horizon | None, *, restart: bool = False) -> int:
    """Add the rows that have no leaf yet, and note how far we came, in one transaction."""
    events = list(rows)
    with transaction.atomic(using="audit"):
        position = _position()
        edge = _edge(position)
        present = set(
            Leaf.objects.filter(event_id__in=[event.id for event in events]).values_list(
                "event_id", flat=True
            )
        )
        leaves = []
        for event in events:
            if event.id in present:
                continue
            entry = entry_of(event, seq=edge.size)
            leaf = ledger.leaf_hash(entry)
            leaves.append(Leaf(seq=edge.size, event_id=event.id, entry=entry, leaf_hash=leaf))
            edge.append(leaf)
        Leaf.objects.bulk_create(leaves)
        position.size = edge.size
        position.frontier = [peak.hex() for peak in edge.peaks]
        if reached is not None:
            position.cluster = reached.cluster
            if restart or reached.transaction > position.below_transaction:
                position.below_transaction = reached.transaction
        position.save()
    return len(leaves)


def _sign_head() -> SignedCheckpoint | None:
    with transaction.atomic(using="audit"):
        position = _position()
        last = Checkpoint.objects.order_by("-size").first()
        if position.size == (last.size if last else 0):
            return None
        key = plugs.sign()
        previous = SignedCheckpoint.parse(last.text) if last else None
        signed = ledger.sign_checkpoint(
            ledger.Checkpoint(
                origin=previous.checkpoint.origin if previous else _origin(key.verifying_key.id),
                size=position.size,
                root=_edge(position).root(),
                at=timezone.now(),
                previous=previous.digest if previous else None,
            ),
            key=key,
        )
        head = signed.checkpoint
        Checkpoint.objects.create(size=head.size, at=head.at, root=head.root, text=signed.text)
        return signed


def _position() -> Position:
    """The sealer's position, locked: one process at a time moves it. Inside a transaction."""
    Position.objects.get_or_create(id=1)
    return Position.objects.select_for_update().get(id=1)


def _edge(position: Position) -> CompactRange:
    """The right edge of the tree; LedgerDamaged when the log lacks what was sealed."""
    last = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
    size = -1 if last is None else last
    if size + 1 != position.size:
        raise LedgerDamaged(expected=position.size, found=size + 1)
    return CompactRange(position.size, [bytes.fromhex(peak) for peak in position.frontier])


def _horizon() -> _Horizon:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " system_identifier::text FROM pg_control_system()"
        )
        lowest, cluster = cursor.fetchone()
    return _Horizon(lowest, cluster)


def _origin(key_id: str) -> str:
    """The name of this log, chosen once: that of the installation, else that of its key."""
    try:
        written = json.loads((settings.ENV.data / "installation.json").read_text())
    except FileNotFoundError:
        return f"simplr/{key_id}"
    return f"simplr/{written['id']}"
