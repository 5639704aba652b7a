"""Ranges of what is downloaded (RFC 9110, section 14): one stretch of bytes, or the whole.

What is no single range of bytes is ignored, as the standard says, and answered with the whole. So
is a range whose `If-Range` names another state than the one that is there now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase

from simplr_core.errors import Invalid

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


class RangeUnsatisfiable(Invalid):
    """The range lies outside of what there is. Ask for one that begins before its end."""

    code = "range-unsatisfiable"
    status = 416


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The first and the last byte of a stretch, both included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, kw_only=True)
class AskedRange:
    """A range as it was asked for: from `first` on, or the last `last` bytes without `first`."""

    first: int | None
    last: int | None
    only_of: str | None
    """The entity tag that `If-Range` names; None where any state will do."""

    def within(self, size: int) -> Bounds:
        """Which bytes of `size` are meant. Raises RangeUnsatisfiable, which tells the size."""
        if self.first is None:
            first, last = max(0, size - (self.last or 0)), size - 1
        else:
            first, last = self.first, size - 1
            if self.last is not None:
                last = min(self.last, last)
        if first > last:
            raise RangeUnsatisfiable(size=size)
        return Bounds(first=first, last=last)


def asked_range(request: HttpRequest) -> AskedRange | None:
    """The range that a request asks for; None where it asks for the whole."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or request.method != "GET":
        return None
    first, last = (int(text) if text else None for text in found.groups())
    if first is None and last is None:
        return None
    if first is not None and last is not None and last < first:
        return None
    return AskedRange(first=first, last=last, only_of=request.headers.get("If-Range"))


def that_holds(asked: AskedRange | None, *, tag: str) -> AskedRange | None:
    """The range, unless it was asked of another state than `tag` (a date names none of ours)."""
    if asked is None or asked.only_of in (None, tag):
        return asked
    return None


def describe(
    response: HttpResponseBase, *, tag: str, bounds: Bounds | None, size: int | None
) -> None:
    """Say of an answer how it can be resumed, and which part of what it is."""
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    # A proxy that compresses or changes it would make the bytes of the next part others.
    response["Cache-Control"] = "private, no-store, no-transform"
    if bounds is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {bounds.first}-{bounds.last}/{size}"
        response["Content-Length"] = str(bounds.size)
    elif size is not None:
        response["Content-Length"] = str(size)
