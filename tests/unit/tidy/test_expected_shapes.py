"""Every delimited file of four corpora has the shape that a person wrote down by looking at it."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simplr_core.tidy.recognition import recognise
from simplr_core.tidy.understanding import FieldUnderstanding, Understanding

RealFile = Callable[[str], Path]
SHAPES: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("expected_shapes.toml").read_text("utf-8")
)
OTHER_FORMATS = {
    *(".xls", ".xlsx", ".xlsm", ".ods", ".json", ".ndjson", ".html", ".zip", ".gz", ".md"),
    *(".avro", ".parquet"),
}
FOLDERS_OF_OTHER_FORMATS = {"avro", "json", "parquet"}
"""Whatever the files in there are called."""
EVERY_FILE = [(corpus, name) for corpus, files in SHAPES.items() for name in files]


def test_every_shape_says_the_type_of_every_column() -> None:
    for files in SHAPES.values():
        for name, shape in files.items():
            if not shape.get("file"):
                assert len(shape["types"]) == shape["columns"], name
                assert set(shape["types"]) <= set("tidbDTM"), name


@pytest.mark.parametrize("corpus", list(SHAPES))
def test_no_delimited_file_of_the_corpus_is_left_out(real_file: RealFile, corpus: str) -> None:
    folder = real_file(f"messy/{corpus}/SOURCE.txt").parent

    delimited = {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SOURCE.txt" and path.suffix not in OTHER_FORMATS
        if path.parent.name not in FOLDERS_OF_OTHER_FORMATS
    }

    assert delimited <= set(SHAPES[corpus])
    assert set(SHAPES[corpus]) - delimited <= {n for n in SHAPES[corpus] if "mislabled" in n}


LETTERS = {
    **{"text": "t", "category": "t", "integer": "i", "decimal": "d"},
    **{"boolean": "b", "date": "D", "time": "T", "datetime": "M"},
}


def letter_of(found: FieldUnderstanding) -> str:
    return LETTERS[found.field.type.value]


def understood(path: Path, **options: Any) -> Understanding:
    content = path.read_bytes()
    return recognise(
        io.BytesIO(content),
        name=path.name,
        size=len(content),
        heartbeat=lambda rows: None,
        **options,
    ).understanding


def shape_of(found: Understanding, wanted: dict[str, Any]) -> dict[str, Any]:
    """What was understood, in the words of the list; delimiter and encoding only if it says them."""
    if found.kind == "file":
        return {"file": True}
    dialect = found.dialect
    shape = {
        "kept": found.counts.kept,
        "aside": found.counts.quarantined_rows,
        "columns": dialect.width,
        "header": dialect.header_rows if dialect.has_header else 0,
        "preamble": dialect.preamble_rows,
        "types": "".join(map(letter_of, found.fields)),
        "delimiter": dialect.delimiter,
        "encoding": found.encoding.name,
    }
    return {key: shape[key] for key in wanted}


@pytest.mark.parametrize(("corpus", "name"), EVERY_FILE, ids=[name for _, name in EVERY_FILE])
def test_the_shape_is_the_one_that_a_person_saw(
    real_file: RealFile, corpus: str, name: str
) -> None:
    wanted = {"aside": 0, "header": 1, "preamble": 0} | SHAPES[corpus][name]
    options = {"keep_as": wanted.pop("as")} if "as" in wanted else {}
    wanted = {"file": True} if wanted.get("file") else wanted

    found = understood(real_file(f"messy/{corpus}/{name}"), **options)

    assert shape_of(found, wanted) == wanted
