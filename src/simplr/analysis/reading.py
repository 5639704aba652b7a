"""From events of the ledger to accesses: who, through what, to which thing, about how much.

How much left is estimated from sizes: an event tells what was asked for, before it is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections
from django.utils import timezone

from simplr.analysis.models import Position
from simplr.base.events import Event as Code
from simplr.base.ids import first_id_of
from simplr.base.models import Event
from simplr.resources.models import Version
from simplr_core.anomaly import Access

READINGS = (
    Code.CONTENT_READ,
    Code.PREVIEW_READ,
    Code.ROWS_READ,
    Code.SAMPLE_READ,
    Code.PROFILE_READ,
    Code.VERSIONS_COMPARED,
    Code.QUARANTINE_READ,
    Code.QUARANTINE_EXPORTED,
    Code.RECIPE_READ,
    Code.RELEASE_REVIEWED,
)
WATCHED = tuple(code.value for code in (*READINGS, Code.ENTRY_REFUSED, Code.PERSON_SIGNED_IN))
"""Every event by which data was reached, or by which somebody tried."""
LEARNED_FROM = timedelta(days=90)
"""Older events teach nothing any more."""
MOST_SEEN = 20_000
"""Events that are remembered by id while somebody's transaction runs on and on; then he is not
waited for any more, and what he did is not watched."""
_A_LOOK = 20_000.0
"""Bytes of what is neither rows nor a file: a profile, a preview, a recipe."""
_OURS = frozenset({"token-suspended", "slowed-down"})
"""Reasons of refusals that are measures against unusual access: they must not feed it."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """One event as an access, and through what it came."""

    kind: str
    subject_id: UUID
    person_id: UUID
    project_id: UUID | None
    at: datetime
    access: Access


@dataclass(frozen=True)
class Horizon:
    """Rows of transactions below `transaction` are final, in this cluster's numbering."""

    transaction: int
    next: int
    """The number that the next transaction gets: no position lies above it."""
    cluster: str


def horizon() -> Horizon:
    """Asked for before the events are: what is below it then is seen by them."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
            " system_identifier::text FROM pg_control_system()"
        )
        return Horizon(*cursor.fetchone())


def next_events(position: Position, *, most: int, now: datetime) -> list[Event]:
    """What came since, and who is still under way is not waited for. Moves the position on.

    An event is given once, whatever the order in which transactions end: those at or above the
    lowest one that was running are remembered by id.
    """
    edge = horizon()
    if position.cluster not in ("", edge.cluster) or edge.next < position.below_transaction:
        # Restored from a backup: its transactions are counted anew. What was read stays read.
        position.below_transaction, position.seen = edge.transaction, []
    position.cluster = edge.cluster
    seen = [(transaction, id_) for transaction, id_ in position.seen]
    rows = list(
        Event.objects.filter(
            transaction__gte=position.below_transaction,
            id__gte=first_id_of(now - LEARNED_FROM),
            code__in=WATCHED,
            actor_kind="person",
        )
        .exclude(id__in=[UUID(id_) for _transaction, id_ in seen])
        .order_by("transaction", "id")[:most]
    )
    below = edge.transaction
    if len(rows) == most:
        below = min(below, rows[-1].transaction)
    seen = sorted([*seen, *((row.transaction, str(row.id)) for row in rows)])
    if len(seen) > MOST_SEEN:
        below = max(below, seen[-MOST_SEEN][0])
    position.below_transaction = below
    position.seen = [(transaction, id_) for transaction, id_ in seen if transaction >= below]
    return rows


def as_accesses(events: Iterable[Event]) -> list[Read]:
    """Events of people as accesses, in the order of time."""
    rows = sorted(events, key=lambda event: (event.at, event.id))
    versions = _versions(rows)
    return [found for row in rows if (found := _as_access(row, versions)) is not None]


def _as_access(event: Event, versions: dict[UUID, Version]) -> Read | None:
    if event.actor_id is None or event.details.get("reason") in _OURS:
        return None
    local = timezone.localtime(event.at)
    network = str(event.details.get("network", ""))
    if event.code == Code.PERSON_SIGNED_IN.value:
        access = Access(local, network=network, signed_in=True)
    else:
        refused = event.outcome != "ok"
        access = Access(
            at=local,
            node=_thing(event),
            octets=0.0 if refused else _octets(event, versions),
            refused=refused,
            network=network,
        )
    return Read(
        kind="person" if event.token_id is None else "token",
        subject_id=event.token_id or event.actor_id,
        person_id=event.actor_id,
        project_id=None if event.outcome != "ok" else event.project_id,
        at=event.at,
        access=access,
    )


def _thing(event: Event) -> str:
    """A short name of what was asked for: enough to tell a person's things apart."""
    if event.node_id is not None:
        return event.node_id.hex[-12:]
    asked = str(event.details.get("asked", event.details.get("view", "")))
    return hashlib.sha256(asked.encode()).hexdigest()[:12]


def _octets(event: Event, versions: dict[UUID, Version]) -> float:
    details = event.details
    if isinstance(details.get("from"), int) and isinstance(details.get("to"), int):
        return float(max(0, details["to"] - details["from"] + 1))
    version = versions.get(_version_of(event) or _NOBODY)
    if version is None or event.code not in _OF_ROWS:
        return _A_LOOK
    rows = details.get("limit" if event.code == Code.ROWS_READ.value else "rows")
    if not isinstance(rows, int) or not version.rows_kept:
        return float(version.size)
    return version.size * min(1.0, rows / version.rows_kept)


_NOBODY = UUID(int=0)
_OF_ROWS = frozenset({Code.ROWS_READ.value, Code.SAMPLE_READ.value})


def _version_of(event: Event) -> UUID | None:
    if event.subject_kind == "version":
        return event.subject_id
    try:
        return UUID(str(event.details.get("version", "")))
    except ValueError:
        return None


def _versions(events: Sequence[Event]) -> dict[UUID, Version]:
    wanted = {found for event in events if (found := _version_of(event)) is not None}
    return Version.objects.only("node_id", "size", "rows_kept").in_bulk(wanted)
