"""Jobs that take more than they are given."""

from __future__ import annotations

from typing import Any


def eat_memory(arguments: Any, files: Any, port: Any) -> dict[str, Any]:
    """Take 400 MiB, a little at a time."""
    held = [bytearray(1 << 20) for _ in range(400)]
    return {"eaten": len(held)}
