"""The page of the manual that says what becomes of every file of the corpora, written by `make prove`.

What became of a set is kept in the build folder, so that sets can be sent one at a time.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.clients.becoming import EQUAL, IN_QUARANTINE, KEPT_AS_FILE, OTHER, REFUSED, Became
from tests.clients.expectations import SETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "corpora.md"
KEPT = ROOT / "build" / "corpora.json"
HEAD = """# What becomes of every file of the corpora

Written by `make prove ONLY=corpora`: each file of public corpora, which are not part of Simplr, was sent to a running installation by `simplr put --json --yes`, with no hint but its name and, of a file that only a person knows to be a table, `--as table`. Rows in = rows kept + rows in quarantine was asserted for every table,
and that no process of the installation died. How cells are compared: [messy files](messy-files.md).

| set | files | equal to expected | all rows there, some in quarantine | kept as a file, as expected | refused, as expected | otherwise | rows in quarantine |
|---|---:|---:|---:|---:|---:|---:|---:|
"""
MIDDLE = """
*Expected* are the rows and columns that people wrote down by looking at a file, that the set itself states (its clean version, its expected objects, the records by its annotated dialect), or that Python's csv or json module counts where a file is plain. Rows that a
step of the recipe puts aside (empty rows, a last row of totals) and columns without heading and values that it leaves out are said by that step.
"""


def explained(name: str) -> dict[str, str]:
    """Path below the set -> why the file is right as it is."""
    said = tomllib.loads(Path(__file__).with_name("explained.toml").read_text("utf-8"))
    found: dict[str, str] = said.get(name, {})
    return found


def write(name: str, files: Sequence[Became]) -> None:
    """Keep what became of a set, and make the page anew of all sets that were kept."""
    short = name.removeprefix("messy/")
    refused = [
        f"| {short} | {one.path.name} | `{one.error['code']}` | {one.error['detail']} |"
        for one in files
        if one.error
    ]
    other = [
        f"| {short} | {one.path.name} | {one.words()} | {_why(name, one)} |"
        for one in files
        if one.outcome == OTHER
    ]
    kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    kept[name] = {"row": _row(name, files), "refused": refused, "other": other}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    PAGE.write_text(_page({name: kept[name] for name in SETS if name in kept}), encoding="utf-8")


def _page(found: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [said["row"] for said in found.values()]
    refused = [line for said in found.values() for line in said["refused"]]
    other = [line for said in found.values() for line in said["other"]]
    text = [HEAD.rstrip("\n"), *lines, MIDDLE.rstrip("\n"), "", "## Refused", ""]
    text += ["| set | file | code | what is said |", "|---|---|---|---|", *refused]
    if other:
        text += ["", "## Otherwise, and why", ""]
        text += ["| set | file | rows x columns | why |", "|---|---|---|---|", *other]
    if left := [name.removeprefix("messy/") for name in SETS if name not in found]:
        text += ["", f"Not sent in this run: {', '.join(left)}."]
    return "\n".join([*text, ""])


def _why(name: str, one: Became) -> str:
    return explained(name).get(one.below(name), "")


def _row(name: str, files: Sequence[Became]) -> str:
    n = Counter(one.outcome for one in files)
    aside = sum(one.rows_aside for one in files)
    counts = [n[kind] for kind in (EQUAL, IN_QUARANTINE, KEPT_AS_FILE, REFUSED, OTHER)]
    cells = [name.removeprefix("messy/"), len(files), *counts, f"{aside:,}"]
    return "| " + " | ".join(map(str, cells)) + " |"
