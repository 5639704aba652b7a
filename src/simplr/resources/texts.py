"""The text of a document: taken out once in a child, kept sealed beside the original, and read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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

DOCUMENTS = frozenset(
    {
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)
LIMITS = children.Limits(memory_bytes=1 << 30, cpu_seconds=120, wall_seconds=300.0)
SHOWN = 64 << 10
MOST_BYTES = 160 << 20
"""Text is counted in characters before; this is what they can take."""


Progress = Callable[[Mapping[str, Any]], None]


def _unseen(message: Mapping[str, Any]) -> None:
    """Nobody waits for it."""


def take_text(*, project_id: UUID, original_id: UUID, progress: Progress = _unseen) -> UUID:
    """Seal the text of an original as an object of its own; nothing refers to it yet.

    `progress` may raise to stop the work. Raises what makes that impossible: NoText, FileEncrypted, DocumentDamaged, ExpandsTooMuch.
    """
    new = vault.begin_object(project_id=project_id, kind="text")
    original = vault.open_object(original_id)
    descriptor = original.open()
    try:
        child = children.start(
            job="simplr_core.tidy.jobs:extract_text",
            arguments={"original": original.for_child(), "text": new.for_child()},
            files={"original": descriptor},
            limits=LIMITS,
        )
        receiving.store_from_child(
            child, {1: new}, facts=_facts, most_bytes=MOST_BYTES, progress=progress
        )
    finally:
        os.close(descriptor)
    return new.id


def _facts(result: Mapping[str, Any]) -> dict[int, Sealed]:
    return {1: receiving.sealed_facts(result["text"])}


def text_beside(
    *, project_id: UUID, original_id: UUID, media_type: str, progress: Progress = _unseen
) -> UUID | None:
    """The text of an original that is being kept; None where it has none, whatever the reason.

    The reason is told to whoever asks for the text: the file is kept all the same.
    """
    if media_type not in DOCUMENTS:
        return None
    try:
        return take_text(project_id=project_id, original_id=original_id, progress=progress)
    except Invalid:
        return None


def text(request: HttpRequest, *, resource_id: UUID, version: str) -> HttpResponseBase:
    """The text of a document as plain text, asked for again from the decision while it flows.

    For those who may see the original. Raises NoText, FileEncrypted or DocumentDamaged.
    """
    row = content.checked_version(request, resource_id, version)
    actor = actor_of(request)
    text_id = row.text_id or _take_late(row)
    item = vault.open_object(text_id)
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
        content.pieces(item, resource_id, 0, item.size - 1, actor=actor, action="read"),
        content_type="text/plain; charset=utf-8",
    )
    response["Content-Length"] = str(item.size)
    content.keep_harmless(response)
    return response


def _take_late(row: Version) -> UUID:
    """The text of a version that was kept without one; from now on it is kept."""
    text_id = take_text(project_id=row.resource.project_id, original_id=row.original_id)
    with transaction.atomic():
        locked = Version.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if locked.text_id is None:
            locked.text_id = text_id
            locked.save(update_fields=["text_id"])
            vault.confirm([text_id])
    if locked.text_id != text_id:
        vault.discard([text_id])
    return locked.text_id


def beginning(row: Version) -> str:
    """The first of the text that is kept beside a version; empty where there is none."""
    if row.text_id is None:
        return ""
    with vault.open_object(row.text_id).reader() as reader:
        return reader.read(SHOWN).decode("utf-8", "ignore").strip()
