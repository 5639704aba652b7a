"""Every delimited file of four corpora has the shape that a person wrote down by looking at it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
