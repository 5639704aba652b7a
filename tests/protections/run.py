"""Takes each protection out of the product, and shows the test of its promise going red.

    python tests/protections/run.py [--row N] [--name PART] [--jobs N] [--red-only]

`INDEX.toml` names, for each row of SECURITY.md, a patch of product code beside it and the one test
that must fail by it. Each patch is tried in a copy of the tree. Exit status 1 if a patch does not
apply, leaves its test green, or breaks more than the promise: a test that cannot be collected, or
that was red before, shows nothing. `--red-only` leaves out the run without the patch, for a tree
whose tests have all just passed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COPIED = (
    *("src", "tests", "devdata", "pyproject.toml", "docs", "Makefile", "deploy"),
    *("requirements.lock", "requirements-test.lock", "requirements-build.lock"),
)
TESTS_FAILED = 1
SECONDS = 600


@dataclass(frozen=True)
class Protection:
    """One promise, the patch that breaks it and the test that must notice."""

    row: int
    patch: str
    test: str


def read_index(path: Path = HERE / "INDEX.toml") -> list[Protection]:
    """Every protection, in the order of the rows."""
    found = tomllib.loads(path.read_text())["protection"]
    return sorted((Protection(**entry) for entry in found), key=lambda one: (one.row, one.patch))


def run_test(tree: Path, test: str) -> tuple[int, str]:
    """pytest's exit status for one test in a copy of the tree, and the end of its output."""
    quiet = ("-q", "-n", "0", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *quiet, "-m", "", test]  # of `make prove`, too
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree / "src")},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return -1, f"no end after {SECONDS} s"
    return done.returncode, done.stdout[-2000:] + done.stderr[-1000:]


def applied(tree: Path, patch: Path) -> str:
    """Apply a patch to the copy; what went wrong, or nothing."""
    done = subprocess.run(
        ["git", "apply", "-C1", "--whitespace=nowarn", str(patch)],
        cwd=tree,
        capture_output=True,
        text=True,
    )
    return done.stderr.strip() if done.returncode else ""


def copy_tree(target: Path) -> None:
    """What the product and its tests are made of; what was built for tests is shared."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(source, target / name, ignore=ignored)
        elif source.exists():
            shutil.copy2(source, target / name)
    (target / "build").mkdir()
    kept = ROOT / "build" / "test-postgres"
    if kept.exists():
        (target / "build" / "test-postgres").symlink_to(kept)


def verdict(protection: Protection, *, red_only: bool = False) -> tuple[bool, str]:
    """Whether the test goes red by the patch alone, and a word about it."""
    with tempfile.TemporaryDirectory(prefix="simplr-protection-") as folder:
        tree = Path(folder)
        tree.chmod(0o755)  # a service runs as its own account: it must find this copy, no other
        copy_tree(tree)
        if not red_only:
            status, output = run_test(tree, protection.test)
            if status != 0:
                return False, f"red without the patch\n{output}"
        problem = applied(tree, HERE / protection.patch)
        if problem:
            return False, f"does not apply\n{problem}"
        status, output = run_test(tree, protection.test)
    if status == TESTS_FAILED and "ERROR collecting" not in output:
        return True, "goes red"
    if status == 0:
        return False, "stays green"
    return False, f"broke ({status})\n{output}"


def missing(protections: list[Protection]) -> str:
    """What pytest says of named tests that are not there; nothing where each is."""
    tests = sorted({protection.test for protection in protections})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    return "" if done.returncode == 0 else said[-3_000:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--row", type=int, help="only this row")
    parser.add_argument("--name", default="", help="only patches with this in their name")
    parser.add_argument("--jobs", type=int, default=1, help="how many are tried at once")
    parser.add_argument("--red-only", action="store_true", help="only the run with the patch")
    parser.add_argument("--named", action="store_true", help="only see that the named tests exist")
    wanted = parser.parse_args()
    if wanted.named:
        said = missing(read_index())
        print(said or "every protection names a test that is there")
        return 1 if said else 0
    tried = [
        protection
        for protection in read_index()
        if wanted.row in (None, protection.row) and wanted.name in protection.patch
    ]
    bad = 0
    with ThreadPoolExecutor(wanted.jobs) as workers:
        verdicts = workers.map(lambda one: verdict(one, red_only=wanted.red_only), tried)
        for protection, (good, word) in zip(tried, verdicts, strict=True):
            bad += not good
            sign = "ok " if good else "BAD"
            print(f"{sign}  row {protection.row:>2}  {protection.patch:<44} {word}", flush=True)
    print(f"{bad} protections are not shown" if bad else "every protection is shown by its test")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
