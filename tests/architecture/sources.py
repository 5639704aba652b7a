"""Our own modules as trees, read once by the tests that look through all of them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"
TOGETHER = pytest.mark.xdist_group("sources")
"""For one process: reading them takes longer than what each test asks."""


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """(path within `src`, tree) of every module, in order."""
    return [
        (path.relative_to(SOURCES).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(SOURCES.rglob("*.py"))
    ]
