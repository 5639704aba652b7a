"""What becomes of every delimited file of the messy corpora: the table of the manual.

`make scores` writes it to docs/reference/messy-files.md. Equal means: the shape that a person wrote
down, the expected objects, the clean table, or the annotated dialect, whichever the corpus has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import corpora
import pollock
from tests.unit.tidy.test_expected_shapes import SHAPES, shape_of, understood

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "messy-files.md"
NEARLY_TEN = 9.9


@dataclass
class Outcome:
    """One corpus: how many files, and what became of them."""

    corpus: str
    expected: str
    files: int = 0
    equal: int = 0
    with_quarantine: int = 0
    rows_aside: int = 0
    kept_as_file: Counter[str] = field(default_factory=Counter)

    def add(self, path: Path, read: corpora.Read, *, equal: bool) -> None:
        self.files += 1
        self.equal += equal
        self.with_quarantine += read.aside > 0
        self.rows_aside += read.aside
        if read.refused:
            self.kept_as_file["empty" if not path.stat().st_size else "no table in it"] += 1


def by_shapes(corpus: str, folder: Path) -> Outcome:
    """A corpus whose shapes a person wrote down."""
    found = Outcome(corpus, "shape written down by a person")
    for name, shape in SHAPES[corpus].items():
        wanted: dict[str, Any] = {"aside": 0, "header": 1, "preamble": 0} | shape
        options = {"keep_as": wanted.pop("as")} if "as" in wanted else {}
        wanted = {"file": True} if wanted.get("file") else wanted
        path = folder / name
        read = corpora.read_file(path, **options)
        equal = shape_of(understood(path, **options), wanted) == wanted
        found.add(path, read, equal=equal)
    return found


def by_tables(
    corpus: str, expected: str, paths: Iterable[Path], is_equal: Callable[[Path], bool]
) -> Outcome:
    """A corpus whose expected tables or dialects are compared file by file."""
    found = Outcome(corpus, expected)
    for path in paths:
        found.add(path, corpora.read_file(path), equal=is_equal(path))
    return found


def outcomes(messy: Path) -> list[Outcome]:
    """Every corpus of the folder that is there."""
    spectrum, polluted = messy / "csv_spectrum", messy / "pollock_polluted_dev"
    wrong = {entry.split(" ")[0] for entry in corpora.w3c_dialects(messy / "w3c_csvw").wrong}
    faulty = set(corpora.spectrum_wrong(spectrum))
    return [
        *(by_shapes(corpus, messy / corpus) for corpus in SHAPES),
        by_tables(
            "csv_spectrum",
            "every cell",
            sorted((spectrum / "csvs").glob("*.csv")),
            lambda path: path.name not in faulty,
        ),
        by_tables(
            "pollock_polluted_dev",
            f"the clean table, to a score of {NEARLY_TEN} of 10 or more",
            sorted((polluted / "csv").iterdir()),
            lambda path: (
                pollock.score_of_file(
                    corpora.clean_table(polluted / "clean" / path.name), corpora.loaded(path)
                )
                >= NEARLY_TEN
            ),
        ),
        by_tables(
            "w3c_csvw",
            "delimiter, quote and escape as annotated",
            sorted((messy / "w3c_csvw").glob("*/*.*")),
            lambda path: path.name not in wrong,
        ),
    ]


def write_page(found: list[Outcome], scores: dict[str, float]) -> None:
    """The page of the manual, made anew."""
    lines = [
        "# How messy files are read",
        "",
        "Written by `make scores` from public corpora of messy files, which are not part of Simplr. How it is decided: [taking in](../explanation/taking-in.md).",
        "",
        "| corpus | files | equal to expected | expected is | files with rows in quarantine (rows) | kept as a file, and why |",
        "|---|---:|---:|---|---:|---|",
    ]
    for one in found:
        why = ", ".join(f"{n} {reason}" for reason, n in sorted(one.kept_as_file.items())) or "none"
        lines.append(
            f"| {one.corpus} | {one.files} | {one.equal} | {one.expected} "
            f"| {one.with_quarantine} ({one.rows_aside}) | {why} |"
        )
    lines += [
        "",
        "Rows in = rows kept + rows in quarantine holds for each of them. Files that hold no table (prose, program text) are kept as files, as expected.",
        "",
        "| score | ours | DuckDB by itself | DuckDB, typing nothing |",
        "|---|---:|---:|---:|",
        f"| Pollock, simple, of 10 | {scores['pollock_simple']} | {scores['pollock_duckdb_auto']} | {scores['pollock_duckdb_text']} |",
        "",
        f"Of {scores['w3c_dialect_annotated']} annotated dialects of the W3C's files {scores['w3c_dialect_right']} are right; the others are not in the corpus at hand. Of the {scores['csv_spectrum_files']} files of csv-spectrum {scores['csv_spectrum']} are right; in "
        f"{scores['csv_spectrum_faults']} of them one expected text stands nowhere in the file, and that cell is not compared.",
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
