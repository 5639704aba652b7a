"""Ratios against what a user would pick instead: `make bench`, `make bench ONLY=name`.

Each row runs ours and theirs interleaved, several times, as whole processes, and keeps medians of
processor seconds and of peak memory. A row that is about a server measures itself: it says what was
compared, in its own unit. A figure is a ratio, or itself where there is no rival; a row fails only
against its own limit. The rows go to `build/bench.json` and a table a person can read.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3


@dataclass(frozen=True)
class Row:
    """One figure: what ours costs over what the rival costs, for the same work."""

    name: str
    what: str
    rival: str
    limit: float
    most_mb: float = 0.0
    """What ours may take of memory at most; 0 for no bound."""
    unit: str = "s"
    by_itself: bool = False
    """It measures itself, in a process of its own: it is about a server, not about one work."""
    ours: float = 0.0
    theirs: float | None = None
    ratio: float = 0.0
    ours_peak_mb: float = 0.0
    theirs_peak_mb: float = 0.0
    detail: dict[str, Any] = field(default_factory=dict)
    """What else was counted: statements, seconds by the clock, a figure for each page."""


ROWS_OF_BENCH = (
    Row("seal_file", "seal a 200 MB file, BLAKE3 and SHA-256 with it", "cp and sha256sum", 4.0),
    Row("open_file", "open it again, every byte proven", "cp", 6.0),
    Row(
        "intake", "recognise, type, profile, check, seal a CSV", "pandas read_csv, to_parquet", 3.0
    ),
    Row(
        "intake_1gb",
        "1 GB: recognise, tidy, type, profile, check, seal",
        "DuckDB COPY (FROM read_csv) TO parquet (zstd)",
        2.5,
        most_mb=1500,
    ),
    Row("deliver_csv", "a masked release as CSV", "pandas read_parquet, to_csv", 1.5),
    Row("seal_1gib", "seal 1 GiB, BLAKE3 with it", "cp --reflink=never", 1.9, by_itself=True),
    Row(
        "query_selective",
        "two fields of the rows that pass, from a sealed table",
        "DuckDB on the same plain Parquet",
        1.6,
        by_itself=True,
    ),
    Row(
        "stream_arrow",
        "a masked release of 1,000,000 rows to the client, over HTTP",
        "pyarrow on the same plain Parquet, here",
        3.0,
        by_itself=True,
    ),
    Row(
        "permission_ms",
        "what token and decision add to a request",
        "the same request that nobody guards",
        9.0,
        unit="ms",
        by_itself=True,
    ),
    Row(
        "r_read",
        "R reads 1,000,000 rows of fifteen fields",
        "fread of the same rows in a file",
        3.0,
        by_itself=True,
    ),
    Row(
        "page_p95_ms",
        "the slowest page of 100,000 resources, 10,000 people, 1,000,000 grants",
        "",
        300.0,
        unit="ms",
        by_itself=True,
    ),
)


def run(script: str, which: str, folder: Path) -> dict[str, Any]:
    """What one whole process says of its work."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "works.py"), script, which, str(folder)],
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT))),
            "OPENBLAS_NUM_THREADS": "1",
        },
        timeout=1800,
    )
    if done.returncode != 0:
        sys.exit(f"{script} {which} failed:\n{done.stderr[-3000:]}")
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def measure(script: str, which: str, folder: Path) -> tuple[float, float]:
    """Seconds of processor time and peak megabytes of one whole process."""
    facts = run(script, which, folder)
    return float(facts["seconds"]), float(facts["peak_mb"])


def measured_by_itself(row: Row, folder: Path) -> Row:
    """A row that says what it found: `ours`, `theirs`, perhaps its limit, what else was counted."""
    facts = run(row.name, "both", folder)
    ours, theirs = facts["ours"], facts["theirs"]
    return replace(
        row,
        ours=round(ours, 3),
        theirs=None if theirs is None else round(theirs, 3),
        ratio=round(ours if theirs is None else ours / theirs, 2),
        limit=round(facts.get("limit", row.limit), 2),
        detail=facts["detail"],
    )


def bench(row: Row, folder: Path) -> Row:
    """Run one row, interleaved, and return it with its medians."""
    if row.by_itself:
        return measured_by_itself(row, folder)
    ours, theirs = [], []
    measure(row.name, "prepare", folder)
    for _ in range(ROUNDS):
        ours.append(measure(row.name, "ours", folder))
        theirs.append(measure(row.name, "theirs", folder))
    own, other = (statistics.median(pair[0] for pair in runs) for runs in (ours, theirs))
    return replace(
        row,
        ours=round(own, 3),
        theirs=round(other, 3),
        ratio=round(own / other, 2),
        ours_peak_mb=round(statistics.median(pair[1] for pair in ours)),
        theirs_peak_mb=round(statistics.median(pair[1] for pair in theirs)),
    )


def line_of(row: Row) -> str:
    """One line of the table."""
    theirs = "" if row.theirs is None else f"{row.theirs:.2f}"
    over = "" if row.theirs is None else f", over {row.rival}"
    return (
        f"{row.name:<16}{row.ours:>9.2f}{theirs:>9} {row.unit:<3}{row.ratio:>8.2f}{row.limit:>8.1f}"
        f"{row.ours_peak_mb:>9.0f}{row.theirs_peak_mb:>8.0f}   {row.what}{over}"
    )


def main() -> int:
    """Print the table, write the file, fail when a row is over its limit."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default="")
    asked.add_argument("--data", default="")
    options = asked.parse_args()
    wanted = [row for row in ROWS_OF_BENCH if options.only in {"", row.name}]
    if not wanted:
        print(f"no such row; there are: {', '.join(row.name for row in ROWS_OF_BENCH)}")
        return 2
    done = []
    print(
        f"{'row':<16}{'ours':>9}{'theirs':>9}    {'ratio':>8}{'limit':>8}{'peak MB':>9}{'theirs':>8}"
    )
    if options.data:
        os.environ.setdefault("SIMPLR_TEST_DATA", str(Path(options.data).resolve()))
    with tempfile.TemporaryDirectory() as name:
        for row in wanted:
            if row.name == "intake_1gb" and not os.environ.get("SIMPLR_TEST_DATA"):
                print(f"{row.name:<16}   not run: it grows a real file, `--data` says where it is")
                continue
            found = bench(row, Path(name))
            done.append(found)
            print(line_of(found), flush=True)
            for name, value in found.detail.items():
                print(f"    {name:<40}{value:>10}")
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    known = {row["name"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    known.update({row.name: asdict(row) for row in done})
    path.write_text(json.dumps(list(known.values()), indent=1))
    over = [row for row in done if row.ratio > row.limit]
    too_large = [row for row in done if row.most_mb and row.ours_peak_mb > row.most_mb]
    return int(bool(over or too_large))


if __name__ == "__main__":
    sys.exit(main())
