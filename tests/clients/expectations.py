"""What a file of the corpora should give, said by others: people, its set, or Python's own modules."""

from __future__ import annotations

import csv
import io
import json
import os
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

SHAPES = Path(__file__).resolve().parents[1] / "unit" / "tidy"
WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "": None}
MARKS = {"doublequote": '"', "singlequote": "'", "": '"'}
OURS = ("SOURCE.txt", "SOURCE_amplify.txt", "amplify.py")
"""What whoever gathered the sets wrote about them."""


@dataclass(frozen=True)
class Shape:
    """A table: the rows below its header, and its columns."""

    rows: int
    columns: int
    aside: int = 0
    """Rows beside them that belong to no table."""
    counted: str = "rows"
    """What `rows` counts: the rows alone, those of a clean `table` with one row of names, or every
    `record` of the file, those above the table and the names too."""


@dataclass(frozen=True)
class Expected:
    """The tables of a file; none of one that is kept as it is; `refused` is the code that says why."""

    by: str
    tables: tuple[Shape, ...] = ()
    refused: str = ""
    as_: str = "auto"


BY_A_PERSON = "a person who looked at it"
BY_CSV = "Python's csv module"
BY_JSON = "Python's json module"
BY_ITSELF = "what the file says of itself"
BY_THE_SET = "the set itself"
SETS = (
    *("municipal", "messy/csv_spectrum", "messy/pollock_polluted_dev", "messy/w3c_csvw"),
    *("messy/tabulator", "messy/messytables_horror", "messy/dataprofiler"),
    *("messy/cms_excel_merged_headers", "messy/bikes_montreal_latin1"),
)


def expected_of(folder: Path) -> Iterator[tuple[Path, Expected]]:
    """Every file of a set with what should become of it."""
    seen = _ByPeople(folder)
    annotated = _annotated(folder)
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in OURS:
            continue
        yield path, seen.expected(path) or _expected(path, folder, annotated)


def _expected(path: Path, folder: Path, annotated: dict[str, Expected]) -> Expected:
    if path.name in annotated:
        return annotated[path.name]
    if path.parent.name == "csv" and (clean := folder / "clean" / path.name).exists():
        return Expected(BY_THE_SET, _all(_records(clean.read_text("utf-8-sig")), "table"))
    if (objects := folder / "json" / f"{path.stem}.json").exists() and path.suffix == ".csv":
        return Expected(BY_THE_SET, _of_objects(json.loads(objects.read_text("utf-8"))))
    if path.read_bytes()[:4] == b"PAR1":
        stored = pq.ParquetFile(path).metadata
        return Expected(BY_ITSELF, (Shape(stored.num_rows, stored.num_columns),))
    if path.suffix == ".json":
        return Expected(BY_JSON, _of_objects(json.loads(path.read_text("utf-8"))))
    if path.suffix == ".zip":
        return Expected(BY_CSV, _of_members(path))
    if path.suffix == ".csv":
        return Expected(BY_CSV, _plain(path.read_bytes(), ","))
    if path.suffix == ".txt" and b"\t" in path.read_bytes()[:1000]:
        return Expected(BY_CSV, _plain(path.read_bytes(), "\t"))
    return Expected("its kind: no table")


def _records(text: str, **options: Any) -> list[list[str]]:
    csv.field_size_limit(1 << 30)
    return [row for row in csv.reader(io.StringIO(text, newline=""), **options) if row]


def _all(rows: list[list[str]], counted: str = "record") -> tuple[Shape, ...]:
    """All that was read of a file; the columns are those that most of it has."""
    if not rows:
        return ()
    (width, _), *_ = Counter(map(len, rows)).most_common(1)
    return (Shape(len(rows), width, counted=counted),)


def _plain(content: bytes, delimiter: str) -> tuple[Shape, ...]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    return _all(_records(text, delimiter=delimiter))


def _of_members(path: Path) -> tuple[Shape, ...]:
    with zipfile.ZipFile(path) as archive:
        return tuple(
            shape for name in archive.namelist() for shape in _plain(archive.read(name), ",")
        )


def _of_objects(found: Any) -> tuple[Shape, ...]:
    """Records: a list of them, or one with lists of its own, each of which is a table too."""
    if isinstance(found, list):
        names = dict.fromkeys(name for record in found for name in _flat(record))
        return (Shape(len(found), len(names)),)
    lists = [value for value in found.values() if isinstance(value, list)]
    single = list(_flat({k: v for k, v in found.items() if not isinstance(v, list)}))
    # Single values of one object are a row; each list in it is a table of its own.
    own = (Shape(1, len(single)),) if single else ()
    return (*own, *(Shape(len(values), 1) for values in lists if values))


def _flat(record: Any, above: str = "") -> Iterator[str]:
    if isinstance(record, dict):
        for name, value in record.items():
            yield from _flat(value, f"{above}{name}.")
    else:
        yield above.removesuffix(".")


def _annotated(folder: Path) -> dict[str, Expected]:
    """By name, the records that the csv module counts by an annotated dialect."""
    notes = next(iter(folder.glob("*annotations.txt")), None)
    if notes is None:
        return {}
    found = {}
    for line in notes.read_text("latin-1").splitlines()[2:]:
        name, _, delimiter, quote, escape, *_ = [*line.split("|"), "", "", ""]
        path = next(iter(folder.glob(f"*/{name}")), None)
        if not name or path is None:
            continue
        options: dict[str, Any] = {"delimiter": WORDS[delimiter], "quotechar": MARKS[quote]}
        if escape not in ("", quote):
            options["escapechar"] = "\\"
        text = path.read_bytes().decode("utf-8-sig", "replace")
        found[name] = Expected(BY_THE_SET, _all(_records(text, **options)))
    return found


class _ByPeople:
    """The lists of shapes that people wrote down by looking at each file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        plain = tomllib.loads((SHAPES / "expected_shapes.toml").read_text("utf-8"))
        others = tomllib.loads((SHAPES / "formats" / "expected_shapes.toml").read_text("utf-8"))
        self._plain: dict[str, Any] = plain.get(folder.name, {})
        messy = folder.parents[0] if folder.parent.name == "messy" else folder.parent / "messy"
        self._others = {os.path.normpath(messy / one["path"]): one for one in others["file"]}

    def expected(self, path: Path) -> Expected | None:
        """What a person saw in it, if one looked at it."""
        other = self._others.get(os.path.normpath(path))
        if other is not None:
            return Expected(
                BY_A_PERSON,
                tuple(
                    Shape(table["rows"], table["columns"], table.get("aside", 0))
                    for table in other.get("tables", ())
                ),
                other.get("refused", ""),
            )
        shape = self._plain.get(str(path.relative_to(self._folder)))
        if shape is None:
            return None
        if shape.get("file"):
            return Expected(BY_A_PERSON)
        only = Shape(shape["kept"], shape["columns"], shape.get("aside", 0))
        return Expected(BY_A_PERSON, (only,), as_=shape.get("as", "auto"))
