"""Reading the corpora of messy files as the product reads them, and counting what came out right."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc

from simplr_core.errors import Invalid
from simplr_core.tidy.reading import RowReader
from simplr_core.tidy.recognition import As, recognise
from simplr_core.tidy.understanding import Understanding

Rows = list[list[str]]
WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "doublequote": '"', "": ""}


@dataclass(frozen=True)
class Read:
    """A file as it was understood, its table as text (the header first, if any), what was put aside."""

    understanding: Understanding
    rows: Rows
    aside: int = 0
    refused: str = ""


def read_file(path: Path, keep_as: As = "auto") -> Read:
    """Recognise the file by itself, with no hint but its name, and read it by what was recognised."""
    content = path.read_bytes()
    try:
        found = recognise(
            io.BytesIO(content),
            name=path.name,
            size=len(content),
            keep_as=keep_as,
            heartbeat=lambda rows: None,
        ).understanding
    except Invalid as error:
        return Read(Understanding(kind="file", media_type=""), [], refused=type(error).__name__)
    if found.kind != "table" or not found.media_type.startswith("text/"):
        return Read(found, [], refused="not-a-table")
    reader = RowReader(io.BytesIO(content), found.encoding, found.dialect, careful=found.careful)
    header = [[cell.strip() for cell in reader.header]] if found.dialect.has_header else []
    body: Rows = []
    aside = 0
    for rows in reader:
        columns = [pc.utf8_trim_whitespace(column).to_pylist() for column in rows.columns]
        body += [list(cells) for cells in zip(*columns, strict=True)]
        aside += len(rows.bad)
    return Read(found, [*header, *body], aside)


def loaded(path: Path) -> Rows | None:
    """The rows for a score: none from an empty file, None where a file was not read as a table."""
    read = read_file(path)
    return None if read.refused and path.stat().st_size else read.rows


def clean_table(path: Path) -> Rows:
    """A table of the corpus that says what a file should give: plain CSV in UTF-8."""
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def spectrum(folder: Path) -> tuple[int, int, list[str]]:
    """How many of the files of csv-spectrum give their expected objects, of how many; faults.

    A text that is expected but stands nowhere in the file cannot be read from it by anybody: that
    is a fault of the corpus, it is named, and that one cell is not compared.
    """
    faults: list[str] = []
    paths = sorted((folder / "csvs").glob("*.csv"))
    right = sum(_is_right(path, folder / "json" / f"{path.stem}.json", faults) for path in paths)
    return right, len(paths), faults


def spectrum_wrong(folder: Path) -> list[str]:
    """The names of the files that do not give their expected objects."""
    paths = sorted((folder / "csvs").glob("*.csv"))
    return [p.name for p in paths if not _is_right(p, folder / "json" / f"{p.stem}.json", [])]


def _is_right(path: Path, objects: Path, faults: list[str]) -> bool:
    expected = json.loads(objects.read_text("utf-8"))
    expected = [expected] if isinstance(expected, dict) else expected
    text = path.read_bytes().decode("utf-8").replace('""', '"')
    header, *body = read_file(path).rows or [[]]
    found = [dict(zip(header, row, strict=True)) for row in body]
    if len(found) != len(expected):
        return False
    for mine, theirs in zip(found, expected, strict=True):
        if set(mine) != set(theirs):
            return False
        for name, value in theirs.items():
            if value not in text:
                faults.append(f"{path.name}: the expected {name} is not in the file")
            elif mine[name] != value:
                return False
    return True


@dataclass(frozen=True)
class DialectScore:
    """How many annotated files have the delimiter, the quote and the escape that people saw."""

    annotated: int
    present: int
    right: int
    other_delimiters: int
    other_right: int
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of all that are annotated; a file that is not there counts as wrong."""
        return round(self.right / self.annotated, 4) if self.annotated else 0.0


def _comma_if_none(path: Path, quote: str) -> str:
    """A comma where a comma would give the same one column, else nothing."""
    text = path.read_bytes().decode("latin-1")
    rows = csv.reader(io.StringIO(text, newline=""), quotechar=quote)
    return "," if all(len(row) < 2 for row in rows) else ""


def w3c_dialects(folder: Path) -> DialectScore:
    """Compare dialects with the annotations: name|encoding|delimiter|quote|escape|line end.

    The annotations say that the quote escapes itself exactly where a doubled quote stands in a
    cell, and call the delimiter of a file of one column a comma, as it might as well be where no
    comma splits a cell. Encoding and line ends are not compared: the files were stored anew since.
    """
    (notes,) = folder.glob("*annotations.txt")
    lines = [line.split("|") for line in notes.read_text("latin-1").splitlines()[2:] if "|" in line]
    present = right = other = other_right = 0
    wrong = []
    for name, _, delimiter, quote, escape, *_ in lines:
        (path,) = list(folder.glob(f"*/{name}")) or [None]
        is_right = False
        if path is not None:
            present += 1
            read = read_file(path)
            dialect = read.understanding.dialect
            doubled = any(dialect.quote and dialect.quote in c for row in read.rows for c in row)
            delimited = dialect.delimiter or _comma_if_none(path, dialect.quote)
            seen = (delimited, dialect.quote, dialect.escape or (doubled and '"') or "")
            is_right = not read.refused and seen == tuple(
                WORDS[word] for word in (delimiter, quote, escape)
            )
            if not is_right:
                wrong.append(f"{name} {seen} {read.refused}")
        right += is_right
        other += delimiter != "comma"
        other_right += is_right and delimiter != "comma"
    return DialectScore(len(lines), present, right, other, other_right, tuple(wrong))
