"""Writes `docs/reference/figures.md` from the last `make bench`; without one the page stays.

What was tried where a limit is missed stands here, beside the row that it is about.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "reference" / "figures.md"
TRIED = {
    "query_selective": "texts of few values read as dictionaries and compared once a value, masks "
    "only for rows that pass, row numbers from what Parquet tells of them",
    "stream_arrow": "the same, dates truncated by a table, a larger pipe, frames written at once and "
    "passed on uncopied, a client that takes pieces as they come",
    "page_p95_ms": "one statement for a decision, arrays of ids, counts for the rows of a page alone, "
    "what was received 50 at a time",
}


def page(rows: list[dict[str, Any]]) -> str:
    """The page of figures for the rows of a `build/bench.json`."""
    lines = [
        "# Figures",
        "",
        "Written from the last `make bench` by `make docs`. [What is measured, and how](../explanation/speed.md).",
        "",
        "| row | what is compared | limit | measured | | what was tried |",
        "|---|---|---:|---:|---|---|",
    ]
    for row in rows:
        over = f", over {row['rival']}" if row["rival"] else ""
        met = "met" if row["ratio"] <= row["limit"] else "missed"
        lines.append(
            f"| `{row['name']}` | {row['what']}{over} | {row['limit']:g} | {row['ratio']:g} "
            f"| {met} | {TRIED.get(row['name'], '')} |"
        )
    return "\n".join([*lines, ""])


def write() -> None:
    """Write the page again, where there are figures."""
    if BENCH.exists():
        PAGE.write_text(page(json.loads(BENCH.read_text())), encoding="utf-8")


if __name__ == "__main__":
    write()
