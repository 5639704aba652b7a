"""Scanning originals, and what follows from what is found.

The verdict about an original is kept once; each version that came by it, or was made out of such a
version, carries what is worst of all that it was made of, so that reading asks nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from simplr.access.models import RoleAssignment
from simplr.accounts.models import NoticeCode
from simplr.accounts.notice_services import notify
from simplr.base import events
from simplr.base.actors import SYSTEM, Actor
from simplr.resources.models import Mode, Resource, Scan, Version
from simplr.resources.scanning import queries
from simplr.resources.scanning.port import AWAY, DAMAGED, Scanner, ScannerAway, scanner_at
from simplr.resources.scanning.rules import is_required
from simplr.vault import keys
from simplr.vault import services as vault
from simplr_core.access import Role
from simplr_core.access.scans import ScanFacts, ScanState, worst_of
from simplr_core.errors import Conflict, Corrupt

PIECE = 256 * 1024


class NoScanner(Conflict):
    """This installation has no malware scanner. Set SIMPLR_SCANNER_URL and restart it."""

    code = "no-scanner"


def scanner() -> Scanner:
    """The scanner that the settings name. Raises NoScanner."""
    if not is_required():
        raise NoScanner
    return scanner_at(settings.ENV.scanner_url)


# ---- new versions


def begin(version: Version) -> None:
    """Give a new version what is known of its files, inside the transaction that adds it.

    Where something is not known, and there is a scanner, its original is scanned.
    """
    if is_required() or Scan.objects.exists():
        _carry_on([version])
    if is_required() and not _is_done(version.original_id):
        from simplr.resources import tasks

        tasks.scan_original.defer(original_id=str(version.original_id))


def _is_done(original_id: UUID) -> bool:
    return Scan.objects.filter(original_id=original_id, state__in=queries.DONE).exists()


# ---- scanning


def scan_original(*, original_id: UUID, before: datetime | None = None) -> bool:
    """Scan one original and keep what is found; whether the scanner was asked.

    One that was scanned (with `before`: since then) is left alone; of one that cannot be read any
    more that is noted. Raises ScannerAway, after noting that the file waits for the scanner.
    """
    known = Scan.objects.filter(pk=original_id, state__in=queries.DONE)
    if before is not None:
        known = known.filter(at__gte=before)
    if not is_required() or known.exists() or not queries.versions_with(original_id).exists():
        return False
    asked = scanner()
    try:
        version = asked.version()
        found = asked.scan(_pieces(original_id))
    except ScannerAway:
        note(original_id=original_id, found=AWAY, scanner_version="", now=timezone.now())
        raise
    except keys.KeyDestroyed:
        return False  # it was erased meanwhile
    except Corrupt:
        # Those after it are scanned all the same.
        note(original_id=original_id, found=DAMAGED, scanner_version="", now=timezone.now())
        return False
    note(original_id=original_id, found=found, scanner_version=version, now=timezone.now())
    return True


def _pieces(original_id: UUID) -> Iterator[bytes]:
    """The bytes of an original as it was sent in, all of them. Raises Corrupt or KeyDestroyed."""
    item = vault.open_object(original_id)
    left = item.size
    with item.reader() as reader:
        while left:
            piece = reader.read(min(PIECE, left))
            if not piece:
                raise Corrupt("the object is shorter than its row says")
            left -= len(piece)
            yield piece


@transaction.atomic
def note(*, original_id: UUID, found: ScanFacts, scanner_version: str, now: datetime) -> None:
    """Keep what a scanner said of an original: in the ledger, for its versions, for their owners.

    Where it said nothing, an earlier verdict stays.
    """
    versions = queries.versions_with(original_id)
    # As whoever adds a version does: of two, the second knows what the first wrote.
    locked = Resource.objects.select_for_update(of=("self",), no_key=True)
    list(locked.filter(pk__in=versions.values("resource_id")).order_by("pk"))
    known = Scan.objects.select_for_update(of=("self",)).filter(pk=original_id).first()
    rows = list(versions.select_related("resource", "node").order_by("pk"))
    if not rows or (found.state is ScanState.NOT_SCANNED and _stays(known, found)):
        return
    Scan.objects.update_or_create(
        original_id=original_id,
        defaults={
            "state": found.state.value,
            "found": found.found,
            "scanner": scanner_version,
            "at": now,
        },
    )
    _carry_on(rows)
    for version in {row.resource_id: row for row in rows}.values():
        _record(version, found, scanner_version=scanner_version)
    if found.state is ScanState.INFECTED and (known is None or known.state != found.state):
        _tell(rows, now=now)


def _stays(known: Scan | None, found: ScanFacts) -> bool:
    return known is not None and (known.state in queries.DONE or known.facts == found)


def _record(version: Version, found: ScanFacts, *, scanner_version: str) -> None:
    infected = found.state is ScanState.INFECTED
    events.record(
        code=events.Event.ORIGINAL_INFECTED if infected else events.Event.ORIGINAL_SCANNED,
        actor=SYSTEM,
        outcome="ok" if found.state in {ScanState.CLEAN, ScanState.INFECTED} else "failed",
        node_id=version.resource_id,
        project_id=version.resource.project_id,
        subject=("version", version.pk),
        details={
            "state": found.state.value,
            "scanner": scanner_version,
            **({"signature" if infected else "reason": found.found} if found.found else {}),
        },
    )


def _tell(rows: list[Version], *, now: datetime) -> None:
    """Tell whoever put it in, and the owners of its project."""
    for version in {row.resource_id: row for row in rows}.values():
        owners = RoleAssignment.objects.filter(
            node_id=version.resource.project_id, role=Role.OWNER.value
        )
        notify(
            code=NoticeCode.INFECTED,
            person_ids={version.node.owner_id, *owners.values_list("person_id", flat=True)},
            node_id=version.resource_id,
            by=None,
            now=now,
        )


def _carry_on(versions: list[Version]) -> None:
    """Write into versions, and into all that were made out of them, what is known of their files.

    It ends where nothing changes: a long chain of versions is not walked for each of them.
    """
    while versions:
        before = {row.pk: row.scan_facts for row in versions}
        known = queries.known_of(row.original_id for row in versions)
        earlier = Version.objects.in_bulk({row.earlier_id for row in versions if row.earlier_id})
        for row in versions:
            facts = [known[row.original_id].facts if row.original_id in known else ScanFacts()]
            if row.mode != Mode.REPLACE and row.earlier_id is not None:
                facts.append(earlier[row.earlier_id].scan_facts)
            worst = worst_of(*facts)
            row.scan, row.scan_found = worst.state.value, worst.found
        changed = [row for row in versions if row.scan_facts != before[row.pk]]
        Version.objects.bulk_update(changed, ["scan", "scan_found"], batch_size=500)
        made = Version.objects.filter(earlier__in=[row.pk for row in changed])
        versions = list(made.exclude(mode=Mode.REPLACE).order_by("pk"))


# ---- all that were not scanned


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """What an order to scan begins."""

    due: int
    """How many originals wait for a scan, about."""
    job_id: int | None
    """The job; None where such an order waits already."""


@transaction.atomic
def order_scan(*, again: bool, actor: Actor, now: datetime) -> Ordered:
    """Have everything scanned that was not, with `again` all that was scanned before, too.

    Raises NoScanner.
    """
    if not is_required():
        raise NoScanner
    counts = queries.counts()
    waiting = counts.waiting + counts.not_scanned
    count = waiting + counts.clean + counts.infected if again else waiting
    job_id = queue_round(after="", before=now.isoformat() if again else "")
    events.record(
        code=events.Event.SCAN_ORDERED, actor=actor, details={"again": again, "originals": count}
    )
    return Ordered(due=count, job_id=job_id)


def queue_round(*, after: str, before: str) -> int | None:
    """Queue the next round of an order, unless one waits already; returns the job."""
    from simplr.resources import tasks

    lock = "scan-again" if before else "scan-rest"
    with suppress(AlreadyEnqueued), transaction.atomic():
        return int(tasks.scan_rest.configure(queueing_lock=lock).defer(after=after, before=before))
    return None


def scan_round(
    *, after: UUID | None, before: datetime | None, goes_on: Callable[[], bool]
) -> UUID | None:
    """Scan what is due from `after` on while `goes_on()`; the last one, or None at the end.

    Raises ScannerAway; what was scanned until then stays.
    """
    if not is_required():
        return None
    while ids := queries.due(after=after, before=before, most=100):
        for original_id in ids:
            scan_original(original_id=original_id, before=before)
            after = original_id
            if not goes_on():
                return after
    return None


def forget(original_ids: set[UUID]) -> None:
    """Remove what is known of originals that no version has any more."""
    kept = Version.objects.filter(original_id__in=original_ids).values("original_id")
    Scan.objects.filter(original_id__in=original_ids).exclude(original_id__in=kept).delete()
