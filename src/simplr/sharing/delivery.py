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
from simplr.base.ranges import AskedRange, Bounds, that_holds
from simplr.datasets import queries as datasets
from simplr.sharing import pseudonyms
from simplr.sharing.resumed import sizes, tag_of
from simplr.sharing.views_of_data import DataView, narrowed, still_open
from simplr.vault import services as vault
from simplr.vault.services import OpenObject
from simplr_core.errors import Corrupt, Invalid, Refused
from simplr_core.privacy.plans import read_plan

ASK_AGAIN_SECONDS = 0.4
_STREAMED = frozenset({"deliver", "measure"})

FORMATS = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "tsv": ("text/tab-separated-values; charset=utf-8", "tsv"),
    "linear-tsv": ("text/tab-separated-values; charset=utf-8", "tsv"),
    "ndjson": ("application/x-ndjson", "ndjson"),
    "parquet": ("application/vnd.apache.parquet", "parquet"),
    "arrow": ("application/vnd.apache.arrow.stream", "arrow"),
}
"""format -> (media type, ending)"""


class FormatUnknown(Invalid):
    """Choose csv, tsv, linear-tsv, ndjson, parquet or arrow."""

    code = "format-unknown"


class GrantEnded(Refused):
    """The right to read this ended while it was being read."""

    code = "right-ended"


class CameShort(Corrupt):
    """The rows made fewer bytes than before. What arrived is not whole; ask again."""

    code = "answer-short"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the reader asks for, inside what the view shows."""

    fields: list[str] | None = None
    where: str = ""
    sort: str = ""
    limit: int | None = None
    offset: int = 0
    exact: bool = False
    """Leave cells that a spreadsheet would run as they are (CSV and TSV); in linear TSV write
    decimals to the bit besides."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Bytes on their way: `chunks` raises when the right ends, so that the transfer breaks."""

    chunks: Iterator[bytes]
    media_type: str
    ending: str
    tag: str = ""
    """The entity tag: the same for the same bytes; empty where these cannot go on after a break."""
    bounds: Bounds | None = None
    """Which stretch of the whole this is; None for the whole."""
    size: int | None = None
    """The bytes of the whole, where they are known already."""


def deliver(
    *,
    view: DataView,
    format_: str,
    wish: Wish,
    actor: Actor,
    action: str = "download",
    asked: AskedRange | None = None,
) -> Delivery:
    """Stream the rows of a view, all of their bytes or the range that is asked for.

    A range is computed like the whole and cut out: once to learn the size, where nobody has read
    this to its end, and once to send it. The event is written before the first byte leaves;
    without it nothing leaves. Raises FormatUnknown, NotFound for a field that is not shown,
    Invalid for a condition, or RangeUnsatisfiable.
    """
    if format_ not in FORMATS:
        raise FormatUnknown(format=format_[:20])
    began_at = time.monotonic()
    plan = _plan(view, wish, limit=wish.limit)
    shown = narrowed(view, wish.fields)
    written_as = {"format": format_, "exact": wish.exact}
    tag = tag_of(view, plan, written_as)
    held = that_holds(asked, tag=tag)
    size = sizes.get(tag)
    if held is not None and size is None:
        size = _measured(view, plan, written_as, tag)
    bounds = held.within(size or 0) if held is not None else None
    details: dict[str, Any] = {
        "format": format_,
        "fields": [item.name for item in shown.fields],
        "version": str(view.version.pk),
    }
    if wish.limit is not None:
        details["limit"] = wish.limit
    with transaction.atomic():
        events.record(
            code=events.Event.ROWS_READ,
            actor=actor,
            node_id=view.resource.pk,
            project_id=view.resource.project_id,
            subject=_subject(view),
            details=details | ({"from": bounds.first, "to": bounds.last} if bounds else {}),
        )
    stretch = {"first": bounds.first, "last": bounds.last} if bounds else {}
    frames = _run(
        "deliver", view, plan, written_as | stretch, lambda result: _remember(tag, result)
    )
    first = next(frames, b"")
    if time.monotonic() - began_at > ASK_AGAIN_SECONDS:
        _check_open(view, actor, action)
    expected = bounds.size if bounds else size
    chunks = watched(first, frames, view=view, actor=actor, action=action)
    media_type, ending = FORMATS[format_]
    return Delivery(
        chunks=chunks if expected is None else _exactly(expected, chunks),
        media_type=media_type,
        ending=ending,
        tag=tag,
        bounds=bounds,
        size=size,
    )


def _measured(view: DataView, plan: dict[str, Any], written_as: dict[str, Any], tag: str) -> int:
    """The size of what a plan makes. Nothing but the number leaves the child."""
    result: dict[str, Any] = {}
    for _ in _run("measure", view, plan, written_as, result.update):
        pass
    _remember(tag, result)
    return int(result["size"])


def _remember(tag: str, result: dict[str, Any]) -> None:
    if "size" in result:
        sizes.remember(tag, int(result["size"]))


def _check_open(view: DataView, actor: Actor, action: str) -> None:
    """Before the first byte of what took a while to compute."""
    if not still_open(actor, view=view, action=action)():
        _note_cut_off(view, actor)
        raise GrantEnded


def _exactly(size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes, of which there must be as many as were announced."""
    left = size
    for chunk in chunks:
        left -= len(chunk)
        yield chunk
    if left:
        raise CameShort


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
                limits=children.STREAM if job in _STREAMED else children.PREVIEW,
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
