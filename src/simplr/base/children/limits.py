"""How much a child may use. The defaults suit a file of some gigabytes on a small machine."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child; whoever exceeds one is ended, and the caller gets a clear error.

    `memory_bytes` comes on top of what the loaded libraries take. `silent_seconds` is how long a
    child may send nothing at all; `wall_seconds` how long it may take altogether, and is None for
    a stream, which lasts as long as its reader wants and is bounded by `cpu_seconds`.
    """

    memory_bytes: int = 1536 * _MIB
    cpu_seconds: int = 600
    wall_seconds: float | None = 900.0
    silent_seconds: float = 120.0
    open_files: int = 64


STREAM = Limits(wall_seconds=None)
"""For what is sent to a reader: as long as the reader takes it."""

PREVIEW = Limits(memory_bytes=1024 * _MIB, cpu_seconds=30, wall_seconds=60.0, silent_seconds=45.0)
"""For what a person waits for."""
