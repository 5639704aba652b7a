"""Asking for a mending: what is said, what it would do, and how the work on it begins."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from simplr.base import children, events
from simplr.base.actors import Actor
from simplr.sharing import quarantine
from simplr.sharing.mending.working import hidden_from, make_at_once, objects_of
from simplr.sharing.models import Mending
from simplr.sharing.views_of_data import DataView
from simplr.vault import services as vault
from simplr_core.errors import Invalid, NotFound, SimplrError
from simplr_core.tidy.mending import changes_in, check_sight, mended_schema, seen_schema

ROWS_AT_ONCE = 20_000
"""Smaller data sets are mended while somebody waits; others by the worker."""

LARGEST_FILE = 64 << 20
LARGEST_CHANGES = 2 << 20
_PIECE = 1 << 18


class EditedTooLarge(Invalid):
    """An edited export has at most 64 MiB. Bring it back in several files, or mend by rule."""

    code = "edited-export-too-large"


class Body(Protocol):
    """Bytes as they come."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is to be mended: `changes`, or an export that was edited, of a format."""

    changes: list[dict[str, Any]] | None = None
    edited: str = ""
    body: Body | None = None


def preview(view: DataView, asked: Asked, *, actor: Actor) -> list[dict[str, Any]]:
    """What a mending would do, change by change; some entries before and after. Recorded.

    Raises what is wrong with what was asked; nothing is kept of it.
    """
    _reading(view, asked)
    sealed = _seal(view, asked)
    try:
        found = _tried(view, sealed, asked)
    finally:
        vault.discard([sealed])
    quarantine.note(view, actor, code=events.Event.QUARANTINE_READ, details={"tried": len(found)})
    return found


def begin(view: DataView, asked: Asked, *, actor: Actor) -> Mending:
    """Mend the version of a view, now or by the worker where it is large.

    The caller has checked the right to write. Raises what is wrong with what was asked, before
    anything is written.
    """
    from simplr.sharing import tasks

    if actor.person_id is None:
        raise NotFound
    reading = _reading(view, asked)
    sealed = _seal(view, asked)
    is_small = (view.version.rows_in or 0) <= ROWS_AT_ONCE
    try:
        with transaction.atomic():
            row = Mending.objects.create(
                resource=view.resource,
                earlier=view.version,
                person_id=actor.person_id,
                asked_id=sealed,
                edited=asked.edited,
                reading=reading,
            )
            vault.confirm([sealed])
            if not is_small:
                row.job_id = tasks.mend.defer(mending_id=str(row.id))
                row.save(update_fields=["job_id"])
    except SimplrError:
        vault.discard([sealed])
        raise
    if is_small:
        make_at_once(row, actor=actor)
    return row


def _reading(view: DataView, asked: Asked) -> dict[str, Any]:
    """How fields are read by the rules. Raises what is wrong with the changes."""
    if asked.changes is None:
        return {}
    hidden = hidden_from(view)
    changes = changes_in(asked.changes, seen_schema(view.schema, hidden))
    check_sight(changes, hidden)
    mended = mended_schema(view.schema, changes)
    return {
        new.name: {
            "type": new.type.value,
            "format": new.format,
            "missing_codes": list(new.missing_codes),
        }
        for old, new in zip(view.schema, mended, strict=True)
        if old != new
    }


def _seal(view: DataView, asked: Asked) -> UUID:
    """What was asked, as a sealed object that nothing refers to yet."""
    new = vault.begin_object(project_id=view.resource.project_id, kind="mending")
    writer = vault.ObjectWriter(new, expected_size=None)
    try:
        if asked.changes is not None:
            content = json.dumps(asked.changes).encode()
            if len(content) > LARGEST_CHANGES:
                raise Invalid("So many changes are brought back as a file.")
            writer.write(content)
        elif asked.body is not None:
            _copy(asked.body, writer)
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    return new.id


def _copy(body: Body, writer: vault.ObjectWriter) -> None:
    size = 0
    while piece := body.read(_PIECE):
        size += len(piece)
        if size > LARGEST_FILE:
            raise EditedTooLarge
        writer.write(piece)


def _tried(view: DataView, sealed: UUID, asked: Asked) -> list[dict[str, Any]]:
    objects = objects_of(view.version, sealed)
    if view.version.quarantine_id is None:
        return []
    objects["quarantine"] = vault.open_object(view.version.quarantine_id)
    with ExitStack() as stack:
        files = vault.open_descriptors(objects)
        for descriptor in files.values():
            stack.callback(os.close, descriptor)
        child = stack.enter_context(
            children.start(
                job="simplr_core.tidy.jobs:try_mending",
                arguments={
                    **{name: item.for_child() for name, item in objects.items()},
                    "schema": view.schema.to_json(),
                    "hide": sorted(hidden_from(view)),
                    "edited": asked.edited,
                },
                files=files,
                limits=children.PREVIEW,
            )
        )
        return list(child.finish()["changes"])
