"""Quality on real data: `make scores DATA=folder` writes `build/scores.json`, name: value.

The data folder is an argument, so other cases of the same kinds, laid out alike, are scored by
the same command. The product never knows a file's name; what is scored is found by its columns.
"""

from __future__ import annotations

import argparse
import csv
import functools
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import corpora  # noqa: E402
import outcomes  # noqa: E402
import pollock  # noqa: E402
import unusual  # noqa: E402

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


def score_spectrum(folder: Path) -> dict[str, float]:
    """`csv_spectrum`: files of 12 whose cells are all as expected; faults of the corpus are named."""
    right, total, faults = corpora.spectrum(folder)
    for fault in faults:
        print(f"csv_spectrum, a fault of the corpus: {fault}")
    return {"csv_spectrum": right, "csv_spectrum_files": total, "csv_spectrum_faults": len(faults)}


def score_pollock(folder: Path) -> dict[str, float]:
    """`pollock_simple` of what is kept as a table, `pollock_duckdb_auto` on the same files.

    `pollock_duckdb_text` is kinder to DuckDB than the published run: it types nothing.
    """
    loaders: dict[str, pollock.Loader] = {
        "pollock_simple": corpora.loaded,
        "pollock_duckdb_auto": pollock.duckdb_auto,
        "pollock_duckdb_text": functools.partial(pollock.duckdb_auto, typed=False),
    }
    return {
        name: pollock.simple_score(pollock.scores_of(folder, load, corpora.clean_table))
        for name, load in loaders.items()
    }


def score_dialects(folder: Path) -> dict[str, float]:
    """`w3c_dialect`: the share of annotated files; those that are not in the folder count as wrong."""
    found = corpora.w3c_dialects(folder)
    for name in found.wrong:
        print(f"w3c_dialect, wrong: {name}")
    return {
        "w3c_dialect": found.share,
        "w3c_dialect_right": found.right,
        "w3c_dialect_annotated": found.annotated,
        "w3c_dialect_present": found.present,
        "w3c_dialect_not_comma": found.other_right / max(1, found.other_delimiters),
    }


SCORES: tuple[tuple[str, Callable[[Path], dict[str, float]]], ...] = (
    ("municipal", score_counts),
    ("messy/csv_spectrum", score_spectrum),
    ("messy/pollock_polluted_dev", score_pollock),
    ("messy/w3c_csvw", score_dialects),
)
"""A folder below the data folder, and what is computed from it."""


def main() -> int:
    """Print a table and write the file. A folder that is missing is said, and is no score."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", required=True)
    data = Path(asked.parse_args().data)
    scores: dict[str, float] = {}
    missing = []
    for name, score in SCORES:
        if not (data / name).is_dir():
            missing.append(name)
            print(f"no data at {data / name}: give another folder, make scores DATA=folder")
            continue
        scores |= score(data / name)
    scores |= unusual.scores()
    for name, value in scores.items():
        print(f"{name:<28}{value:>10}")
    path = ROOT / "build" / "scores.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(scores, indent=1))
    if missing:
        return 1
    outcomes.write_page(outcomes.outcomes(data / "messy"), scores)
    return 0


if __name__ == "__main__":
    sys.exit(main())
