"""Finding personal data: words in several languages, forms with check digits, and few false alarms."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from simplr_core.privacy.identifiers import find_personal
from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.headers import snake_case
from simplr_core.tidy.recognition import recognise


def find(header: str, values: list[str] = [], kind: FieldType = FieldType.TEXT):  # noqa: B006
    return find_personal(Field(snake_case(header) or "x", type=kind), header, values)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Given Name", "person-name"),
        ("surname", "person-name"),
        ("Nachname", "person-name"),
        ("apellidos", "person-name"),
        ("prénom", "person-name"),
        ("MothersMaiden", "person-name"),
        ("date_of_birth", "birth-date"),
        ("Geburtsdatum", "birth-date"),
        ("E-Mail", "email"),
        ("Home Phone", "phone"),
        ("soc_sec_id", "national-id"),
        ("Street Address", "address"),
        ("street_number", "address"),
        ("Patient ID", "person-id"),
        ("IBAN", "account-number"),
        ("Password", "secret"),
        ("src_ip", "ip-address"),
    ],
)
def test_names_of_fields_that_point_at_a_person(header: str, kind: str) -> None:
    found = find(header)

    assert (found.personal, found.kind) == ("personal", kind)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("ZIP Code", "postcode"),
        ("PLZ", "postcode"),
        ("Latitude", "coordinates"),
        ("age_group", "age"),
        ("Gender", "sex"),
        ("race/ethnicity", "origin"),
        ("Occupation", "occupation"),
        ("BloodType", "health"),
        ("Marital Status", "family"),
    ],
)
def test_names_of_fields_that_point_at_a_person_together_with_others(
    header: str, kind: str
) -> None:
    found = find(header)

    assert (found.personal, found.kind) == ("indirect", kind)


@pytest.mark.parametrize(
    "header",
    [
        *("amount", "company name", "airport", "station_name", "Risk", "page", "usage", "message"),
        *("phone country code", "email_count", "phase", "wind_speed", "manufacturer", "carrier"),
        *("image", "average", "language", "package", "streetlight_out", "seat", "recipe"),
    ],
)
def test_names_that_say_nothing_of_persons(header: str) -> None:
    assert find(header).personal == "none"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["ada@example.org", "bo@example.com", "cy@uni.ac.at"], "email"),
        (["192.0.2.1", "198.51.100.7", "2001:db8::1"], "ip-address"),
        (["(312) 555-0100", "312-555-0101", "+43 1 5880 100"], "phone"),
        (["219-09-9999", "078-05-1120", "457-55-5462"], "national-id"),
        (
            ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "AT611904300234573201"],
            "account-number",
        ),
        (["4111111111111111", "5500 0000 0000 0004", "340000000000009"], "account-number"),
        (["12 High Street", "4853 S Wood St", "7 Wallaby Place"], "address"),
        (["(41.8057, -87.6697)", "(41.8060, -87.6746)", "(41.8038, -87.6636)"], "coordinates"),
    ],
)
def test_values_that_only_persons_have_are_found_under_any_name(
    values: list[str], kind: str
) -> None:
    found = find("column_7", values)

    assert found.kind == kind
    assert not any(value in found.evidence for value in values)


@pytest.mark.parametrize(
    "values",
    [
        ["4111111111111112", "5500000000000005", "1234567890123456"],  # no check digit
        ["DE00370400440532013000", "AT001904300234573201", "GB00WEST12345698765432"],
        ["1.2.3", "1.10.0", "2.0.1"],
        ["12:30", "09:15", "23:59"],
        ["2020-01-31", "2020-02-01", "2020-03-01"],
        ["300.1.2.3", "999.9.9.9", "256.1.1.1"],
        ["12 apples", "7 pears", "3 plums"],
    ],
)
def test_values_that_only_look_alike_are_not_found(values: list[str]) -> None:
    assert find("column_7", values).personal == "none"


def test_a_column_called_name_is_personal_when_it_holds_given_names() -> None:
    people = [
        "Mary Jones",
        "John Smith",
        "Ana Lopez",
        "Peter Maier",
        "Li Wei",
        "Olga P.",
        "Emma Q",
        "Jack R",
        "Ruth S",
        "Omar T",
    ]
    airports = [
        "Lansdowne Airport",
        "Moton Field",
        "Schaumburg",
        "Jekyll Island",
        "Elizabethton",
        "Williams County",
        "Finger Lakes",
        "Shoestring Aviation",
        "Harford",
        "Galt Field",
    ]

    assert find("name", people).kind == "person-name"
    assert find("name", airports).personal == "none"


def test_the_labelled_columns_are_found_with_few_false_alarms(
    real_file: Callable[[str], Path],
) -> None:
    """Hand-labelled columns of other people's files: nothing here is tuned to one of them."""
    labels = real_file("pii_privacy/pii_column_labels.csv")
    found: dict[str, dict[str, str]] = {}
    missed = false = right = 0
    for row in csv.DictReader(labels.open(newline="", encoding="utf-8")):
        if row["file"] not in found:
            content = real_file(row["file"]).read_bytes()
            understanding = recognise(
                io.BytesIO(content), name="a.csv", size=len(content), heartbeat=lambda n: None
            ).understanding
            found[row["file"]] = {
                f.field.source_name: f.field.personal.value for f in understanding.fields
            }
        marked = found[row["file"]][row["column"]] != "none"
        if row["hipaa_safe_harbor_identifier_if_about_a_person"] == "1":
            right, missed = right + marked, missed + (not marked)
        elif row["category"] in ("none", "organisation", "address_business", "licence_business"):
            false += marked

    assert right / (right + missed) >= 0.9
    assert right / (right + false) >= 0.85
