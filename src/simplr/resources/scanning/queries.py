"""What is known of originals: of each version's, and of all together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from simplr.resources.models import Scan, Version
from simplr.resources.scanning.rules import is_required
from simplr_core.access.scans import ScanState

WAITING = "waiting"
DONE = (ScanState.CLEAN.value, ScanState.INFECTED.value)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many originals of the installation are in which state."""

    clean: int
    infected: int
    not_scanned: int
    waiting: int


def counts() -> Counts:
    """Every original that a version has, once."""
    found = dict(Scan.objects.values_list("state").annotate(Count("original_id")).order_by())
    asked = Scan.objects.filter(original_id=OuterRef("original_id"))
    never = Version.objects.filter(~Exists(asked)).aggregate(n=Count("original_id", distinct=True))
    return Counts(
        clean=found.get(ScanState.CLEAN.value, 0),
        infected=found.get(ScanState.INFECTED.value, 0),
        not_scanned=found.get(ScanState.NOT_SCANNED.value, 0),
        waiting=never["n"],
    )


def due(*, after: UUID | None, before: datetime | None, most: int) -> list[UUID]:
    """Some originals that wait for a scan, by id, from `after` on.

    Those that no scanner has said anything of; with `before` also those that it said it of earlier.
    """
    done = Q(original_id=OuterRef("original_id"), state__in=DONE)
    if before is not None:
        done &= Q(at__gte=before)
    rows = Version.objects.filter(~Exists(Scan.objects.filter(done)))
    if after is not None:
        rows = rows.filter(original_id__gt=after)
    ids = rows.order_by("original_id").values_list("original_id", flat=True).distinct()
    return list(ids[:most])


def versions_with(original_id: UUID) -> QuerySet[Version]:
    """The versions that came by an original."""
    return Version.objects.filter(original_id=original_id)


def scan_answers(versions: Sequence[Version]) -> dict[UUID, dict[str, Any]]:
    """What programs are told of the scans of some versions, by version.

    Nothing where there is no scanner and never was one.
    """
    shown = [row for row in versions if row.scan or is_required()]
    scans = Scan.objects.in_bulk({row.original_id for row in shown}) if shown else {}
    return {row.pk: _answer(row, scans.get(row.original_id)) for row in shown}


def scan_word(state: str | None) -> str | None:
    """The state of a scan as programs are told it; None where there is no scanner and never was."""
    return state or (WAITING if is_required() else None)


def _answer(version: Version, scan: Scan | None) -> dict[str, Any]:
    facts = version.scan_facts
    infected = facts.state is ScanState.INFECTED
    return {
        "state": facts.state.value or WAITING,
        "signature": facts.found if infected else "",
        "reason": "" if infected else facts.found,
        "at": scan.at if scan else None,
        "scanner": scan.scanner if scan else "",
    }


def known_of(original_ids: Iterable[UUID]) -> dict[UUID, Scan]:
    """What the scanner last said of some originals."""
    return Scan.objects.in_bulk(list(original_ids))
