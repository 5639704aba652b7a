"""Watching access: what came since is compared with what is usual; what people say is learned."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from simplr.access.models import AccessToken
from simplr.accounts.models import Person
from simplr.analysis import measures, queries, reading, rules
from simplr.analysis.models import Alert, AlertProject, AlertState, Baseline, Position
from simplr.analysis.reading import Read
from simplr.base import events
from simplr.base.actors import SYSTEM, Actor
from simplr_core import anomaly
from simplr_core.anomaly import AGAIN_AFTER, LIMIT, Finding, Forest, House, Part, PartKind, grown

BATCH = 2_000
MOST_SECONDS = 15.0
STALE = timedelta(days=1)
"""Of what is older than this only is learned: after an upgrade, say. No alert is raised."""
_DRIP = timedelta(days=14)


def watch_now(*, now: datetime) -> int:
    """Read the events that came since the last time, and raise alerts; returns how many came.

    Each is read once, by one process at a time, and with its alert in one transaction. It ends
    after some seconds at most: the next time goes on.
    """
    until = time.monotonic() + MOST_SECONDS
    count = 0
    while time.monotonic() < until:
        read = _watch_some(now=now)
        count += read
        if read < BATCH:
            break
    return count


@transaction.atomic
def _watch_some(*, now: datetime) -> int:
    Position.objects.get_or_create(id=1)
    position = Position.objects.select_for_update(skip_locked=True).filter(id=1).first()
    if position is None:
        return 0  # another process is at it
    rows = reading.next_events(position, most=BATCH, now=now)
    changed = ["below_transaction", "seen", "cluster"]
    if rows:
        house = House.from_json(position.house)
        _watch(reading.as_accesses(rows), house, _forest(house, now=now), now=now)
        if house.is_changed:
            position.house = house.to_json()
            changed.append("house")
    position.save(update_fields=changed)
    return len(rows)


def _forest(house: House, *, now: datetime) -> Forest | None:
    """The forest of the second method, where it was chosen: it grows anew once a day."""
    if settings.ENV.unusual_method != "forest":
        return None
    day = now.toordinal()
    if day not in _grown:
        _grown.clear()
        _grown[day] = grown(house.strangest)
    return _grown[day]


_grown: dict[int, Forest | None] = {}


def _watch(reads: list[Read], house: House, forest: Forest | None, *, now: datetime) -> None:
    kept = _baselines(reads)
    later: dict[tuple[str, UUID], list[tuple[Read, Finding]]] = {}
    for read in reads:
        row = kept.get((read.kind, read.subject_id))
        if row is None:
            continue  # whoever it was is not here any more
        model, baseline = row
        browsers = kept.get(("person", read.person_id))
        found = anomaly.watch(
            baseline, read.access, house, browsers[1] if browsers is not None else None, forest
        )
        model.at = read.at
        if found is None or read.at < now - STALE:
            continue
        if found.is_alarm:
            _raise(read, found, now=now)
        elif baseline.alarmed_at is not None and read.at - baseline.alarmed_at < AGAIN_AFTER:
            later.setdefault((read.kind, read.subject_id), []).append((read, found))
    for after_the_alarm in later.values():
        _go_on(after_the_alarm, now=now)
    for model, baseline in kept.values():
        model.state = baseline.to_json()
        model.save()


def _baselines(
    reads: Iterable[Read],
) -> dict[tuple[str, UUID], tuple[Baseline, anomaly.Baseline]]:
    """What is kept of everybody who comes, and of the browsers of those who come by a token."""
    wanted = {(read.kind, read.subject_id): read.person_id for read in reads}
    wanted |= {("person", person_id): person_id for person_id in wanted.values()}
    here = set(Person.objects.filter(id__in=wanted.values()).values_list("id", flat=True))
    ids = [subject_id for _kind, subject_id in wanted]
    rows = {(row.kind, row.subject_id): row for row in Baseline.objects.filter(subject_id__in=ids)}
    found = {}
    for (kind, subject_id), person_id in wanted.items():
        if person_id not in here:
            continue
        row = rows.get((kind, subject_id)) or Baseline(
            kind=kind, subject_id=subject_id, person_id=person_id
        )
        state = anomaly.Baseline.from_json(kind, person_id.hex[-12:], row.state)
        found[kind, subject_id] = (row, state)
        row.at = row.at or min(read.at for read in reads)
    return found


# ---- alerts


def _raise(read: Read, found: Finding, *, now: datetime) -> None:
    token_id = read.subject_id if read.kind == "token" else None
    name = AccessToken.objects.filter(public_id=token_id).values_list("name", flat=True).first()
    alert = Alert.objects.create(
        person_id=read.person_id,
        token_id=token_id,
        token_name=name or "",
        begins_at=_begin(read, found.parts),
        at=read.at,
        raised_at=now,
        last_at=read.at,
        score=round(found.score, 2),
        parts=_kept_parts(found.parts),
        network=read.access.network,
        measure=settings.ENV.unusual_access,
    )
    projects = queries.readings_of(alert).order_by().values_list("project_id", flat=True).distinct()
    _reaches(alert, {id_ for id_ in projects if id_ is not None})
    events.record(
        code=events.Event.ALERT_RAISED,
        actor=SYSTEM,
        subject=("alert", alert.id),
        details={
            "person": str(alert.person_id),
            "token": str(token_id or ""),
            "score": alert.score,
            "parts": [part.kind.value for part in found.parts],
            "measure": alert.measure,
        },
    )
    measures.take(alert, now=now)
    measures.tell(alert, now=now)


def _go_on(after: list[tuple[Read, Finding]], *, now: datetime) -> None:
    """What is part of an alert that is there: its end moves on, and its reasons may grow.

    Owners of projects that are reached only now are told now.
    """
    last = after[-1][0]
    token_id = last.subject_id if last.kind == "token" else None
    alert = (
        Alert.objects.filter(person_id=last.person_id, token_id=token_id)
        .filter(state=AlertState.OPEN, at__gt=last.at - STALE)
        .order_by("-at")
        .first()
    )
    if alert is None or last.at < alert.last_at:
        return
    strongest = max((found for _read, found in after), key=lambda found: found.score)
    alert.last_at = last.at
    if strongest.score > max(LIMIT, alert.score):
        alert.score, alert.parts = round(strongest.score, 2), _kept_parts(strongest.parts)
    alert.save(update_fields=["last_at", "score", "parts"])
    reached = {read.project_id for read, _found in after if read.project_id is not None}
    new = reached - set(alert.projects.values_list("project_id", flat=True))
    if new:
        _reaches(alert, new)
        measures.tell_owners(alert, project_ids=new, now=now)


def _reaches(alert: Alert, project_ids: set[UUID]) -> None:
    AlertProject.objects.bulk_create(
        (AlertProject(alert=alert, project_id=id_) for id_ in project_ids), ignore_conflicts=True
    )


def _begin(read: Read, parts: Iterable[Part]) -> datetime:
    """Since when what was reached belongs to it."""
    kinds = {part.kind for part in parts}
    if kinds <= {PartKind.NETWORK, PartKind.HOUR}:
        return read.at
    if PartKind.DRIP in kinds:
        return read.at - _DRIP
    local = read.access.at
    return read.at - (local - local.replace(hour=0, minute=0, second=0, microsecond=0))


def _kept_parts(parts: Iterable[Part]) -> list[dict[str, object]]:
    return [
        {**asdict(part), "kind": part.kind.value, "surprise": round(part.surprise, 2)}
        for part in parts
    ]


# ---- what people say of them


@transaction.atomic
def decide_alert(*, alert_id: UUID, decision: str, actor: Actor, now: datetime) -> Alert:
    """Say that an alert was a false alarm (`dismissed`) or right (`confirmed`).

    A false alarm is learned from: as much counts as usual for that person or token from then on,
    and what was done about it is undone. Raises NotFound, Refused or AlertDecided.
    """
    # The lock of whoever reads events: he keeps what is usual as a whole.
    Position.objects.get_or_create(id=1)
    Position.objects.select_for_update(of=("self",)).get(id=1)
    alert = queries.alert_of(alert_id, actor=actor)
    rules.check_may_decide(alert, actor=actor, manages_all=queries.manages_all(alert, actor=actor))
    alert.state = AlertState(decision)
    alert.decided_by_id, alert.decided_at = actor.person_id, now
    alert.save(update_fields=["state", "decided_by", "decided_at"])
    dismissed = alert.state == AlertState.DISMISSED
    events.record(
        code=events.Event.ALERT_DISMISSED if dismissed else events.Event.ALERT_CONFIRMED,
        actor=actor,
        subject=("alert", alert.id),
        details={"person": str(alert.person_id), "token": str(alert.token_id or "")},
    )
    if dismissed:
        _learn(alert, now=now)
        measures.undo(alert, actor=actor)
    return alert


def _learn(alert: Alert, *, now: datetime) -> None:
    kind = "token" if alert.token_id else "person"
    row = Baseline.objects.filter(kind=kind, subject_id=alert.token_id or alert.person_id).first()
    if row is None:
        return
    state = anomaly.Baseline.from_json(kind, alert.person_id.hex[-12:], row.state)
    parts = [
        Part(PartKind(part["kind"]), part["surprise"], part["value"], part["usual"])
        for part in alert.parts
    ]
    anomaly.dismiss(state, parts, network=alert.network, day=now.toordinal())
    row.state = state.to_json()
    row.save(update_fields=["state"])


def forget_old(*, now: datetime) -> int:
    """Forget what is usual of whoever did not come for half a year; returns of how many."""
    return Baseline.objects.filter(at__lt=now - timedelta(days=180)).delete()[0]
