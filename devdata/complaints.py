"""Complaints of residents: a file as a city keeps it, with personal data. Made here, seeded.

Nobody in it exists. Some rows are broken as real ones are: a cell too few or too many, a day that
never was. `expected` says what a careful reader finds in it, by Python's csv module alone.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta

ROWS = 4_000
SEED = 20_251_121
FIELDS = (
    *("case_number", "received_on", "nature", "street", "house_number", "postcode", "ward"),
    *("team", "channel", "days_open", "cost"),
    *("caller_name", "caller_phone", "caller_email", "caller_born", "note"),
)
_FIRST = (
    *("Alma", "Bruno", "Carla", "Dario", "Edda", "Femi", "Greta", "Hugo", "Ines", "Jonas"),
    *("Kira", "Lars", "Mina", "Nils", "Olga", "Pavel", "Rosa", "Sven", "Tara", "Ulf"),
)
_LAST = (
    *("Abara", "Bianchi", "Castell", "Dvorak", "Ekberg", "Fontaine", "Gruber", "Halvorsen"),
    *("Ivanova", "Jensen", "Kowalski", "Lindgren", "Moreau", "Nwosu", "Ortega", "Petrov"),
)
_STREETS = (
    *("Harbour Street", "Mill Lane", "Lake Road", "Station Road", "Elm Avenue", "Market Square"),
    *("Canal Street", "School Lane", "Park Row", "Church Street"),
)
_NATURES = (
    *("Garbage in alley", "Overflowing cart", "Standing water", "Graffiti", "Dumped furniture"),
    "Street light out",
)
_NOTES = (
    *("Second call about this.", "Please ring before noon.", "Caller waits at the gate.", ""),
    *("Was promised last week.", "Dog on the premises.", "", ""),
)


def rows(count: int = ROWS) -> list[list[str]]:
    """The rows, the same every time; about one in two hundred is broken."""
    chance = random.Random(SEED)
    found = []
    for number in range(count):
        received = date(2022, 1, 1) + timedelta(days=chance.randrange(1460))
        first, last = chance.choice(_FIRST), chance.choice(_LAST)
        born = date(1935, 1, 1) + timedelta(days=chance.randrange(26_000))
        row = [
            f"{number * 7 + 311:07d}",
            received.strftime("%d/%m/%Y"),
            chance.choice(_NATURES),
            chance.choice(_STREETS),
            str(chance.randrange(1, 180)),
            f"0{chance.randrange(1000, 9999)}",
            f"{chance.randrange(1, 25):02d}",
            str(chance.randrange(11, 19)),
            chance.choice(("phone", "web", "desk")),
            "" if chance.random() < 0.03 else str(chance.randrange(90)),
            f"{chance.randrange(0, 90_000) / 100:.2f}",
            f"{first} {last}",
            f"+44 20 7946 {chance.randrange(1000):04d}",
            f"{first.lower()}.{last.lower()}{number}@mail.example",
            born.isoformat(),
            chance.choice(_NOTES),
        ]
        broken = chance.random()
        if broken < 0.002:
            row = row[:-2]
        elif broken < 0.003:
            row = [*row, "?"]
        elif broken < 0.005:
            row[1] = f"31/02/{received.year}"
        found.append(row)
    return found


def content(count: int = ROWS) -> bytes:
    """The file."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    writer.writerows(rows(count))
    return text.getvalue().encode()


def secrets_of(file: bytes) -> set[str]:
    """Every value that a release without personal fields must never show, and the true numbers."""
    hidden = {"case_number", "caller_name", "caller_phone", "caller_email"}
    return {
        row[FIELDS.index(name)] for row in _whole_rows(file) for name in hidden if len(row) == 16
    }


def expected(file: bytes, *, year: int) -> list[tuple[str, date, str, str, int | None]]:
    """Case, day, nature, ward and days open of every good row of a year, in the file's order."""
    found = []
    for row in _whole_rows(file):
        day = _day(row[1])
        if day is not None and day.year == year:
            found.append((row[0], day, row[2], row[6], int(row[9]) if row[9] else None))
    return found


def counted(file: bytes) -> tuple[int, int, int]:
    """Rows in the file, rows with a wrong number of cells, days that never were."""
    lines = list(csv.reader(io.StringIO(file.decode(), newline="")))[1:]
    whole = [row for row in lines if len(row) == len(FIELDS)]
    return len(lines), len(lines) - len(whole), sum(_day(row[1]) is None for row in whole)


def _whole_rows(file: bytes) -> list[list[str]]:
    lines = list(csv.reader(io.StringIO(file.decode(), newline="")))[1:]
    return [row for row in lines if len(row) == len(FIELDS)]


def _day(text: str) -> date | None:
    day, month, year = (int(part) for part in text.split("/"))
    try:
        return date(year, month, day)
    except ValueError:
        return None
