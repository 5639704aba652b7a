"""Where tests make the folders of installations: in memory where there is room.

What is written is synchronised with the disk thousands of times in a run, some milliseconds each
time. A test kills processes, and never the machine: memory keeps what a disk would keep. Without
room in memory (or with `SIMPLR_TEST_ON_DISK=1`) the folders lie where temporary files do.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 6 << 30
"""Free bytes that all installations of a run together never take."""


def quick() -> str | None:
    """The folder in memory, for `dir=` of tempfile; None where there is none with enough room."""
    if os.environ.get("SIMPLR_TEST_ON_DISK") or not os.access(MEMORY, os.W_OK | os.X_OK):
        return None
    return str(MEMORY) if shutil.disk_usage(MEMORY).free >= ROOM else None


def new_folder(prefix: str, *, mode: int = 0o755) -> Path:
    """A new empty folder; whoever asked removes it."""
    # Named apart: what the product itself keeps in memory is looked for by its own name.
    folder = Path(tempfile.mkdtemp(prefix=f"t-{prefix}", dir=quick()))
    folder.chmod(mode)
    return folder
