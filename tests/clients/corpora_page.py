"""The page of the manual that says what becomes of every file of the corpora, written by `make prove`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.clients.becoming import EQUAL, IN_QUARANTINE, KEPT_AS_FILE, OTHER, REFUSED, Became
from tests.clients.expectations import SETS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "corpora.md"
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


def write(found: Mapping[str, Sequence[Became]]) -> None:
    """The page, made anew."""
    lines = [_row(name, files) for name, files in found.items()]
    refused = [
        f"| {name.removeprefix('messy/')} | {one.path.name} | `{one.error['code']}` | {one.error['detail']} |"
        for name, files in found.items()
        for one in files
        if one.error
    ]
    other = [
        f"| {name.removeprefix('messy/')} | {one.path.name} | {one.words()} | {_why(name, one)} |"
        for name, files in found.items()
        for one in files
        if one.outcome == OTHER
    ]
    text = [HEAD.rstrip("\n"), *lines, MIDDLE.rstrip("\n"), "", "## Refused", ""]
    text += ["| set | file | code | what is said |", "|---|---|---|---|", *refused]
    if other:
        text += ["", "## Otherwise, and why", ""]
        text += ["| set | file | rows x columns | why |", "|---|---|---|---|", *other]
    if left := [name.removeprefix("messy/") for name in SETS if name not in found]:
        text += ["", f"Not sent in this run: {', '.join(left)}."]
    PAGE.write_text("\n".join([*text, ""]), encoding="utf-8")


def _why(name: str, one: Became) -> str:
    return explained(name).get(one.below(name), "")


def _row(name: str, files: Sequence[Became]) -> str:
    n = Counter(one.outcome for one in files)
    aside = sum(one.rows_aside for one in files)
    counts = [n[kind] for kind in (EQUAL, IN_QUARANTINE, KEPT_AS_FILE, REFUSED, OTHER)]
    cells = [name.removeprefix("messy/"), len(files), *counts, f"{aside:,}"]
    return "| " + " | ".join(map(str, cells)) + " |"
