"""The text of a document: taken out once in a child, kept sealed beside the original, and read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from simplr.base import children, events
from simplr.base.actors import actor_of
from simplr.resources import content
from simplr.resources.models import Version
from simplr.vault import receiving
from simplr.vault import services as vault
from simplr_core.errors import Invalid
from simplr_core.tables.sealed import Sealed
from simplr_core.tidy.media import DOCUMENTS, NoText

LIMITS = children.Limits(memory_bytes=1 << 30, cpu_seconds=120, wall_seconds=300.0)
SHOWN = 64 << 10
MOST_BYTES = 160 << 20
"""Text is counted in characters before; this is what they can take."""


Progress = Callable[[Mapping[str, Any]], None]


def _unseen(message: Mapping[str, Any]) -> None:
    """Nobody waits for it."""


def take_text(
    *,
    project_id: UUID,
    original_id: UUID,
    progress: Progress = _unseen,
    limits: children.Limits = LIMITS,
) -> UUID:
    """Seal the text of an original as an object of its own; nothing refers to it yet.

    `progress` may raise to stop the work. Raises what makes that impossible: NoText, FileEncrypted,
    DocumentDamaged, ExpandsTooMuch, or FileTooDemanding.
    """
    new = vault.begin_object(project_id=project_id, kind="text")
    original = vault.open_object(original_id)
    descriptor = original.open()
    try:
        child = children.start(
            job="simplr_core.tidy.jobs:extract_text",
            arguments={"original": original.for_child(), "text": new.for_child()},
            files={"original": descriptor},
            limits=limits,
        )
        receiving.store_from_child(
            child, {1: new}, facts=_facts, most_bytes=MOST_BYTES, progress=progress
        )
    finally:
        os.close(descriptor)
    return new.id


def _facts(result: Mapping[str, Any]) -> dict[int, Sealed]:
    return {1: receiving.sealed_facts(result["text"])}


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is kept beside an original: its text, or why there is none. Neither for other files."""

    id: UUID | None = None
    refusal: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> list[UUID]:
        return [self.id] if self.id else []


def text_beside(
    *,
    project_id: UUID,
    original_id: UUID,
    media_type: str,
    progress: Progress = _unseen,
    limits: children.Limits = LIMITS,
) -> Beside:
    """The text of an original, or the reason why it has none: it is found out once.

    The reason is told to whoever asks for the text; the file is kept all the same.
    """
    if media_type not in DOCUMENTS:
        return Beside()
    try:
        return Beside(
            id=take_text(
                project_id=project_id, original_id=original_id, progress=progress, limits=limits
            )
        )
    except Invalid as error:
        return Beside(refusal={"code": error.code, "message": error.message})


def text(request: HttpRequest, *, resource_id: UUID, version: str) -> HttpResponseBase:
    """The text of a document as plain text, asked for again from the decision while it flows.

    For those who may see the original. Raises NoText for what is no document, or why it has none.
    """
    row = content.checked_version(request, resource_id, version)
    actor = actor_of(request)
    item = vault.open_object(_text_of(row))
    with transaction.atomic():
        events.record(
            code=events.Event.CONTENT_READ,
            actor=actor,
            node_id=resource_id,
            project_id=row.resource.project_id,
            subject=("version", row.pk),
            details={"as": "text"},
        )
    response = StreamingHttpResponse(
        content.pieces(item, row, 0, item.size - 1, actor=actor, action="read"),
        content_type="text/plain; charset=utf-8",
    )
    response["Content-Length"] = str(item.size)
    content.keep_harmless(response)
    return response


def _text_of(row: Version) -> UUID:
    if row.media_type not in DOCUMENTS:
        raise NoText
    if row.text_id is None and not row.text_refusal:
        row = _take_late(row)
    if row.text_id is None:
        raise children.rebuilt({"status": Invalid.status, **row.text_refusal})
    return row.text_id


def _take_late(row: Version) -> Version:
    """A version that was kept before texts were taken, with its text, or why there is none.

    It is found out once, and within what a person may wait for: else every question would be work.
    """
    found = text_beside(
        project_id=row.resource.project_id,
        original_id=row.original_id,
        media_type=row.media_type,
        limits=children.PREVIEW,
    )
    with transaction.atomic():
        locked = Version.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if locked.text_id is None:
            locked.text_id, locked.text_refusal = found.id, dict(found.refusal)
            locked.save(update_fields=["text_id", "text_refusal"])
            vault.confirm(found.ids)
    if locked.text_id != found.id:
        vault.discard(found.ids)
    return locked


def beginning(row: Version) -> str:
    """The first of the text that is kept beside a version; empty where there is none."""
    if row.text_id is None:
        return ""
    with vault.open_object(row.text_id).reader() as reader:
        return reader.read(SHOWN).decode("utf-8", "ignore").strip()
