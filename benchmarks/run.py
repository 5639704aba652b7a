"""Ratios against what a user would pick instead: `make bench`, `make bench ONLY=name`.

Each row runs ours and theirs interleaved, several times, as whole processes, and keeps medians of
seconds and of peak memory. A figure is a ratio; a row fails only against its own limit. The rows
go to `build/bench.json` and a table a person can read.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

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
    ours: float = 0.0
    theirs: float = 0.0
    ratio: float = 0.0
    ours_peak_mb: float = 0.0
    theirs_peak_mb: float = 0.0


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
)


def measure(script: str, which: str, folder: Path) -> tuple[float, float]:
    """Seconds of processor time and peak megabytes of one whole process."""
    watcher = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "works.py"), script, which, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OPENBLAS_NUM_THREADS": "1"},
        timeout=600,
    )
    facts = json.loads(watcher.stdout.splitlines()[-1])
    return float(facts["seconds"]), float(facts["peak_mb"])


def bench(row: Row, folder: Path) -> Row:
    """Run one row, interleaved, and return it with its medians."""
    ours, theirs = [], []
    measure(row.name, "prepare", folder)
    for _ in range(ROUNDS):
        ours.append(measure(row.name, "ours", folder))
        theirs.append(measure(row.name, "theirs", folder))
    own, other = (statistics.median(pair[0] for pair in runs) for runs in (ours, theirs))
    return Row(
        row.name,
        row.what,
        row.rival,
        row.limit,
        row.most_mb,
        ours=round(own, 3),
        theirs=round(other, 3),
        ratio=round(own / other, 2),
        ours_peak_mb=round(statistics.median(pair[1] for pair in ours)),
        theirs_peak_mb=round(statistics.median(pair[1] for pair in theirs)),
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
        f"{'row':<14}{'ours s':>9}{'theirs s':>10}{'ratio':>8}{'limit':>8}{'peak MB':>9}{'theirs':>8}"
    )
    if options.data:
        os.environ.setdefault("SIMPLR_TEST_DATA", str(Path(options.data).resolve()))
    with tempfile.TemporaryDirectory() as name:
        for row in wanted:
            if row.name == "intake_1gb" and not os.environ.get("SIMPLR_TEST_DATA"):
                print(f"{row.name:<14}   not run: it grows a real file, `--data` says where it is")
                continue
            found = bench(row, Path(name))
            done.append(found)
            print(
                f"{found.name:<14}{found.ours:>9.2f}{found.theirs:>10.2f}{found.ratio:>8.2f}"
                f"{found.limit:>8.1f}{found.ours_peak_mb:>9.0f}{found.theirs_peak_mb:>8.0f}"
                f"   {found.what}, over {found.rival}"
            )
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
