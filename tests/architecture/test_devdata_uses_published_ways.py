"""The demonstration institute is made by pages, API, client and command line, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

DEVDATA = Path(__file__).resolve().parents[2] / "devdata"
INSIDE = {"simplr", "simplr_core", "simplr_rescue", "django", "psycopg"}


def imported(path: Path) -> set[str]:
    """The first words of everything that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: write imports in full"
            found.add((node.module or "").split(".")[0])
    return found


def test_the_demonstration_imports_nothing_of_the_server() -> None:
    files = list(DEVDATA.rglob("*.py"))

    assert files
    for path in files:
        assert imported(path) & INSIDE == set(), path.name


def test_the_demonstration_starts_no_server_code_by_another_way() -> None:
    for path in DEVDATA.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for word in ("import_module", "__import__", "manage.py", "psql", "simplr.config"):
            assert word not in text, f"{path.name}: {word}"
