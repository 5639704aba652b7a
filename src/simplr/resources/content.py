"""Original files: whole, by range, and as a preview that can do no harm.

An original holds every field as it came, so it is for those who may see personal fields.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import RawIOBase
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from simplr.access.authentication import actor_again
from simplr.access.permissions import decide
from simplr.base import children, events, ranges
from simplr.base.actors import Actor, actor_of
from simplr.resources import queries
from simplr.resources.models import Version
from simplr.resources.scanning import rules as scanning
from simplr.vault import services as vault
from simplr_core.errors import Invalid, Refused

CHUNK = 256 * 1024


class RightEnded(Refused):
    """The right to read this ended while it was being read."""

    code = "right-ended"


def checked_version(request: HttpRequest, resource_id: UUID, version: str) -> Version:
    """The version, for those who may see all of it.

    Raises Refused or NotFound; FileInfected or FileNotScanned for what is not theirs.
    """
    if not request.verdict.personal:  # type: ignore[attr-defined]
        raise Refused("The original shows every field; it is for those who may see all of them.")
    row = queries.version_of(resource_id, version)
    scanning.check_may_leave(row, actor=actor_of(request))
    return row


def original(request: HttpRequest, *, resource_id: UUID, version: str) -> HttpResponseBase:
    """The original as an attachment, asked for again from the decision while it flows."""
    row = checked_version(request, resource_id, version)
    actor = actor_of(request)
    tag = f'"{row.pk}"'
    asked = ranges.that_holds(ranges.asked_range(request), tag=tag)
    bounds = asked.within(row.size) if asked else None
    first, last = (bounds.first, bounds.last) if bounds else (0, row.size - 1)
    with transaction.atomic():
        events.record(
            code=events.Event.CONTENT_READ,
            actor=actor,
            node_id=resource_id,
            project_id=row.resource.project_id,
            subject=("version", row.pk),
            details={"from": first, "to": last},
        )
    response = StreamingHttpResponse(
        pieces(
            vault.open_object(row.original_id),
            row,
            first,
            last,
            actor=actor,
            action="download",
        ),
        content_type="application/octet-stream",
    )
    ranges.describe(response, tag=tag, bounds=bounds, size=row.size)
    response["Content-Disposition"] = content_disposition_header(True, row.original_name) or ""
    keep_harmless(response)
    return response


def pieces(
    item: vault.OpenObject, version: Version, start: int, end: int, *, actor: Actor, action: str
) -> Iterator[bytes]:
    """The bytes of an object of a version from `start` to `end`, while the right to them lasts.

    The first are read at once, so that an object that is damaged there is refused by an answer.
    """
    reader = item.reader()
    reader.seek(start)
    left = end - start + 1
    first = reader.read(min(CHUNK, left))
    return _flowing(reader, first, left, version, actor=actor, action=action)


def _flowing(
    reader: RawIOBase, piece: bytes, left: int, version: Version, *, actor: Actor, action: str
) -> Iterator[bytes]:
    asked_at = time.monotonic()
    with reader:
        while left:
            if time.monotonic() - asked_at > 0.4:
                again = actor_again(actor, now=timezone.now())
                verdict = decide(actor=again, action=action, node_id=version.resource_id)
                if not (verdict.allowed and verdict.personal):
                    raise RightEnded
                if not scanning.may_still_leave(version.pk, actor=again):
                    raise RightEnded
                asked_at = time.monotonic()
            if not piece:
                raise RuntimeError("the object is shorter than its row says")
            left -= len(piece)
            yield piece
            piece = reader.read(min(CHUNK, left)) or b""


def keep_harmless(response: HttpResponseBase) -> None:
    """Bytes of strangers: nothing in them is run, guessed at, or framed by others."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a sandboxed child found in a file that may be shown, and the bytes to show."""

    kind: str
    """text, image, pdf or none"""
    media_type: str
    content: bytes = field(default=b"", repr=False)
    is_whole: bool = True
    is_active: bool = False
    """Whether a PDF holds scripts, launches or attachments."""
    width: int = 0
    height: int = 0
    reason: str = ""


def looked_at(version: Version, *, actor: Actor) -> Looked:
    """Look at an original in a child and record it. The caller has checked the right.

    The bytes decide what it is, not its name. Nothing of a file is parsed in this process.
    """
    with transaction.atomic():
        events.record(
            code=events.Event.PREVIEW_READ,
            actor=actor,
            node_id=version.resource_id,
            project_id=version.resource.project_id,
            subject=("version", version.pk),
        )
    item = vault.open_object(version.original_id)
    descriptor = item.open()
    pieces: list[bytes] = []
    try:
        with children.start(
            job="simplr_core.tidy.jobs:preview_file",
            arguments={"original": item.for_child()},
            files={"original": descriptor},
            limits=children.PREVIEW,
        ) as child:
            pieces += [
                frame.content for frame in child.frames() if isinstance(frame, children.Data)
            ]
            found = dict(child.result or {})
    except Invalid as error:
        return Looked(kind="none", media_type=version.media_type, reason=error.code)
    finally:
        os.close(descriptor)
    return Looked(
        kind=found["kind"],
        media_type=found["media_type"],
        content=b"".join(pieces),
        is_whole=bool(found.get("is_whole", True)),
        is_active=bool(found.get("is_active", False)),
        width=int(found.get("width", 0)),
        height=int(found.get("height", 0)),
        reason=str(found.get("reason", "")),
    )


def preview(request: HttpRequest, *, resource_id: UUID, version: str) -> HttpResponseBase:
    """Text as plain text, images and PDFs as what their bytes are. Raises Invalid for all else."""
    row = checked_version(request, resource_id, version)
    found = looked_at(row, actor=actor_of(request))
    if found.kind == "none" or found.is_active:
        raise Invalid("There is no preview of this kind of file. Download it.")
    media_type = "text/plain; charset=utf-8" if found.kind == "text" else found.media_type
    response = HttpResponse(found.content, content_type=media_type)
    response["Content-Disposition"] = "inline"
    keep_harmless(response)
    if found.kind == "pdf":
        # The browser's own viewer does not start inside a sandbox; only our pages may frame it.
        response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'self'"
        response["X-Frame-Options"] = "SAMEORIGIN"
    return response
