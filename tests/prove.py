"""The full counts, kills and loads: `make prove ONLY=name`; without a name, what is missing.

A part is the tests that carry `@pytest.mark.prove` in one folder or file. It runs the same code as
`make test` with bigger named numbers, at most 45 minutes, and its result is kept with the commit, in
`docs/reference/proven.json` and on the page of the manual that is made of it.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "reference" / "proven.json"
PAGE = RESULTS.with_suffix(".md")
HEAD = """# What was proven, at which commit

Written by `make prove ONLY=name`, from `proven.json` beside it. `make test` runs the same code with smaller numbers; here are the full counts, kills, faults and loads, each on a machine with two processors. A part whose commit is an older one was not run again since; `make prove` alone lists them.

| Part | What it does | Result | Figures | Commit | Seconds |
|---|---|---|---|---|---|"""
MOST_SECONDS = 45 * 60
PROPERTIES = "properties"


def parts() -> dict[str, list[str]]:
    """name -> test files: every file of `tests` in which a test is marked `prove`, `browser`: each
    journey on a desktop, too, and `properties`: each property with ten times its examples."""
    found: dict[str, list[str]] = {"browser": ["tests/browser"], PROPERTIES: []}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text, place = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        if "mark.prove" in text:
            name = path.stem.removeprefix("test_").replace("_", "-")
            found.setdefault(name, []).append(place)
        if "@given(" in text:
            found[PROPERTIES].append(place)
    return found


def commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def results() -> dict[str, dict[str, Any]]:
    if not RESULTS.exists():
        return {}
    kept: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return kept


def prove(name: str, files: list[str], data: str) -> bool:
    """Run one part, keep its result and write the page anew; True when it passed."""
    began = time.monotonic()
    environment = {**os.environ, "SIMPLR_TEST_DATA": str(Path(data).resolve()), "SIMPLR_PROVE": "1"}
    which = ["-n", "2", "-m", "hypothesis and not prove"] if name == PROPERTIES else ["-m", "prove"]
    report = ROOT / "build" / "prove" / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *which, "-v", f"--junitxml={report}", *files],
        cwd=ROOT,
        env=environment,
        timeout=MOST_SECONDS,
        check=False,
    )
    kept = results()
    kept[name] = {
        "commit": commit(),
        "day": time.strftime("%Y-%m-%d"),
        "passed": done.returncode == 0,
        "seconds": round(time.monotonic() - began),
        **(seen_in(report) if report.exists() else {}),
    }
    RESULTS.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    return done.returncode == 0


def seen_in(report: Path) -> dict[str, Any]:
    """How many tests passed and were skipped, and the figures they recorded (`record_property`)."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    assert suite is not None
    count = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
    figures: dict[str, str] = {}
    for one in suite.iter("property"):
        figures[one.get("name", "")] = one.get("value", "")
    return {
        "tests": count["tests"] - count["failures"] - count["errors"] - count["skipped"],
        "skipped": count["skipped"],
        "figures": figures,
    }


def summary_of(files: list[str]) -> str:
    """What a part does: the first line of what its first file says of itself."""
    text = (ROOT / files[0]).read_text(encoding="utf-8") if files[0].endswith(".py") else ""
    said = ast.get_docstring(ast.parse(text)) if text else "Each journey on a desktop, too."
    return (said or "").split("\n", maxsplit=1)[0]


def page() -> str:
    """The page of the manual: each part with its newest result."""
    known, kept, lines = parts(), results(), [HEAD]
    for name, files in known.items():
        if name not in kept:
            continue
        result = kept[name]
        figures = [f"{key}: {value}" for key, value in result.get("figures", {}).items()]
        told = "passed" if result["passed"] else "**failed**"
        if "tests" in result:
            told += f", {result['tests']} tests"
            told += f", {result['skipped']} skipped" if result["skipped"] else ""
        about = (
            "Every property with ten times its examples."
            if name == PROPERTIES
            else summary_of(files)
        )
        lines.append(
            f"| `{name}` | {about} | {told} | {'; '.join(figures)} |"
            f" {result['commit']} | {result['seconds']:,} |"
        )
    owed = [f"`{name}`" for name in known if name not in kept]
    if owed:
        lines += ["", f"Without a result yet: {', '.join(owed)}."]
    return "\n".join([*lines, ""])


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="")
    asked.add_argument("--data", default="../shared/data")
    options = asked.parse_args()
    known = parts()
    if options.only:
        if options.only not in known:
            print(f"no such part; there are: {', '.join(known)}")
            return 2
        return 0 if prove(options.only, known[options.only], options.data) else 1
    here, kept = commit(), results()
    for name, files in known.items():
        result = kept.get(name)
        state = (
            "missing"
            if result is None
            else f"{'passed' if result['passed'] else 'FAILED'} at {result['commit']}"
            + ("" if result["commit"] == here else ", an older commit")
        )
        print(f"{name:<36}{state:<40}{' '.join(files)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
