"""The full counts, kills and loads: `make prove ONLY=name`; without a name, what is missing.

A part is the tests that carry `@pytest.mark.prove` in one folder or file. It runs the same code as
`make test` with bigger named numbers, at most 45 minutes, and its result is kept in
`build/prove.json` with the commit.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "prove.json"
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


def results() -> dict[str, dict[str, object]]:
    if not RESULTS.exists():
        return {}
    kept: dict[str, dict[str, object]] = json.loads(RESULTS.read_text())
    return kept


def prove(name: str, files: list[str], data: str) -> bool:
    """Run one part and keep its result; True when it passed."""
    began = time.monotonic()
    environment = {**os.environ, "SIMPLR_TEST_DATA": str(Path(data).resolve()), "SIMPLR_PROVE": "1"}
    which = ["-n", "2", "-m", "hypothesis and not prove"] if name == PROPERTIES else ["-m", "prove"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *which, "-v", *files],
        cwd=ROOT,
        env=environment,
        timeout=MOST_SECONDS,
        check=False,
    )
    kept = results()
    kept[name] = {
        "commit": commit(),
        "passed": done.returncode == 0,
        "seconds": round(time.monotonic() - began),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1))
    return done.returncode == 0


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
