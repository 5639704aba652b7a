"""Rows in = rows kept + rows in quarantine, for every delimited file of the real data sets."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simplr_core.tidy.encodings import Utf8Stream
from simplr_core.tidy.recognition import recognise
from simplr_core.tidy.tables import read_table
from simplr_core.tidy.understanding import Understanding

RealFile = Callable[[str], Path]
MUNICIPAL = (
    *("caschools", "chicago_311_sanitation", "chicago_food_inspections", "cta_ridership"),
    *("montreal_weather_2012", "nyc_schools", "nycflights13", "pizzaplace"),
    *("seattle_bike_counter", "survey_nonvoters", "txhousing"),
)
MESSY = (
    *("bikes_montreal_latin1", "csv_spectrum", "dataprofiler", "messytables_horror"),
    *("pollock_polluted_dev", "tabulator", "w3c_csvw"),
)
FOLDERS = [*(f"municipal/{name}" for name in MUNICIPAL), *(f"messy/{name}" for name in MESSY)]
MANY = 5
SUFFIXES = {".csv", ".tsv", ".psv", ".ssv", ".txt", ".bad-format", ""}


def delimited_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every text of the folder by its name, those of zip files with one file too."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in SUFFIXES and path.name != "SOURCE.txt":
            yield str(path.relative_to(folder)), path.read_bytes()
        elif path.name.endswith(".csv.zip"):
            with zipfile.ZipFile(path) as archive:
                yield path.name, archive.read(archive.namelist()[0])


def records_by_csv(content: bytes, found: Understanding) -> int | None:
    """How many records Python's own reader counts; None where it finds them not well formed."""
    text = Utf8Stream(io.BytesIO(content), found.encoding).read().decode("utf-8", "replace")
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=found.dialect.delimiter or "\x1f",
        quotechar=found.dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if found.dialect.quote else csv.QUOTE_NONE,
        escapechar=found.dialect.escape or None,
        skipinitialspace=found.dialect.skip_initial_space,
        strict=True,
    )
    try:
        return sum(1 for row in reader if row)
    except csv.Error:
        return None


@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.prove)])
@pytest.mark.parametrize("folder", FOLDERS)
def test_rows_in_are_rows_kept_and_rows_put_aside(
    real_file: RealFile, folder: str, every: int
) -> None:
    """Of a folder with many files, each `every`th."""
    tables = compared = 0
    files = list(delimited_files(real_file(folder)))
    for name, content in files[1::every] if len(files) > MANY and every > 1 else files:
        found = recognise(
            io.BytesIO(content), name=name, size=len(content), heartbeat=lambda rows: None
        ).understanding
        if found.kind != "table" or not found.media_type.startswith("text/"):
            continue
        tables += 1
        kept = aside = cells = 0
        for rows in read_table(io.BytesIO(content), found):
            kept += rows.batch.num_rows
            aside += rows.bad_row_count
            cells += rows.quarantine.num_rows - rows.bad_row_count
        counts = found.counts
        assert counts.rows_in == kept + aside, name
        assert (counts.kept, counts.quarantined_rows) == (kept, aside), name
        assert counts.quarantined_cells == cells, name
        expected = records_by_csv(content, found)
        if expected is not None and found.encoding.exact:
            compared += 1
            names = found.dialect.has_header * found.dialect.header_rows
            assert counts.rows_in + names + found.dialect.preamble_rows == expected, name
    assert tables > 0
    assert compared > 0.6 * tables
