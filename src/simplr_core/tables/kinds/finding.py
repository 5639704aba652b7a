"""Finding the kind of a field's values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simplr_core.tables.kinds import forms
from simplr_core.tables.kinds.codes import COUNTRIES_2, COUNTRIES_3, CURRENCIES, LANGUAGES
from simplr_core.tables.kinds.names import share_of_person_names
from simplr_core.tables.schema import Field, FieldType

FEWEST = 5
LOOKED_AT_FIRST = 20
NEARLY_ALL = 0.9
MOST = 0.6
LONG_TEXT_BLANKS = 8

KINDS = (
    *("email", "phone", "postal-code", "address", "person-name", "url", "ip-address", "uuid"),
    *("account-number", "latitude", "longitude", "coordinates", "geometry", "amount"),
    *("percentage", "year", "country-code", "currency-code", "language-code", "area-code"),
    *("id", "code", "category", "free-text", "short-text", "quantity", "yes-no", "time", "device"),
    *("national-id",),
)
"""Every kind that is told apart."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was measured of a field: different texts of it, its range, and how many differ."""

    sample: Sequence[str] = ()
    low: float | None = None
    high: float | None = None
    present: int = 0
    distinct: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind, how sure that is (certain, likely or check), and why. The reason holds no value."""

    name: str
    confidence: str
    evidence: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "confidence": self.confidence, "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class _Form:
    kind: str
    fits: Callable[[str], object]
    words: frozenset[str]
    needs_name: bool = False
    """True for forms that other things have too: the name of the field must say so."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WEB = re.compile(r"(https?|ftp)://[^\s]+|www\.[^\s]+\.[^\s]+", re.IGNORECASE)
_SHAPE = re.compile(
    r"\s*(SRID=\d+;)?(MULTI)?(POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)( Z| M| ZM)?\s*\(.*\)\s*",
    re.IGNORECASE | re.DOTALL,
)
_POSTCODE_OF_ITSELF = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}-\d{4}|\d{4} ?[A-Z]{2}"
)
_POSTCODE = re.compile(r"\d{4,6}(-\d{3,4})?|\d{3} ?\d{2}")
_AREA = re.compile(r"[A-Z]{0,3}[ -]?\d{1,5}([ .-]?\d{1,5}){0,2}|\d{2}[A-Z]\d{3}", re.IGNORECASE)
_MONEY = re.compile(r"\(?-?[$€£¥] ?-?[\d., ]+\)?|-?[\d., ]+ ?(€|£|USD|EUR|GBP|CHF)")
_SHARE = re.compile(r"[+-]?\d+([.,]\d+)? ?%")
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9]+([-_/. ][A-Za-z0-9]+)*")

_FORMS = (
    _Form("email", forms.is_email, _words("email mail e")),
    _Form("url", _WEB.fullmatch, _words("url link website site web uri homepage")),
    _Form("ip-address", forms.is_ip, _words("ip address")),
    _Form("uuid", forms.is_uuid, _words("uuid guid id")),
    _Form("geometry", _SHAPE.fullmatch, _words("geom geometry shape wkt point polygon")),
    _Form("coordinates", forms.is_point, _words("location coordinates point geo latlon position")),
    _Form("national-id", forms.is_social_security_number, _words("ssn social security")),
    _Form("account-number", forms.is_iban, _words("iban account")),
    _Form("account-number", forms.is_card, _words("card account")),
    _Form("device", forms.is_hardware_address, _words("mac device")),
    _Form("phone", forms.is_phone, _words("phone telephone tel mobile fax cell telefon")),
    _Form("address", forms.is_street_address, _words("address street addr location")),
    _Form("address", forms.is_german_address, _words("address adresse anschrift strasse")),
    _Form("amount", _MONEY.fullmatch, _words("amount price cost fee fine salary total budget")),
    _Form("percentage", _SHARE.fullmatch, _words("pct percent percentage share rate")),
    _Form("postal-code", _POSTCODE_OF_ITSELF.fullmatch, _words("zip postcode postal plz code")),
    _Form(
        "postal-code",
        _POSTCODE.fullmatch,
        _words("zip zipcode postcode postal plz postleitzahl cap zip4"),
        needs_name=True,
    ),
    _Form(
        "country-code",
        lambda text: text.upper() in COUNTRIES_2 or text.upper() in COUNTRIES_3,
        _words("country nation iso nationality land pays"),
        needs_name=True,
    ),
    _Form("currency-code", CURRENCIES.__contains__, _words("currency curr ccy"), needs_name=True),
    _Form(
        "language-code",
        lambda text: re.split("[-_]", text)[0].lower() in LANGUAGES,
        _words("language lang locale"),
        needs_name=True,
    ),
    _Form(
        "area-code",
        _AREA.fullmatch,
        _words(
            "tract ward district borough block precinct zone nta bbl bin beat parcel lot region"
        ),
        needs_name=True,
    ),
)

_NUMBERS = (
    ("latitude", _words("lat latitude breite"), -90.0, 90.0),
    ("longitude", _words("lon lng long longitude laenge"), -180.0, 180.0),
    ("year", _words("year yr jahr annee ano anno"), 1000.0, 2999.0),
    ("percentage", _words("pct percent percentage share ratio prozent"), -100.0, 100.0),
)
_MONEY_WORDS = _words(
    "amount price cost costs fee fine salary wage income budget payment revenue tax usd eur gbp "
    "betrag preis kosten montant prix importe"
)
_AREA_WORDS = _words("tract ward district borough block precinct zone beat bbl bin nta lot")
_ID_WORDS = _words("id ids key uid guid identifier number no nr num nummer code ref reference")


def kind_of(field: Field, known: Known) -> Kind | None:
    """The kind of the values of `field`; None where none is present."""
    if not known.present:
        return None
    words = _named(field)
    if field.type is FieldType.BOOLEAN:
        return Kind("yes-no", "certain", "Every value is one of two words.")
    if field.type in (FieldType.DATE, FieldType.TIME, FieldType.DATETIME):
        return Kind("time", "certain", "Every value is a day or a time.")
    if field.type in (FieldType.INTEGER, FieldType.DECIMAL):
        return _kind_of_numbers(field, known, words)
    return _kind_of_texts(field, known, words)


def _named(field: Field) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", f"{field.name} {field.source_name}".casefold()))


def _kind_of_numbers(field: Field, known: Known, words: frozenset[str]) -> Kind:
    low, high = known.low or 0.0, known.high or 0.0
    for name, said, least, most in _NUMBERS:
        if words & said and least <= low and high <= most:
            return Kind(name, "likely", "The name says so, and every value lies in its range.")
    whole = field.type is FieldType.INTEGER
    if whole and low >= 1900 and high <= 2100 and known.distinct > 1:
        return Kind("year", "check", "Every value is a number from 1900 to 2100.")
    if words & _MONEY_WORDS:
        return Kind("amount", "likely", "The name says so, and every value is a number.")
    if whole and words & _AREA_WORDS and low >= 0:
        return Kind("area-code", "likely", "The name says so, and every value is a whole number.")
    if whole and words & _ID_WORDS and _nearly_unique(known):
        return Kind("id", "likely", "The name says so, and nearly every value is another one.")
    return Kind("quantity", "likely", "Every value is a number.")


def _kind_of_texts(field: Field, known: Known, words: frozenset[str]) -> Kind:
    values = [text for text in dict.fromkeys(text.strip() for text in known.sample) if text]
    found, share = _by_form(values, words)
    if found is not None:
        named = bool(found.words & words)
        said = ", and the name says so too." if named else "."
        sure = "certain" if share >= NEARLY_ALL and named else "likely"
        return Kind(found.kind, sure if share >= NEARLY_ALL else "check", _said(share) + said)
    return _by_shape(field, known, values, words)


def _said(share: float) -> str:
    return f"{int(share * 100)} % of the values that were looked at have its form"


def _by_form(values: Sequence[str], words: frozenset[str]) -> tuple[_Form | None, float]:
    best: _Form | None = None
    highest = 0.0
    for form in _FORMS:
        if form.needs_name and not form.words & words:
            continue
        if not form.needs_name and len(values) < FEWEST and not form.words & words:
            continue
        few = values[:LOOKED_AT_FIRST]
        if _share(form, few) < MOST / 2:
            continue
        share = _share(form, values)
        if share >= MOST and share > highest:
            best, highest = form, share
    return best, highest


def _share(form: _Form, values: Sequence[str]) -> float:
    return sum(bool(form.fits(value)) for value in values) / max(1, len(values))


def _by_shape(field: Field, known: Known, values: Sequence[str], words: frozenset[str]) -> Kind:
    names = share_of_person_names(values)
    if names > 0.5 or (names > 0.2 and words & _words("name person contact owner")):
        return Kind(
            "person-name",
            "check",
            f"{int(names * 100)} % of the values that were looked at hold a common given name.",
        )
    if field.type is FieldType.CATEGORY:
        return Kind("category", "likely", f"{known.distinct:,} different values, often repeated.")
    long = sum(value.count(" ") >= LONG_TEXT_BLANKS for value in values)
    if long > 0.3 * len(values):
        return Kind("free-text", "likely", "Many values are sentences.")
    coded = sum(bool(_CODE.fullmatch(value)) and " " not in value for value in values)
    if coded >= NEARLY_ALL * len(values):
        if _nearly_unique(known):
            return Kind("id", "likely", "Codes with digits, nearly every one another.")
        return Kind("code", "likely", "Codes with digits.")
    return Kind("short-text", "likely", "Texts of a few words.")


def _nearly_unique(known: Known) -> bool:
    return known.distinct >= 0.95 * known.present
