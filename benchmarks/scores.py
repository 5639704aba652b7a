"""Quality on real data: `make scores DATA=folder` writes `build/scores.json`, name: value.

The data folder is an argument, so other cases of the same kinds, laid out alike, are scored by
the same command. The product never knows a file's name; what is scored is found by its columns.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from simplr_core.tidy.recognition import recognise  # noqa: E402

LARGEST = 64 << 20


def tables(folder: Path) -> Iterator[Path]:
    """Every CSV below the folder that is not too large for a quick score."""
    for path in sorted(folder.rglob("*.csv")):
        if path.stat().st_size < LARGEST:
            yield path


def rows_by_csv_module(content: bytes) -> int | None:
    """Records after the header by Python's own reader; None where it cannot read the text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return max(0, sum(1 for row in csv.reader(io.StringIO(text, newline="")) if row) - 1)


def score_counts(folder: Path) -> dict[str, float]:
    """How many files have in = kept + quarantined, and as many rows as the csv module counts."""
    seen = whole = equal = compared = 0
    for path in tables(folder):
        content = path.read_bytes()
        found = recognise(
            io.BytesIO(content),
            name="table.csv",
            size=len(content),
            keep_as="auto",
            heartbeat=lambda rows: None,
        ).understanding
        if found.kind != "table":
            continue
        seen += 1
        counts = found.counts
        whole += counts.rows_in == counts.kept + counts.quarantined_rows
        expected = rows_by_csv_module(content)
        if expected is not None:
            compared += 1
            equal += counts.rows_in == expected
    return {
        "tables_seen": seen,
        "tables_in_equals_out": round(whole / seen, 4) if seen else 0.0,
        "tables_rows_as_csv_module": round(equal / compared, 4) if compared else 0.0,
    }


def main() -> int:
    """Print a table and write the file. A folder that is missing is said, and is no score."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", required=True)
    folder = Path(asked.parse_args().data) / "municipal"
    if not folder.is_dir():
        print(f"no data at {folder}: give another folder, make scores DATA=folder")
        return 1
    scores = score_counts(folder)
    for name, value in scores.items():
        print(f"{name:<28}{value:>10}")
    path = ROOT / "build" / "scores.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(scores, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
