"""Exit statuses, which scripts rely on: they never change."""

from __future__ import annotations

from simplr_client.errors import (
    Conflict,
    Corrupt,
    Invalid,
    MissingPackage,
    NotFound,
    Refused,
    SimplrError,
    Unavailable,
)

DONE = 0
FAULT = 1
"""A fault of ours."""
USAGE = 2
REFUSED = 3
"""Refused, or not signed in."""
MISSING = 4
INVALID = 5
"""Invalid or conflicting input."""
CORRUPT = 6
"""Stored bytes are wrong, or a transfer broke."""
UNAVAILABLE = 7
"""No server, or a sealed one."""
SOME = 8
"""Some of several were done; each that was not is named."""
INTERRUPTED = 130

_MEANINGS: tuple[tuple[type[SimplrError], int], ...] = (
    (Refused, REFUSED),
    (NotFound, MISSING),
    (Conflict, INVALID),
    (Invalid, INVALID),
    (Corrupt, CORRUPT),
    (Unavailable, UNAVAILABLE),
    (MissingPackage, UNAVAILABLE),
)


def exit_status(error: SimplrError) -> int:
    """The exit status that an error means."""
    for kind, status in _MEANINGS:
        if isinstance(error, kind):
            return status
    return FAULT
