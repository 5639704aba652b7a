"""What the name of a column says, in the languages that our users' files are written in."""

from __future__ import annotations

import re
import unicodedata

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "birth-date",
        (
            *("date of birth", "birth date", "birthdate", "birthday", "dob", "born on", "birth"),
            *("geburtsdatum", "geburtstag", "geboren", "date de naissance", "naissance"),
            *("fecha de nacimiento", "nacimiento", "data di nascita", "nascita", "fodselsdato"),
            *("data de nascimento", "geboortedatum", "date of death", "death date", "born"),
        ),
    ),
    (
        "email",
        ("email", "e mail", "mail", "email address", "emailaddress", "courriel", "correo"),
    ),
    (
        "phone",
        (
            *("phone", "telephone", "mobile", "cell", "fax", "tel", "phone number", "telefon"),
            *("telephone number", "telefono", "handy", "portable", "movil", "cellphone"),
            *("mobile number", "contact number", "telefoon", "celular"),
        ),
    ),
    (
        "national-id",
        (
            *("ssn", "social security", "soc sec", "national id", "nationalid", "passport"),
            *("nin", "sin", "nino", "tax id", "taxid", "tin", "dni", "nif", "curp", "cpf"),
            *("steuernummer", "codice fiscale", "bsn", "personnummer", "nhs number", "drivers"),
            *("driver license", "driving licence", "ausweis", "identity number", "insee"),
        ),
    ),
    (
        "account-number",
        (
            *("iban", "account number", "account no", "bank account", "card number", "ccnumber"),
            *("credit card", "cc number", "kontonummer", "card no", "mtcn", "routing number"),
            *("policy number", "beneficiary number", "cuenta", "insurance number", "tracking"),
            *("tracking number", "ups"),
        ),
    ),
    (
        "secret",
        (
            *("password", "passwd", "pwd", "pin", "secret", "cvv", "cvv2", "cvc"),
            "token",
            "passwort",
        ),
    ),
    (
        "username",
        ("username", "user name", "login", "screen name", "handle", "twitter", "benutzername"),
    ),
    (
        "ip-address",
        (
            *("ip", "ip address", "ipaddress", "srcip", "dstip", "src ip", "dst ip", "client ip"),
            *("remote addr", "ipv4", "ipv6", "mac address"),
        ),
    ),
    (
        "device",
        (
            *("user agent", "browser user agent", "device id", "imei", "serial number", "cookie"),
            *("mac", "vin", "license plate", "licence plate", "number plate", "kennzeichen"),
        ),
    ),
    (
        "person-name",
        (
            *("given name", "first name", "firstname", "forename", "surname", "last name"),
            *("lastname", "family name", "middle name", "middle initial", "full name"),
            *("maiden name", "mothers maiden", "mother maiden", "nachname", "vorname", "prenom"),
            *("nom de famille", "nombre", "apellido", "apellidos", "cognome", "nome", "sobrenome"),
            *("contact name", "patient name", "student name", "employee name", "customer name"),
            *("client name", "owner name", "teacher name", "principal name", "person name"),
            *("achternaam", "voornaam", "applicant", "complainant", "respondent name", "fname"),
            *("lname", "givenname", "principal", "inspector", "author", "patient", "guardian"),
            *("caller name", "resident name", "citizen name", "tenant name", "reporter name"),
            *("parent name", "guardian name", "child name", "pupil name", "visitor name"),
            *("sender name", "recipient name", "witness name", "volunteer name", "member name"),
            *("donor name", "beneficiary name", "requester name", "author name"),
        ),
    ),
    (
        "address",
        (
            *("address", "street", "street address", "street number", "house number", "adresse"),
            *("address 1", "address 2", "addr", "strasse", "hausnummer", "rue", "direccion"),
            *("calle", "indirizzo", "via", "endereco", "adres", "address line", "home address"),
        ),
    ),
    (
        "person-id",
        (
            *("patient id", "student id", "employee id", "person id", "customer id", "client id"),
            *("member id", "user id", "userid", "medical record", "mrn", "rec id", "record id"),
            *("participant id", "respondent id", "subject id", "voter id", "applicant id", "pid"),
            *("staff id", "resident id", "household id", "respid", "case number", "case id"),
            *("matrikelnummer", "medical record number", "enrolment number", "service request"),
            *("service request number", "request number", "ticket number", "osis"),
        ),
    ),
    (
        "postcode",
        (
            *("zip", "zip code", "zipcode", "postcode", "post code", "postal code", "postalcode"),
            *("plz", "postleitzahl", "code postal", "codigo postal", "cap", "cep", "postnummer"),
        ),
    ),
    (
        "coordinates",
        (
            *("latitude", "longitude", "lat", "lon", "lng", "long", "x coordinate", "location"),
            *("y coordinate", "geolocation", "geo point", "coordinates", "easting", "northing"),
            *("geometry", "gps", "x coord", "y coord"),
        ),
    ),
    (
        "place",
        (
            *("city", "suburb", "town", "village", "county", "ward", "district", "neighborhood"),
            *("neighbourhood", "precinct", "census tract", "tract", "census block", "ort", "stadt"),
            *("community area", "police district", "borough", "municipality", "gemeinde"),
            *("ville", "commune", "ciudad", "municipio", "comune", "citta", "parish", "puma"),
        ),
    ),
    ("age", ("age", "alter", "edad", "eta", "age group", "ppage", "idade", "leeftijd")),
    ("sex", ("sex", "gender", "geschlecht", "sexe", "sexo", "genero", "sesso", "genre")),
    (
        "origin",
        (
            *("race", "ethnicity", "ethnic", "ethnic group", "nationality", "citizenship"),
            *("country of birth", "native country", "birthplace", "place of birth", "name set"),
            *("mother tongue", "home language", "race ethnicity", "native language", "ancestry"),
        ),
    ),
    ("belief", ("religion", "political party", "party affiliation", "denomination", "union")),
    (
        "occupation",
        ("occupation", "job title", "profession", "beruf", "workclass", "employer", "salary class"),
    ),
    ("education", ("education", "education level", "degree", "educ", "schooling")),
    ("family", ("marital", "marital status", "relationship", "civil status", "familienstand")),
    ("income", ("income", "salary", "wage", "household income", "capital gain", "capital loss")),
    (
        "health",
        (
            *("diagnosis", "disease", "icd", "blood type", "bloodtype", "weight", "height"),
            *("disability", "medication", "pounds", "kilograms", "centimeters", "feet inches"),
            *("bmi", "smoker", "pregnant", "allergies", "hiv", "blood pressure"),
        ),
    ),
    (
        "date-about-a-person",
        (
            *("admission date", "discharge date", "hire date", "date of admission", "visit date"),
            *("enrolment date", "enrollment date", "date of discharge", "date of visit"),
        ),
    ),
    ("free-text", ("notes", "comments", "remarks", "bemerkung", "narrative", "observaciones")),
    ("identifier", ("guid", "uuid", "unique id")),
)

_OF_THINGS = frozenset(
    {
        *("dba", "aka", "company", "organisation", "organization", "org", "school", "airport"),
        *("station", "product", "item", "file", "site", "park", "facility", "business", "vendor"),
        *("brand", "country", "county", "state", "column", "field", "table", "course", "event"),
        *("department", "agency", "program", "project", "drug", "team", "category", "species"),
        *("plant", "host", "hospital", "street", "city", "pizza", "model", "type", "class"),
        *("building", "community", "district", "ward", "violation", "variable", "dataset"),
    }
)
_TAKES_NAME = frozenset({"name", "names", "person", "contact", "owner", "by", "full", "customer"})


def words_of(header: str) -> tuple[str, ...]:
    """The words of a header, without accents: `GivenName` and `given_name` are two words."""
    folded = unicodedata.normalize("NFKD", _CAMEL.sub(" ", header))
    plain = "".join(c for c in folded if not unicodedata.combining(c)).casefold()
    return tuple(re.findall(r"[^\W_]+", plain.replace("ß", "ss")))


def kind_of_header(header: str) -> str:
    """The kind of personal data that the header names, or nothing.

    The longest phrase found decides: `street number` is of an address, and `phone number` is not.
    """
    words = words_of(header)
    joined = f" {' '.join(words)} "
    best, length = "", 0
    for kind, phrases in _PHRASES:
        for phrase in phrases:
            weight = len(phrase) if f" {phrase} " in joined else 0
            if weight > length and not _is_of_things(kind, phrase, words):
                best, length = kind, weight
    return best


def _is_of_things(kind: str, phrase: str, words: tuple[str, ...]) -> bool:
    """Names of things, codes of countries, counts of persons: near the words but not meant."""
    rest = set(words) - set(phrase.split())
    if kind == "person-name" and rest & _OF_THINGS:
        return True
    if kind == "phone" and rest & {"country", "area", "service", "type", "has"}:
        return True
    counted = {"count", "total", "avg", "average", "mean", "pct", "percent", "rate", "num", "has"}
    return bool(rest & counted) or (
        phrase in ("via", "cap", "ups", "pin", "union") and len(words) > 1
    )


def may_hold_person_names(header: str) -> bool:
    """True where a header such as `name` leaves open whether persons are meant."""
    words = set(words_of(header))
    return bool(words & _TAKES_NAME) and not words & _OF_THINGS
