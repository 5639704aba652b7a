"""Forms of values that only one kind has, checked where a check digit exists."""

from __future__ import annotations

import re
from ipaddress import ip_address


def has_check_digit(digits: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(digits)):
        n = int(character)
        if position % 2:
            n = n * 2 - 9 if n > 4 else n * 2
        total += n
    return total % 10 == 0


def is_card(value: str) -> bool:
    digits = re.sub(r"[ -]", "", value)
    return bool(re.fullmatch(r"[2-6]\d{12,18}", digits)) and has_check_digit(digits)


def is_iban(value: str) -> bool:
    plain = value.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_ip(value: str) -> bool:
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

is_email = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}").fullmatch
is_social_security_number = re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}").fullmatch
is_phone = re.compile(
    r"(\+\d{1,3}[ .-]?)?\(\d{2,4}\) ?\d{3,4}[ .-]?\d{3,4}|"
    r"(\+?1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}( ?x\d+)?|"
    r"\+\d{1,3}([ .-]?\d){7,12}|0\d{2,4}[ /-]\d{3,4}[ -]?\d{2,4}[ -]?\d{0,4}"
).fullmatch
is_hardware_address = re.compile(r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}").fullmatch
is_browser = re.compile(r"(Mozilla|Opera|Dalvik)/\d.*\(.*").match
is_street_address = re.compile(
    rf"\d+[A-Za-z]?(-\d+)? +([NSEW]{{1,2}}\.? +)?[A-Za-z0-9' .]+\b({_STREET})\.?"
    r"( +[NSEW]{1,2})?([ ,]+(apt|unit|suite|#).*)?",
    re.IGNORECASE,
).fullmatch
is_german_address = re.compile(
    r"[A-ZÄÖÜ][\w .-]*(straße|strasse|str\.|weg|platz|gasse|allee) ?\d+ ?[a-z]?"
).fullmatch
is_uuid = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}").fullmatch
is_point = re.compile(r"(POINT ?)?\(?-?\d{1,3}\.\d{3,}[ ,]+-?\d{1,3}\.\d{3,}\)?").fullmatch
