"""Looking at what was put aside, as far as its reader may see it.

A child opens the sealed quarantine and leaves out what is hidden from the reader: cells of fields
that he may not see are not there for him and in no count, and rows as a whole come without their
text. Under a release there is no quarantine: what was put aside was never released.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.base.children import Limits
from simplr.base.numbers import whole_number
from simplr.datasets import queries as datasets
from simplr.sharing import delivery
from simplr.sharing.views_of_data import DataView, view_for
from simplr.vault import services as vault
from simplr_core.errors import Invalid, Refused

MOST_AT_ONCE = 500
FORMATS = {name: delivery.FORMATS[name] for name in ("csv", "ndjson")}


class ExportFormatUnknown(Invalid):
    """What was put aside comes as csv or ndjson."""

    code = "format-unknown"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which entries are asked for: those of a field, those with a reason, or all."""

    field: str = ""
    reason: str = ""


EVERYTHING = Wish()


def view_of(actor: Actor, *, dataset_id: UUID, version: str, action: str = "read") -> DataView:
    """The view through which the quarantine is seen. Raises what `view_for` raises, or Refused."""
    view = view_for(actor, dataset_id=dataset_id, action=action, version=version)
    if view.release_id is not None:
        raise Refused("What did not fit is not part of a release.")
    return view


def page_of(
    *,
    dataset_id: UUID,
    version: str,
    cursor: str,
    limit: int,
    actor: Actor,
    wish: Wish = EVERYTHING,
) -> dict[str, Any]:
    """Some of what did not fit: {items, total, next}. Recorded.

    `total` is None where only some entries are asked for. Raises what `view_of` raises, or Invalid.
    """
    offset, limit = whole_number(cursor or "0"), max(1, min(limit, MOST_AT_ONCE))
    if offset is None:
        raise Invalid("This cursor is not one that a list gave.", field="cursor")
    view = view_of(actor, dataset_id=dataset_id, version=version)
    found = _found(view, "read_quarantine", wish, {"offset": offset, "limit": limit})
    rows = list(found.get("rows", ()))
    note(view, actor, code=events.Event.QUARANTINE_READ, details={"rows": len(rows)})
    return {
        "items": rows,
        "total": total_of(view) if wish == EVERYTHING else None,
        "next": str(offset + len(rows)) if found.get("has_more") else None,
    }


def groups_of(*, dataset_id: UUID, version: str, actor: Actor) -> dict[str, Any]:
    """What did not fit by field and reason, with counts: {groups, total}. Recorded."""
    view = view_of(actor, dataset_id=dataset_id, version=version)
    found = _found(view, "count_quarantine", EVERYTHING, {})
    groups = list(found.get("groups", ()))
    note(view, actor, code=events.Event.QUARANTINE_READ, details={"groups": len(groups)})
    return {"groups": groups, "total": sum(group["count"] for group in groups)}


def total_of(view: DataView) -> int | None:
    """How many entries the reader may see; None where the cells of his fields were not counted."""
    cells = datasets.cells_aside(view.version, personal=view.personal)
    return None if cells is None else (view.version.rows_quarantined or 0) + cells


def export(
    *,
    dataset_id: UUID,
    version: str,
    format_: str,
    wish: Wish,
    exact: bool,
    actor: Actor,
) -> tuple[DataView, delivery.Delivery]:
    """All of what did not fit, or a group of it, as a stream.

    The event is written before the first byte leaves, and the one decision is asked again while
    bytes flow. Raises ExportFormatUnknown, or what `view_of` raises.
    """
    if format_ not in FORMATS:
        raise ExportFormatUnknown(format=format_[:20])
    view = view_of(actor, dataset_id=dataset_id, version=version, action="download")
    note(
        view,
        actor,
        code=events.Event.QUARANTINE_EXPORTED,
        details={"format": format_, "fields": [item.name for item in view.fields]},
    )
    frames = _run(
        view, "export_quarantine", wish, {"format": format_, "exact": exact}, children.STREAM
    )
    first = next(frames, b"")
    media_type, ending = FORMATS[format_]
    chunks = delivery.watched(first, frames, view=view, actor=actor, action="download")
    return view, delivery.Delivery(chunks=chunks, media_type=media_type, ending=ending)


def note(view: DataView, actor: Actor, *, code: events.Event, details: dict[str, Any]) -> None:
    """Record what somebody did with the quarantine of a version."""
    with transaction.atomic():
        events.record(
            code=code,
            actor=actor,
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=("version", view.version.pk),
            details=details,
        )


def _found(view: DataView, job: str, wish: Wish, extra: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in _run(view, job, wish, extra, children.PREVIEW, found.update):
        pass
    return found


def _run(
    view: DataView,
    job: str,
    wish: Wish,
    extra: dict[str, Any],
    limits: Limits,
    on_result: Callable[[dict[str, Any]], None] = lambda result: None,
) -> Iterator[bytes]:
    """The bytes that a job writes about the quarantine of a version."""
    if view.version.quarantine_id is None:
        return
    shown = {item.name for item in view.fields}
    item = vault.open_object(view.version.quarantine_id)
    with ExitStack() as stack:
        descriptor = item.open()
        stack.callback(os.close, descriptor)
        child = stack.enter_context(
            children.start(
                job=f"simplr_core.tidy.jobs:{job}",
                arguments={
                    "quarantine": item.for_child(),
                    "hide": [name for name in view.schema.names if name not in shown],
                    "field": wish.field,
                    "reason": wish.reason,
                    **extra,
                },
                files={"quarantine": descriptor},
                limits=limits,
            )
        )
        for frame in child.frames():
            if isinstance(frame, children.Data) and frame.content:
                yield frame.content
        on_result(dict(child.result or {}))
