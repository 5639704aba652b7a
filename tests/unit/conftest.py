"""Real files for the pure tests. They are not in the repository: see `real_file`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Two cores serve many test processes: a deadline would fail whoever waits.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")

DATA = Path(
    os.environ.get("SIMPLR_TEST_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
)


@pytest.fixture
def real_file() -> Callable[[str], Path]:
    """The path of a file of the shared data folder; skips where the folder is not there."""

    def find(path: str) -> Path:
        found = DATA / path
        if not found.exists():
            pytest.skip(f"the real data set {path} is not on this machine (SIMPLR_TEST_DATA)")
        return found

    return find
