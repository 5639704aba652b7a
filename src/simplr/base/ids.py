"""Identifiers: time-ordered UUIDs, so that index pages stay together (RFC 9562, section 5.7)."""

from __future__ import annotations

import os
import time
import uuid
from contextvars import ContextVar
from datetime import datetime

request_id: ContextVar[uuid.UUID | None] = ContextVar("request_id", default=None)
"""Ties the events, the log lines and the error answer of one request or job together."""

network: ContextVar[str] = ContextVar("network", default="")
"""A keyed digest of the network that the request came from (`addresses.network_of`)."""


def new_id() -> uuid.UUID:
    """A UUID version 7: 48 bits of milliseconds, 74 random bits."""
    return _id(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big"))


def first_id_of(at: datetime) -> uuid.UUID:
    """The least id that can be made in the millisecond of a time: those from then on are above."""
    return _id(int(at.timestamp() * 1000), 0)


def _id(milliseconds: int, rest: int) -> uuid.UUID:
    value = (milliseconds & (2**48 - 1)) << 80 | rest
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)
