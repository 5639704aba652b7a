"""The tree itself: lengths, names, and what must not be written in it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
LONGER = {
    "tests/web/look_samples.py": "sample contexts of every page: data, not code",
    "src/simplr_core/privacy/identifiers/values.py": "a list of given names: data, not code",
    "tests/rescue/test_rescue.py": "to be split: export, ledger",
    "tests/unit/tables/test_conditions.py": "to be split: parsing, masks",
    "tests/unit/tables/test_jobs.py": "to be split by job",
    "tests/unit/vault/test_key_agent.py": "to be split: agent, client",
}
BANNED_NAMES = {"utils", "helpers", "common", "misc", "manager"}
APP_FILES = {
    "models", "services", "queries", "permissions", "rules", "forms", "views", "endpoints",
    "tasks", "urls", "apps", "adapters", "validators",
}  # fmt: skip
OUTSIDE_THE_SERVER = ("devdata", "tests/browser", "tests/clients")
FOREIGN = re.compile(
    r"/(?:work|home/(?!ada)[a-z]+|Users/[A-Za-z]+)/(?!\{)|https?://(?:[a-z0-9.-]*\.)?"
    r"(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|artifactory|nexus)"
)
MAY_NAME_FOREIGN = {"tests/architecture/test_tree.py": "the rule itself"}


def tracked(pattern: str = "*") -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        return [path for path in ROOT.rglob(pattern) if path.is_file()]
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_module_is_longer_than_a_person_reads_in_one_go() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("*.py")
        if "migrations" not in path.parts
        and str(path.relative_to(ROOT)) not in LONGER
        and (count := len(path.read_text().splitlines())) > LONGEST
    }

    assert long == {}


def test_modules_are_named_for_what_they_hold() -> None:
    named = {path.stem for path in tracked("src/*.py")} | {
        path.parent.name for path in tracked("src/*.py")
    }

    assert named & BANNED_NAMES == set()


@pytest.mark.parametrize("folder", OUTSIDE_THE_SERVER)
def test_what_stands_outside_uses_only_published_ways(folder: str) -> None:
    users = []
    for path in tracked(f"{folder}/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if any(name.split(".")[0] in {"simplr", "django"} for name in names):
                users.append(f"{path.relative_to(ROOT)}:{node.lineno}")  # type: ignore[attr-defined]

    assert users == []


def test_no_path_of_a_machine_and_no_registry_is_written_down() -> None:
    found = []
    for path in tracked():
        place = str(path.relative_to(ROOT))
        if place in MAY_NAME_FOREIGN or path.suffix in {".png", ".woff2", ".parquet", ".ico"}:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{place}: {match.group()}" for match in FOREIGN.finditer(text)]

    assert found == []
