"""Web and worker replaced while callers are served: `simplr restart`.

The new process is started beside the old one, on the same listening socket, and must say that it is
loaded and answer; only then the old one is asked to end. It takes no new request, and has until
`RESTART_SECONDS` to finish what it is sending or receiving. A new one that does not get ready is
ended again, and the old one serves on. PostgreSQL, key agent and supervisor stay as they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from simplr.operations.start import prepared, processes
from simplr.operations.start.errors import NotReplaced
from simplr.operations.start.parts import Part
from simplr.operations.start.preparing import Preparation

READY_SECONDS = 120.0
REPLACED = ("web", "worker")


@dataclass(frozen=True)
class Outcome:
    """How the last restart went, for whoever asked for it."""

    count: int
    error: str = ""


def restart(preparation: Preparation, parts: list[Part], *, look: Callable[[], None]) -> None:
    """Bring the databases to the code that lies here now, then replace web and worker by it.

    Raises a SimplrError, with everything that served serving on.
    """
    prepared.forget_what_was_read()
    prepared.compile_sources()
    services = preparation.services
    if any(part.name == "postgres" for part in parts):
        preparation.databases_here(services.cluster())
    elif not preparation.only:
        preparation.databases_elsewhere()
    preparation.static_files()
    preparation.certificate()
    for part in parts:
        if part.name in REPLACED:
            replace(part, look=look, limit=services.restart_seconds())


def replace(part: Part, *, look: Callable[[], None], limit: float) -> None:
    """Put a new process in the place of a part's old one. Raises NotReplaced, the old one kept."""
    old = part.begin_beside()
    until = time.monotonic() + READY_SECONDS
    while not part.is_ready():
        if part.has_ended() or time.monotonic() > until:
            part.take_back(old)
            raise NotReplaced(
                f"The new {part.name} did not get ready, so the old one serves on. The end of"
                f" {part.log}:\n{processes.last_lines(part.log)}"
            )
        look()
        time.sleep(0.02)
    part.state = "ready"
    part.retire(old, seconds=limit)
