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
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.datasets import queries as datasets
from simplr.sharing import pseudonyms
from simplr.sharing.views_of_data import DataView, narrowed, still_open
from simplr.vault import services as vault
from simplr.vault.services import OpenObject
from simplr_core.errors import Invalid, Refused
from simplr_core.privacy.plans import read_plan

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
    exact: bool = False
    """Leave cells that a spreadsheet would run as they are (CSV and TSV)."""


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
    plan = _plan(view, wish, limit=wish.limit)
    shown = narrowed(view, wish.fields)
    with transaction.atomic():
        events.record(
            code=events.Event.ROWS_READ,
            actor=actor,
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=_subject(view),
            details={
                "format": format_,
                "fields": [item.name for item in shown.fields],
                "version": str(view.version.pk),
            },
        )
    frames = _run("deliver", view, plan, {"format": format_, "exact": wish.exact})
    first = next(frames, b"")
    media_type, ending = FORMATS[format_]
    return Delivery(
        chunks=watched(first, frames, view=view, actor=actor, action=action),
        media_type=media_type,
        ending=ending,
    )


def _subject(view: DataView) -> tuple[str, UUID | None]:
    if view.release_id is not None:
        return ("release", view.release_id)
    return ("version", view.version.pk)


def _plan(view: DataView, wish: Wish, *, limit: int | None) -> dict[str, Any]:
    """The release's half, and the reader's: read against what is shown, so it cannot go behind."""
    return {
        **view.plan(),
        "where": wish.where or None,
        "sort": [key.strip() for key in wish.sort.split(",") if key.strip()],
        "show": wish.fields,
        "offset": max(0, wish.offset),
        "limit": limit,
    }


def watched(
    first: bytes,
    frames: Iterator[bytes],
    *,
    view: DataView,
    actor: Actor,
    action: str,
) -> Iterator[bytes]:
    """The bytes, as long as the view stays open. Raises GrantEnded, so that the transfer breaks."""
    is_open = still_open(actor, view=view, action=action)
    asked_at = time.monotonic()
    for chunk in _then(first, frames):
        if time.monotonic() - asked_at > ASK_AGAIN_SECONDS:
            if not is_open():
                _note_cut_off(view, actor)
                raise GrantEnded
            asked_at = time.monotonic()
        yield chunk


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


def _run(
    job: str,
    view: DataView,
    plan: dict[str, Any],
    extra: dict[str, Any] | None = None,
    on_result: Callable[[dict[str, Any]], None] = lambda result: None,
) -> Iterator[bytes]:
    """The bytes that the child writes for this plan. It gets the keys of needed parts, no other."""
    read = read_plan(plan, view.schema)
    columns = read.counting_columns if job == "count" else read.columns
    with ExitStack() as stack:
        files: dict[str, int] = {}

        def handed(item: OpenObject, name: str) -> dict[str, Any]:
            files[name] = item.open()
            stack.callback(os.close, files[name])
            return {**item.for_child(), "file": name}

        parts = [
            {
                "fields": list(part.names),
                **handed(vault.open_object(part.object_id), f"part{number}"),
            }
            for number, part in enumerate(datasets.parts_with(view.version, columns))
        ]
        maps = {
            name: handed(pseudonyms.map_of(view.resource.project_id, name), f"pseudonyms:{name}")
            for name in read.pseudonymised
        }
        child = stack.enter_context(
            children.start(
                job=f"simplr_core.privacy.jobs:{job}",
                arguments={
                    "schema": view.schema.to_json(),
                    "parts": parts,
                    "plan": plan,
                    "pseudonyms": maps,
                    **(extra or {}),
                },
                files=files,
                limits=children.STREAM if job == "deliver" else children.PREVIEW,
            )
        )
        for frame in child.frames():
            if isinstance(frame, children.Data) and frame.content:
                yield frame.content
        on_result(dict(child.result or {}))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A few rows as the reader may see them, as texts."""

    fields: list[str]
    types: list[str]
    masks: list[str]
    rows: list[list[str | None]]
    row_count: int | None
    """How many rows the view has; None when they were not counted."""
    total: int | None


def sample(
    *, view: DataView, actor: Actor, limit: int = 50, offset: int = 0, wish: Wish | None = None
) -> Sample:
    """Some rows of a view. Recorded like any reading."""
    asked = replace(wish or Wish(), offset=offset)
    narrowed(view, asked.fields)
    with transaction.atomic():
        events.record(
            code=events.Event.SAMPLE_READ,
            actor=actor,
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=_subject(view),
            details={"rows": limit},
        )
    return rows_of(view, wish=asked, limit=limit)


def rows_of(view: DataView, *, wish: Wish | None = None, limit: int, count: bool = False) -> Sample:
    """Rows of a view as texts. The caller records the reading."""
    result: dict[str, Any] = {}
    plan = _plan(view, wish or Wish(), limit=max(1, min(limit, 1000)))
    content = b"".join(_run("sample", view, plan, {"count": count}, result.update))
    document = json.loads(content)
    return Sample(
        fields=[field["name"] for field in document["fields"]],
        types=[field["type"] for field in document["fields"]],
        masks=[field["mask"] for field in document["fields"]],
        rows=document["rows"],
        row_count=result.get("row_count"),
        total=result.get("total") if view.release_id is None else None,
    )


def count_rows(view: DataView) -> int:
    """How many rows a view has. Nothing but the number leaves the child."""
    result: dict[str, Any] = {}
    for _ in _run("count", view, _plan(view, Wish(), limit=None), None, result.update):
        pass
    return int(result["row_count"])


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
