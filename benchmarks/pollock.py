"""The score of the Pollock benchmark: how much of a polluted file's table a reader brings back.

The measure is that of Vitagliano et al., "Pollock: A Data Loading Benchmark", PVLDB 16(8), 2023,
as its artefact computes it (github.com/HPI-Information-Systems/Pollock, evaluate.py and
pollock/metrics.py): for every polluted file there is a clean table, and ten figures from 0 to 1.

- success: the file was loaded at all; where it was not, the other nine are 0;
- header: the cells of the first row, as bags: precision, recall and their F1;
- record: the rows below, each one text of its cells without anything between them: the same three;
- cell: every cell of the table, header included: the same three.

Header and records are compared after each cell is normalised (numbers, times, dates and prices in
one form, the rest in lower case); cells of the third group as they are. Where the clean table is
empty all are 1. The simple score is the sum of the ten means over the files, from 0 to 10. The
paper calls precision what is found over what was expected; that changes no sum.

Written anew from that description. The paper's normalisation rests on libraries that guess more
forms of dates and prices; both sides of a comparison pass through the same function here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb

Rows = list[list[str]]
Loader = Callable[[Path], Rows | None]
"""Reads a file without hints: its rows, the header first where it has one; None for a failure."""

_DAY = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[ T](.*))?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
_PRICE = re.compile(r"([$€£])\s?(\d+(?:\.\d+)?)")
_MADE_UP = re.compile(r"column\d+")


def normalised(cell: str) -> str:
    """One form for the numbers, times, dates and prices that a reader may have typed."""
    text = cell.strip()
    if text in ("True", "true"):
        return "1"
    if text in ("False", "false"):
        return "0"
    for number in (int, float):
        try:
            return str(number(text))
        except ValueError:
            pass
    if found := _TIME.fullmatch(text):
        return f"{int(found[1]):02}:{found[2]}:{found[3] or '00'}"
    if found := _PRICE.fullmatch(text):
        return f"{found[1]}{float(found[2])}"
    return _day(text) or cell.lower()


def _day(text: str) -> str:
    found = _DAY.fullmatch(text)
    if not found:
        return ""
    first, second, third = int(found[1]), int(found[2]), int(found[3])
    year, month, day = (first, second, third) if len(found[1]) == 4 else (third, first, second)
    if month > 12:
        month, day = day, month
    return f"{year}-{month:02}-{day:02}"


def _three(expected: Iterable[str], loaded: Iterable[str]) -> tuple[float, float, float]:
    expected_bag, loaded_bag = Counter(expected), Counter(loaded)
    common = (expected_bag & loaded_bag).total()
    if not expected_bag:
        return 1.0, 1.0, 1.0
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / expected_bag.total(), common / loaded_bag.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def score_of_file(expected: Rows, loaded: Rows | None) -> float:
    """The sum of the ten figures of one file."""
    if loaded is None:
        return 0.0
    if not expected:
        return 10.0
    header = _three(map(normalised, expected[0]), map(normalised, loaded[0] if loaded else ()))
    records = _three(_records(expected), _records(loaded))
    cells = _three((c for row in expected for c in row), (c for row in loaded for c in row))
    return 1.0 + sum(header) + sum(records) + sum(cells)


def _records(rows: Rows) -> list[str]:
    return ["".join(map(normalised, row)) for row in rows[1:]]


def scores_of(folder: Path, load: Loader, clean: Callable[[Path], Rows]) -> dict[str, float]:
    """The score of every polluted file of the folder, by name."""
    return {
        path.name: score_of_file(clean(folder / "clean" / path.name), load(path))
        for path in sorted((folder / "csv").iterdir())
    }


def simple_score(scores: dict[str, float]) -> float:
    """The published simple score: 0 to 10."""
    return round(sum(scores.values()) / len(scores), 4) if scores else 0.0


def duckdb_auto(path: Path, *, typed: bool = True) -> Rows | None:
    """What DuckDB reads by itself, with the options of the published run of its automatic mode.

    Names that DuckDB made up are left out: the file has no header then. Without `typed` every
    column is read as text, which is kinder to it: no date comes back in another form.
    """
    options = "strict_mode=false, ignore_errors=true, null_padding=true"
    if not typed:
        options += ", all_varchar=true"
    try:
        with duckdb.connect() as connection:
            found = connection.execute(f"FROM read_csv(?, {options})", [str(path)])
            names = [column[0] for column in found.description or ()]
            body = [[_shown(value) for value in row] for row in found.fetchall()]
    except duckdb.Error:
        return None
    return body if all(map(_MADE_UP.fullmatch, names)) else [names, *body]


def _shown(value: object) -> str:
    return "" if value is None else str(value)
