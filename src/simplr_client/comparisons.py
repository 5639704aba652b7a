"""Waiting for a comparison or a mending that the installation makes in the background."""

from __future__ import annotations

import time
from collections.abc import Callable

from simplr_client.errors import Conflict, Invalid
from simplr_client.transport import Json


def waited(
    found: Json,
    *,
    ask: Callable[[str], Json],
    timeout: float | None,
    words: str = "The versions are still being compared.",
) -> Json:
    """What was asked for when it is there. Raises Conflict after `timeout` seconds, or Invalid."""
    pause, passed = 0.1, 0.0
    while found.get("state") == "waiting":
        if timeout is not None and passed >= timeout:
            raise Conflict(words, code="still-working")
        time.sleep(pause)
        passed, pause = passed + pause, min(pause * 1.5, 2.0)
        found = ask(str(found["id"]))
    if found.get("state") == "failed":
        said = found.get("error") or {}
        raise Invalid(str(said.get("message")), code=str(said.get("code")), problem=found)
    return found
