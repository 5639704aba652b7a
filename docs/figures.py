"""Writes `docs/reference/figures.md` from the last measurement of each row of `make bench`.

They are kept in `figures.json` beside the page, so that measuring one row leaves the others there.
What was tried where a limit is missed stands here, beside the row that it is about.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "reference" / "figures.md"
KEPT = PAGE.with_suffix(".json")
TRIED = {
    "page_p95_ms": "one statement for a decision, arrays of ids, what was received 50 at a time, grants found by indexes, what somebody reaches found once an "
    "answer, counts that follow their page (uses, month, bell); over 300 ms are the home page (316 to "
    "349), a frequent word in 100,000 titles (399 to 440) and the ledger's month, which follows its page "
    "(349); all others are under",
    "r_read": "parts of 6 MB, escaped texts put right once each",
    "query_selective": "texts of few values read as dictionaries and compared once a value, masks "
    "only for rows that pass, row numbers from what Parquet tells of them",
    "stream_arrow": "the same, dates truncated by a table, a larger pipe, frames written at once and "
    "passed on uncopied, a client that takes pieces as they come",
}


def page(rows: list[dict[str, Any]]) -> str:
    """The page of figures for the rows of a `build/bench.json`."""
    lines = [
        "# Figures",
        "",
        "Written by `make docs` from what `make bench` measured last. [What is measured, and how](../explanation/speed.md).",
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
    """Take in what was measured here, if anything was, and write the page again."""
    rows = {row["name"]: row for row in json.loads(KEPT.read_text(encoding="utf-8"))}
    if BENCH.exists():
        rows.update({row["name"]: row for row in json.loads(BENCH.read_text(encoding="utf-8"))})
    found = [rows[name] for name in sorted(rows)]
    KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    write()
