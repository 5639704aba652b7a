"""Each protection has a patch that still fits and a test that is still there.

Whether the test goes red by the patch takes long and is shown by `make protections`; that the
patch applies, and names a test that exists, is known at once.
"""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "protections"
INDEX = tomllib.loads((FOLDER / "INDEX.toml").read_text())["protection"]
PATCHES = sorted(path.name for path in FOLDER.glob("*.patch"))


@pytest.mark.parametrize("patch", PATCHES)
def test_the_patch_of_a_protection_applies(patch: str) -> None:
    done = subprocess.run(
        ["git", "apply", "-C1", "--check", str(FOLDER / patch)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


def test_every_patch_is_in_the_index_and_under_its_row() -> None:
    assert {entry["patch"] for entry in INDEX} == set(PATCHES)
    assert [entry for entry in INDEX if int(entry["patch"][:2]) != entry["row"]] == []


@pytest.mark.parametrize("test", sorted({entry["test"] for entry in INDEX}))
def test_the_test_of_a_protection_exists(test: str) -> None:
    path, name = test.split("::")

    assert name.split("[")[0] in functions_of(ROOT / path)


@cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
