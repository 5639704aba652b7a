"""Comparing two versions of a data set, as far as somebody may see both.

A comparison is made for a set of fields: those that its reader may see of both versions. The
others are not opened, and nothing is counted of them, so that neither a figure nor a sample tells
of what he is not shown. Whoever is shown other fields by then gets another comparison.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.datasets import keys, making
from simplr.sharing.models import Comparison
from simplr.sharing.views_of_data import DataView, view_for
from simplr.vault import receiving
from simplr.vault import services as vault
from simplr_core.errors import Invalid, NotFound, SimplrError, Unavailable

ROWS_AT_ONCE = 50_000
FIELDS_AT_ONCE = 100
"""Smaller comparisons are made while somebody waits; others by the worker."""

MADE_WITHIN = timedelta(minutes=2)
"""How long somebody may wait for one that is made at once; after that, it was cut off."""

MOST_KEPT = 40
"""So many comparisons of a data set are kept; the oldest go first."""


class SameVersion(Invalid):
    """Two different versions are compared. Name another one."""

    code = "same-version"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Both versions as the reader may see them."""

    before: DataView
    after: DataView

    @property
    def hidden(self) -> set[str]:
        """Names of fields that are hidden in either of them; so they are in the comparison."""
        return {
            name
            for view in (self.before, self.after)
            for name in view.schema.names
            if name not in {field.name for field in view.fields}
        }

    def shown(self, view: DataView) -> list[str]:
        """The fields of one of the versions that may be looked at."""
        return [field.name for field in view.fields if field.name not in self.hidden]

    @property
    def in_both(self) -> list[str]:
        others = set(self.shown(self.before))
        return [name for name in self.shown(self.after) if name in others]


def seen_by(actor: Actor, *, dataset_id: UUID, before: str, after: str) -> Seen:
    """Two versions as the actor may see them.

    Raises what `view_for` raises, SameVersion, and NotFound where only a release is open: which
    versions there are is not for its grantee to know.
    """
    views = [
        view_for(actor, dataset_id=dataset_id, action="read", version=wanted)
        for wanted in (before, after)
    ]
    if any(view.release_id is not None for view in views):
        raise NotFound("There is no such version.")
    if views[0].version.pk == views[1].version.pk:
        raise SameVersion
    return Seen(before=views[0], after=views[1])


def comparison_of(seen: Seen, *, key: Sequence[str] | None) -> Comparison:
    """The comparison of what is seen, made now or by the worker where it is not there yet.

    `key`: names of fields that tell rows apart; none: whole rows; None: what is suggested. Raises
    NotFound for a field that is not shown in both.
    """
    chosen = (
        keys.suggested_key([seen.before.version, seen.after.version], names=seen.in_both)
        if key is None
        else list(key)
    )
    if unknown := [name for name in chosen if name not in seen.in_both]:
        raise NotFound("There is no such field in both versions.", fields=unknown)
    known = _those_of(seen).filter(key=chosen).order_by("-id").first()
    if known is not None and (known.state == "ready" or _is_worked_on(known)):
        return known
    return _begin(seen, chosen)


def _is_worked_on(row: Comparison) -> bool:
    """Whether it will be there: its job waits or runs, or somebody makes it just now."""
    if row.state != "waiting":
        return False
    if row.job_id is None:
        return timezone.now() - row.created_at < MADE_WITHIN
    return ProcrastinateJob.objects.filter(id=row.job_id, status__in=("todo", "doing")).exists()


def _those_of(seen: Seen) -> QuerySet[Comparison]:
    return Comparison.objects.filter(
        before=seen.before.version,
        after=seen.after.version,
        shown_before=seen.shown(seen.before),
        shown_after=seen.shown(seen.after),
    ).select_related("before", "after", "resource")


def _begin(seen: Seen, key: list[str]) -> Comparison:
    from simplr.sharing import tasks

    rows = sum(view.version.rows_kept or 0 for view in (seen.before, seen.after))
    is_small = rows <= ROWS_AT_ONCE and len(seen.after.fields) <= FIELDS_AT_ONCE
    with transaction.atomic():
        _make_room(seen.after.resource.pk)
        row = Comparison.objects.create(
            resource=seen.after.resource,
            before=seen.before.version,
            after=seen.after.version,
            key=key,
            shown_before=seen.shown(seen.before),
            shown_after=seen.shown(seen.after),
        )
        if not is_small:
            row.job_id = tasks.compare.defer(comparison_id=str(row.id))
            row.save(update_fields=["job_id"])
    if is_small:
        make(row)
    return row


def _make_room(resource_id: UUID) -> None:
    old = Comparison.objects.filter(resource_id=resource_id).order_by("-id")[MOST_KEPT - 1 :]
    rows = list(old.values_list("id", "object_id"))
    Comparison.objects.filter(id__in=[id_ for id_, _ in rows]).delete()
    objects = [object_id for _, object_id in rows if object_id is not None]
    vault.release(objects)
    transaction.on_commit(lambda: vault.discard(objects))


def make(row: Comparison) -> None:
    """Compare in a child, and keep what it found, sealed. Notes what makes it impossible."""
    try:
        found = _sealed_by_child(row)
    except Unavailable:
        raise
    except SimplrError as error:
        row.error_code, row.error_message = error.code, error.message
        said = {"error_code": error.code, "error_message": error.message}
        Comparison.objects.filter(pk=row.pk).update(**said)
        return
    with transaction.atomic():
        if not Comparison.objects.filter(pk=row.pk).update(object_id=found.id):
            vault.discard([found.id])  # it went meanwhile, with its data set
            return
        row.object_id = found.id
        vault.confirm([found.id])


def _sealed_by_child(row: Comparison) -> vault.NewObject:
    before = making.kept_version(row.before, names=row.shown_before, prefix="before-")
    after = making.kept_version(row.after, names=row.shown_after, prefix="after-")
    sealing = vault.begin_object(project_id=row.resource.project_id, kind="comparison")
    with ExitStack() as stack:
        files = vault.open_descriptors({**before.objects, **after.objects})
        for descriptor in files.values():
            stack.callback(os.close, descriptor)
        child = children.start(
            job="simplr_core.stats.jobs:compare",
            arguments={
                "before": before.arguments,
                "after": after.arguments,
                "shown": [row.shown_before, row.shown_after],
                "key": row.key,
                "seal": sealing.for_child(),
            },
            files=files,
        )
        receiving.store_from_child(
            child,
            {1: sealing},
            facts=lambda result: {1: receiving.sealed_facts(result["sealed"])},
        )
    return sealing


def reading(row: Comparison, *, actor: Actor) -> dict[str, Any] | None:
    """What was found; None while it is not there. Recorded. The caller has checked what is shown."""
    if row.object_id is None:
        return None
    with transaction.atomic():
        events.record(
            code=events.Event.VERSIONS_COMPARED,
            actor=actor,
            node_id=row.resource_id,
            project_id=row.resource.project_id,
            subject=("version", row.after_id),
            details={"before": str(row.before_id), "fields": row.shown_after},
        )
    with vault.open_object(row.object_id).reader() as reader:
        found: dict[str, Any] = json.loads(reader.read())
    return found


def comparison_for(actor: Actor, *, dataset_id: UUID, comparison_id: UUID) -> Comparison:
    """A comparison that was begun, if it shows just what the actor may see now. Raises NotFound."""
    row = (
        Comparison.objects.select_related("before", "after", "resource")
        .filter(pk=comparison_id, resource_id=dataset_id)
        .first()
    )
    if row is None:
        raise NotFound
    seen = seen_by(actor, dataset_id=dataset_id, before=str(row.before_id), after=str(row.after_id))
    if not _those_of(seen).filter(pk=row.pk).exists():
        raise NotFound
    return row


def document(row: Comparison, found: Mapping[str, Any] | None) -> dict[str, Any]:
    """A comparison as programs are told of it."""
    return {
        "id": row.id,
        "state": row.state,
        "before": row.before.number,
        "after": row.after.number,
        "key": row.key,
        "error": {"code": row.error_code, "message": row.error_message} if row.error_code else None,
        "result": found,
    }
