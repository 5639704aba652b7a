"""What one answer reads once: kept while the answer is made, in its own thread, and no longer.

A page asks a dozen lists what its reader may know of, and each began by reading his roles and grants
anew. They are kept from the first question to the end of the view, for half a second at most, and
forgotten as soon as the answer itself records an event. A stream begins when its view has ended, and
a job answers nobody, so both read anew each time: what was revoked ends them within the second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Read = TypeVar("Read")

SECONDS = 0.5
_kept: ContextVar[dict[Hashable, tuple[float, Any]] | None] = ContextVar("kept", default=None)


@contextmanager
def one_answer() -> Iterator[None]:
    """The time in which one answer is made."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def read_once(key: Hashable, read: Callable[[], Read]) -> Read:
    """What `read` gives, or gave to this answer a moment ago."""
    kept = _kept.get()
    if kept is None:
        return read()
    now = time.monotonic()
    if key in kept and now - kept[key][0] < SECONDS:
        found: Read = kept[key][1]
        return found
    found = read()
    kept[key] = (now, found)
    return found


def forget() -> None:
    """Something was changed: the next question reads anew."""
    kept = _kept.get()
    if kept is not None:
        kept.clear()
