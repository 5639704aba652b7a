"""Jobs that take more than they are given."""

from __future__ import annotations

from typing import Any


def eat_memory(arguments: Any, files: Any, port: Any) -> dict[str, Any]:
    held = []
    while True:
        held.append(bytearray(1 << 20))
