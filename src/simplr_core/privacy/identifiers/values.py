"""What the values of a column look like: forms that only personal data has, checked where a
check digit exists."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address

MOST_LOOKED_AT = 500
ENOUGH = 0.6
FEWEST = 3


def _luhn(digits: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(digits)):
        n = int(character)
        if position % 2:
            n = n * 2 - 9 if n > 4 else n * 2
        total += n
    return total % 10 == 0


def _is_card(value: str) -> bool:
    digits = re.sub(r"[ -]", "", value)
    return bool(re.fullmatch(r"[2-6]\d{12,18}", digits)) and _luhn(digits)


def _is_iban(value: str) -> bool:
    plain = value.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _is_ip(value: str) -> bool:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", value):
        return False
    try:
        ip_address(value)
    except ValueError:
        return False
    return value.count(".") == 3 or value.count(":") > 3 or "::" in value


_STREET = (
    r"st|street|ave|avenue|av|rd|road|blvd|boulevard|ln|lane|dr|drive|ct|court|pl|place|ter|"
    r"terrace|way|pkwy|parkway|hwy|highway|cir|circle|sq|square|crescent|cres|close|circuit|"
    r"trail|row|walk|quay|parade|alley|plaza"
)
_FORMS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("email", re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}").fullmatch),
    ("national-id", re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}").fullmatch),
    (
        "phone",
        re.compile(
            r"(\+\d{1,3}[ .-]?)?\(\d{2,4}\) ?\d{3,4}[ .-]?\d{3,4}|"
            r"(\+?1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}( ?x\d+)?|"
            r"\+\d{1,3}([ .-]?\d){7,12}|0\d{2,4}[ /-]\d{3,4}[ -]?\d{2,4}[ -]?\d{0,4}"
        ).fullmatch,
    ),
    ("ip-address", _is_ip),
    ("device", re.compile(r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}").fullmatch),
    ("device", re.compile(r"(Mozilla|Opera|Dalvik)/\d.*\(.*").match),
    ("account-number", _is_iban),
    ("account-number", _is_card),
    (
        "address",
        re.compile(
            rf"\d+[A-Za-z]?(-\d+)? +([NSEW]{{1,2}}\.? +)?[A-Za-z0-9' .]+\b({_STREET})\.?"
            r"( +[NSEW]{1,2})?([ ,]+(apt|unit|suite|#).*)?",
            re.IGNORECASE,
        ).fullmatch,
    ),
    (
        "address",
        re.compile(
            r"[A-ZÄÖÜ][\w .-]*(straße|strasse|str\.|weg|platz|gasse|allee) ?\d+ ?[a-z]?"
        ).fullmatch,
    ),
    (
        "identifier",
        re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}").fullmatch,
    ),
    (
        "coordinates",
        re.compile(r"(POINT ?)?\(?-?\d{1,3}\.\d{3,}[ ,]+-?\d{1,3}\.\d{3,}\)?").fullmatch,
    ),
)

_GIVEN_NAMES = frozenset(
    [
        "james",
        "john",
        "robert",
        "michael",
        "william",
        "david",
        "richard",
        "joseph",
        "thomas",
        "charles",
        "christopher",
        "daniel",
        "matthew",
        "anthony",
        "mark",
        "donald",
        "steven",
        "paul",
        "andrew",
        "joshua",
        "kenneth",
        "kevin",
        "brian",
        "george",
        "edward",
        "ronald",
        "timothy",
        "jason",
        "jeffrey",
        "ryan",
        "jacob",
        "gary",
        "nicholas",
        "eric",
        "jonathan",
        "stephen",
        "larry",
        "justin",
        "scott",
        "brandon",
        "benjamin",
        "samuel",
        "gregory",
        "frank",
        "alexander",
        "raymond",
        "patrick",
        "jack",
        "dennis",
        "jerry",
        "tyler",
        "aaron",
        "jose",
        "adam",
        "nathan",
        "henry",
        "douglas",
        "zachary",
        "peter",
        "kyle",
        "walter",
        "ethan",
        "jeremy",
        "harold",
        "keith",
        "christian",
        "roger",
        "noah",
        "gerald",
        "carl",
        "terry",
        "sean",
        "austin",
        "arthur",
        "lawrence",
        "jesse",
        "dylan",
        "bryan",
        "joe",
        "jordan",
        "billy",
        "bruce",
        "albert",
        "willie",
        "gabriel",
        "logan",
        "alan",
        "juan",
        "wayne",
        "roy",
        "ralph",
        "randy",
        "eugene",
        "vincent",
        "russell",
        "elijah",
        "louis",
        "bobby",
        "philip",
        "johnny",
        "mary",
        "patricia",
        "jennifer",
        "linda",
        "elizabeth",
        "barbara",
        "susan",
        "jessica",
        "sarah",
        "karen",
        "nancy",
        "lisa",
        "betty",
        "margaret",
        "sandra",
        "ashley",
        "kimberly",
        "emily",
        "donna",
        "michelle",
        "dorothy",
        "carol",
        "amanda",
        "melissa",
        "deborah",
        "stephanie",
        "rebecca",
        "sharon",
        "laura",
        "cynthia",
        "kathleen",
        "amy",
        "angela",
        "shirley",
        "anna",
        "brenda",
        "pamela",
        "emma",
        "nicole",
        "helen",
        "samantha",
        "katherine",
        "christine",
        "debra",
        "rachel",
        "carolyn",
        "janet",
        "catherine",
        "maria",
        "heather",
        "diane",
        "ruth",
        "julie",
        "olivia",
        "joyce",
        "virginia",
        "victoria",
        "kelly",
        "lauren",
        "christina",
        "joan",
        "evelyn",
        "judith",
        "megan",
        "andrea",
        "cheryl",
        "hannah",
        "jacqueline",
        "martha",
        "gloria",
        "teresa",
        "ann",
        "sara",
        "madison",
        "frances",
        "kathryn",
        "janice",
        "jean",
        "abigail",
        "alice",
        "julia",
        "judy",
        "sophia",
        "grace",
        "denise",
        "amber",
        "doris",
        "marilyn",
        "danielle",
        "beverly",
        "isabella",
        "theresa",
        "diana",
        "natalie",
        "brittany",
        "charlotte",
        "marie",
        "kayla",
        "alexis",
        "lori",
        "hans",
        "peter",
        "klaus",
        "jurgen",
        "wolfgang",
        "heinz",
        "stefan",
        "andreas",
        "uwe",
        "dieter",
        "matthias",
        "ursula",
        "monika",
        "petra",
        "sabine",
        "renate",
        "ingrid",
        "claudia",
        "jan",
        "piotr",
        "anna",
        "katarzyna",
        "pierre",
        "michel",
        "philippe",
        "alain",
        "nicolas",
        "francois",
        "isabelle",
        "nathalie",
        "sylvie",
        "luis",
        "carlos",
        "jorge",
        "pedro",
        "miguel",
        "manuel",
        "antonio",
        "francisco",
        "carmen",
        "josefa",
        "dolores",
        "pilar",
        "giuseppe",
        "giovanni",
        "mario",
        "luigi",
        "marco",
        "giulia",
        "francesca",
        "chiara",
        "ahmed",
        "mohamed",
        "mohammed",
        "ali",
        "fatima",
        "aisha",
        "omar",
        "hassan",
        "wei",
        "ming",
        "li",
        "yuki",
        "hiroshi",
        "kenji",
        "raj",
        "priya",
        "amit",
        "sunita",
        "anil",
        "sven",
        "lars",
        "erik",
        "ingrid",
        "astrid",
        "olga",
        "ivan",
        "dmitri",
        "sergei",
        "natasha",
        "elena",
        "nikolaos",
        "georgios",
        "dimitris",
        "eleni",
        "joao",
        "ana",
        "paulo",
        "fernanda",
        "lucas",
        "chloe",
        "mia",
        "zoe",
        "ella",
        "lachlan",
        "liam",
        "harry",
        "oliver",
        "joel",
        "isaac",
        "caleb",
        "lily",
        "ruby",
        "jasmine",
        "georgia",
        "bailey",
        "mitchell",
    ]
)


def kind_of_values(values: Sequence[str]) -> tuple[str, float]:
    """The kind of personal data whose form most values have, and how large that part is."""
    looked_at = values[:MOST_LOOKED_AT]
    if len(looked_at) < FEWEST:
        return "", 0.0
    best, share = "", 0.0
    for kind, has_form in _FORMS:
        found = sum(bool(has_form(value)) for value in looked_at) / len(looked_at)
        if found > share:
            best, share = kind, found
    return (best, share) if share >= ENOUGH else ("", 0.0)


def share_of_person_names(values: Sequence[str]) -> float:
    """How many of the values are a few words of letters, one of them a common given name."""
    looked_at = values[:MOST_LOOKED_AT]
    if len(looked_at) < 10:
        return 0.0
    found = 0
    for value in looked_at:
        words = re.findall(r"[^\W\d_]+", value.casefold())
        few = 1 <= len(words) <= 4 and not re.search(r"\d", value)
        found += few and bool(_GIVEN_NAMES.intersection(words))
    return found / len(looked_at)
