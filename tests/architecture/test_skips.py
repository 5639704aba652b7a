"""No test is left out in silence where everything that it needs can be installed."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests import skipping

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", [name for name, _ in skipping.lines() if name != "any"])
def test_each_skip_names_a_test_that_there_is(name: str) -> None:
    path, _, function = name.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))

    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_skip_says_why() -> None:
    assert [name for name, reason in skipping.lines() if len(reason) < len("the same")] == []


def test_what_nobody_allowed_is_named_with_its_reason() -> None:
    compose = "tests/start/test_compose.py::test_docker_takes_it@test_compose"
    skipped = [
        (compose, "docker compose is not here"),
        ("tests/clients/test_corpora.py::test_a[x]", "not on this machine (SIMPLR_TEST_DATA)"),
        (
            "tests/unit/base/test_children.py::test_b[landlock]",
            "Skipped: this kernel has no Landlock",
        ),
        ("tests/web/test_sign_in.py::test_c[y]@test_sign_in", "too slow today"),
    ]

    assert skipping.unexpected(skipped) == ["tests/web/test_sign_in.py::test_c: too slow today"]


@pytest.mark.parametrize(("ci", "ends"), [("true", 1), ("", 0)])
def test_a_run_of_continuous_integration_fails_by_it(tmp_path: Path, ci: str, ends: int) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests import skipping\n\ndef pytest_configure(config):\n    skipping.register(config)\n"
    )
    (tmp_path / "test_a.py").write_text(
        "import pytest\n\ndef test_a():\n    pytest.skip('too slow today')\n"
    )

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:django",
            "-p",
            "no:xdist",
            "-c",
            "none",
            ".",
        ],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == ends, done.stdout + done.stderr
    named = "skipped, and not in tests/SKIPS: test_a.py::test_a: Skipped: too slow today"
    assert (named in done.stdout) == bool(ci)
