"""What kind of thing a field holds: by its values, by its name, and never by a value that is told."""

from __future__ import annotations

import pytest

from simplr_core.tables.kinds import KINDS, Known, kind_of
from simplr_core.tables.schema import Field, FieldType

T, N, D, C = FieldType.TEXT, FieldType.INTEGER, FieldType.DECIMAL, FieldType.CATEGORY
GIVEN = ("Maria", "James", "Peter", "David", "Helen", "Anna")
PEOPLE = [f"{given} {family}" for family in ("Novak", "Silva") for given in GIVEN]

TEXTS: list[tuple[str, list[str], str]] = [
    ("contact", ["a@b.org", "c.d@mail.example", "e@f.co", "g@h.eu", "i@j.net"], "email"),
    ("tel", ["(212) 555-0100", "212-555-0199", "+44 20 7946 0958", "212-555-0142"], "phone"),
    ("zip_code", ["10001", "60614", "94110-1234", "11201", "00501"], "postal-code"),
    ("where", ["SW1A 1AA", "EC1A 1BB", "M1 1AE", "B33 8TH", "CR2 6XH"], "postal-code"),
    (
        "site",
        ["12 High St", "400 West 5th Avenue", "9 Elm Road", "77 Main St", "1 Bay Lane"],
        "address",
    ),
    ("who", PEOPLE, "person-name"),
    (
        "more",
        ["https://a.org/x", "http://b.eu", "www.c.com", "https://d.net", "https://e.org"],
        "url",
    ),
    ("host", ["10.0.0.1", "192.168.1.7", "8.8.8.8", "2001:db8::1", "1.1.1.1"], "ip-address"),
    ("ref", [f"0192f0c1-0000-7000-8000-00000000000{n}" for n in range(6)], "uuid"),
    ("the_geom", ["POINT (1 2)", "POLYGON ((0 0, 1 1, 2 2, 0 0))", "MULTIPOINT (1 1)"], "geometry"),
    ("location", ["(40.7128, -74.0060)", "41.8781, -87.6298", "(51.5072, -0.1276)"], "coordinates"),
    ("price", ["$12.50", "$1,000.00", "€ 7", "£3.99", "$0.10"], "amount"),
    ("share", ["12%", "7.5 %", "100%", "0%", "33 %"], "percentage"),
    ("country", ["DE", "FR", "US", "GB", "IT"], "country-code"),
    ("country_iso", ["DEU", "FRA", "USA"], "country-code"),
    ("currency", ["EUR", "USD", "CHF"], "currency-code"),
    ("language", ["en", "de-CH", "pt_BR", "fr"], "language-code"),
    ("census_tract", ["0101", "0102.01", "0203", "0999"], "area-code"),
    ("boro_block_lot", ["1-00016-0100", "2 0101", "3-0999", "0044"], "area-code"),
    ("request", [f"12-{n:08}" for n in range(9)], "id"),
    ("iban", ["DE89370400440532013000", "GB82WEST12345698765432"], "account-number"),
    ("said", ["this is a long sentence that somebody wrote about it all"] * 4, "free-text"),
    ("street_type", ["avenue", "street", "lane", "road"], "short-text"),
]


@pytest.mark.parametrize(("name", "values", "kind"), TEXTS, ids=[f"{n}-{k}" for n, _, k in TEXTS])
def test_texts(name: str, values: list[str], kind: str) -> None:
    known = Known(sample=values, present=len(values), distinct=len(set(values)))

    found = kind_of(Field(name, type=T), known)

    assert found is not None
    assert found.name == kind
    assert not any(value in found.evidence for value in values)


NUMBERS = [
    ("lat", D, -33.0, 51.2, "latitude"),
    ("longitude", D, -74.3, 151.0, "longitude"),
    ("late_fee", D, 0.0, 90.0, "amount"),
    ("pct_done", D, 0.0, 1.0, "percentage"),
    ("year_built", N, 1850.0, 2021.0, "year"),
    ("built", N, 1901.0, 2021.0, "year"),
    ("salary", N, 0.0, 1e6, "amount"),
    ("ward", N, 1.0, 50.0, "area-code"),
    ("lot_area", D, 1.0, 50.0, "quantity"),
    ("latitude", D, -33.0, 510.2, "quantity"),
    ("rec_id", N, 1.0, 900.0, "id"),
    ("visits", N, 0.0, 97.0, "quantity"),
]


@pytest.mark.parametrize(("name", "type_", "low", "high", "kind"), NUMBERS)
def test_numbers(name: str, type_: FieldType, low: float, high: float, kind: str) -> None:
    found = kind_of(Field(name, type=type_), Known((), low, high, present=900, distinct=890))

    assert found is not None
    assert found.name == kind


def test_two_letters_are_a_country_only_where_the_name_says_so() -> None:
    known = Known(sample=["DE", "FR", "US", "CA"], present=4, distinct=4)

    assert kind_of(Field("state", type=T), known).name == "short-text"  # type: ignore[union-attr]


def test_a_name_alone_does_not_make_a_kind() -> None:
    known = Known(sample=["none", "by post", "see file"], present=3, distinct=3)

    assert kind_of(Field("email", type=T), known).name == "short-text"  # type: ignore[union-attr]


def test_fewer_values_of_a_form_are_less_sure() -> None:
    mails = [f"a{n}@b.org" for n in range(7)]
    all_ = Known(sample=mails, present=7, distinct=7)
    most = Known(sample=[*mails, "by post", "none", "see file"], present=10, distinct=10)

    sure, unsure = kind_of(Field("email", type=T), all_), kind_of(Field("x", type=T), most)

    assert (sure.name, sure.confidence) == ("email", "certain")  # type: ignore[union-attr]
    assert (unsure.name, unsure.confidence) == ("email", "check")  # type: ignore[union-attr]


def test_nothing_is_said_of_nothing_and_every_kind_said_is_known() -> None:
    assert kind_of(Field("email", type=T), Known()) is None
    assert {kind for *_, kind in TEXTS} | {kind for *_, kind in NUMBERS} <= set(KINDS)
    assert kind_of(Field("x", type=C), Known(("a",), present=9, distinct=1)).name == "category"  # type: ignore[union-attr]
