"""Delivery: the only way that cell values leave.

A sandboxed child unseals the parts that the view needs, drops rows, applies masks and writes the
asked format; this process passes its bytes on and never holds a cell that the view hides. While
bytes flow the one decision is asked again at least every 500 ms.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections, transaction

from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.datasets import queries as datasets
from simplr.sharing import pseudonyms
from simplr.sharing.views_of_data import DataView, narrowed, still_open
from simplr.vault import services as vault
from simplr_core.errors import Invalid, Refused
from simplr_core.privacy import masks
from simplr_core.tables.expressions import parse_condition

ASK_AGAIN_SECONDS = 0.4

FORMATS = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "tsv": ("text/tab-separated-values; charset=utf-8", "tsv"),
    "ndjson": ("application/x-ndjson", "ndjson"),
    "parquet": ("application/vnd.apache.parquet", "parquet"),
    "arrow": ("application/vnd.apache.arrow.stream", "arrow"),
}
"""format -> (media type, ending)"""


class FormatUnknown(Invalid):
    """Choose csv, tsv, ndjson, parquet or arrow."""

    code = "format-unknown"


class GrantEnded(Refused):
    """The right to read this ended while it was being read."""

    code = "right-ended"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the reader asks for, inside what the view shows."""

    fields: list[str] | None = None
    where: str = ""
    sort: str = ""
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Bytes on their way: `chunks` raises when the right ends, so that the transfer breaks."""

    chunks: Iterator[bytes]
    media_type: str
    ending: str


def deliver(
    *, view: DataView, format_: str, wish: Wish, actor: Actor, action: str = "download"
) -> Delivery:
    """Stream the rows of a view.

    The event is written before the first byte leaves; without it nothing leaves. Raises
    FormatUnknown, NotFound for a field that is not shown, or Invalid for a condition.
    """
    if format_ not in FORMATS:
        raise FormatUnknown(format=format_[:20])
    shown = narrowed(view, wish.fields)
    narrower = _narrower(view, wish)
    plan = {
        **view.plan(),
        "narrower": {**narrower, "fields": [item.name for item in shown.fields]},
        "limit": wish.limit,
        "offset": wish.offset,
        "format": format_,
        "mode": "stream",
    }
    with transaction.atomic():
        events.record(
            code=events.Event.ROWS_READ,
            actor=actor,
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=("release", view.release_id)
            if view.release_id
            else ("version", view.version.pk),
            details={
                "format": format_,
                "fields": [item.name for item in shown.fields],
                "version": str(view.version.pk),
            },
        )
    frames = _run(view, plan)
    first = next(frames, b"")
    media_type, ending = FORMATS[format_]
    return Delivery(
        chunks=_watched(first, frames, view=view, actor=actor, action=action),
        media_type=media_type,
        ending=ending,
    )


def _narrower(view: DataView, wish: Wish) -> dict[str, Any]:
    """The reader's own condition and order: over what he sees, never over what lies behind."""
    if wish.sort:
        raise Invalid("Rows come in the order of the file; sort them where you use them.")
    where = parse_condition(wish.where, view.shown_schema).canonical if wish.where else None
    return {"where": where}


def _watched(
    first: bytes,
    frames: Iterator[bytes],
    *,
    view: DataView,
    actor: Actor,
    action: str,
) -> Iterator[bytes]:
    is_open = still_open(actor, node_id=view.node_id, action=action)
    asked_at = time.monotonic()
    try:
        for chunk in _then(first, frames):
            if time.monotonic() - asked_at > ASK_AGAIN_SECONDS:
                if not is_open():
                    _note_cut_off(view, actor)
                    raise GrantEnded
                asked_at = time.monotonic()
            yield chunk
    finally:
        close_old_connections()


def _then(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _note_cut_off(view: DataView, actor: Actor) -> None:
    with transaction.atomic():
        events.record(
            code=events.Event.ROWS_CUT_OFF,
            actor=actor,
            outcome="refused",
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=("release", view.release_id)
            if view.release_id
            else ("version", view.version.pk),
        )


def _needed_names(view: DataView) -> set[str]:
    """The stored fields that a view must open: those it shows, and those its condition reads."""
    names = {item.name for item in view.fields if not isinstance(item.mask, masks.Hide)}
    if view.condition:
        names |= parse_condition(view.condition, view.schema).fields
    return names


def _run(
    view: DataView,
    plan: dict[str, Any],
    on_result: Callable[[dict[str, Any]], None] = lambda result: None,
) -> Iterator[bytes]:
    """The bytes that the child writes for this plan."""
    with ExitStack() as stack:
        parts, files = [], {}
        for number, part in enumerate(datasets.parts_with(view.version, _needed_names(view))):
            item = vault.open_object(part.object_id)
            parts.append({"fields": list(part.names), **item.for_child()})
            files[f"part{number}"] = item.open()
            stack.callback(os.close, files[f"part{number}"])
        maps = {}
        for shown in view.fields:
            if isinstance(shown.mask, masks.Pseudonym):
                item = pseudonyms.map_of(view.resource.project_id, shown.name)
                maps[shown.name] = item.for_child()
                files[f"pseudonyms:{shown.name}"] = item.open()
                stack.callback(os.close, files[f"pseudonyms:{shown.name}"])
        child = stack.enter_context(
            children.start(
                "simplr_core.tables.jobs:deliver",
                {
                    "schema": view.schema.to_json(),
                    "parts": parts,
                    "plan": plan,
                    "pseudonyms": maps,
                },
                files=files,
            )
        )
        for frame in child.frames():
            if isinstance(frame, children.Data) and frame.content:
                yield frame.content
        on_result(dict(child.result or {}))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A few rows as the reader may see them."""

    fields: list[str]
    rows: list[list[Any]]
    row_count: int | None
    """How many rows the view has; None when they were not counted."""
    total: int | None


def sample(
    *, view: DataView, actor: Actor, limit: int = 50, offset: int = 0, wish: Wish | None = None
) -> Sample:
    """Some rows of a view. Recorded like any reading."""
    asked = wish or Wish()
    shown = narrowed(view, asked.fields)
    with transaction.atomic():
        events.record(
            code=events.Event.SAMPLE_READ,
            actor=actor,
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=("release", view.release_id)
            if view.release_id
            else ("version", view.version.pk),
            details={"rows": limit},
        )
    return rows_of(
        view, names=[item.name for item in shown.fields], limit=limit, offset=offset, wish=asked
    )


def rows_of(
    view: DataView, *, names: list[str], limit: int, offset: int = 0, wish: Wish | None = None
) -> Sample:
    """Rows of a view as values for JSON. The caller records the reading."""
    plan = {
        **view.plan(),
        "narrower": {**_narrower(view, wish or Wish()), "fields": names},
        "limit": max(1, min(limit, 1000)),
        "offset": offset,
        "format": "json",
        "mode": "sample",
    }
    result: dict[str, Any] = {}
    content = b"".join(_run(view, plan, result.update))
    document = json.loads(content) if content else {"rows": []}
    return Sample(
        fields=names,
        rows=document["rows"],
        row_count=result.get("matching"),
        total=view.version.rows_kept,
    )


def count_rows(view: DataView) -> int:
    """How many rows a view has. Nothing but the number leaves the child."""
    plan = {
        **view.plan(),
        "narrower": {"where": None, "fields": None},
        "limit": None,
        "offset": 0,
        "format": "json",
        "mode": "count",
    }
    result: dict[str, Any] = {}
    for _ in _run(view, plan, result.update):
        pass
    return int(result["rows"])


def profile_of(view: DataView, *, names: list[str] | None = None) -> dict[str, Any]:
    """Range, quantiles, frequent values and shape of each field that is shown as it is.

    A release shows no statistics of what it masks or leaves out, so under a release there are
    none at all: they were computed over all rows.
    """
    if view.release_id is not None:
        return {}
    shown = {item.name for item in view.fields}
    found: dict[str, Any] = {}
    for item in datasets.fields_of(view.version):
        if item.name not in shown or item.profile_id is None:
            continue
        if names is not None and item.name not in names:
            continue
        with vault.open_object(item.profile_id).reader() as reader:
            found[item.name] = json.loads(reader.read())
    return found


@dataclass(frozen=True, kw_only=True)
class PutAside:
    """Some of what did not fit: rows and cells with their reasons, in the order of the file."""

    rows: list[dict[str, Any]]
    total: int


def quarantine_of(view: DataView, *, offset: int = 0, limit: int = 100) -> PutAside:
    """What did not fit. The texts of fields that the reader may not see are left out by the child.

    Raises Refused under a release: what was put aside was never released.
    """
    if view.release_id is not None:
        raise Refused("What did not fit is not part of a release.")
    if view.version.quarantine_id is None:
        return PutAside(rows=[], total=0)
    shown = {item.name for item in view.fields}
    item = vault.open_object(view.version.quarantine_id)
    descriptor = item.open()
    try:
        with children.start(
            "simplr_core.tables.jobs:read_quarantine",
            {
                **item.for_child(),
                "offset": offset,
                "limit": limit,
                "hide": [name for name in view.schema.names if name not in shown],
            },
            files={"quarantine": descriptor},
        ) as child:
            found = child.finish()
    finally:
        os.close(descriptor)
    return PutAside(rows=list(found["rows"]), total=int(found["total"]))
