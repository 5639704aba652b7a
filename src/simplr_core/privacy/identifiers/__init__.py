"""Finding personal data: by what a column is called, and by what its values look like.

A finding is a proposal with a reason, and the steward decides. It is made from one column at a
time, and it leans towards marking: a field that is marked needlessly costs a click, and one
that is missed costs a person. The reason never holds a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simplr_core.privacy.identifiers.values import kind_of_values, share_of_person_names
from simplr_core.privacy.identifiers.words import kind_of_header, may_hold_person_names
from simplr_core.tables.schema import Field, FieldType, Personal

__all__ = ["Finding", "find_personal"]

INDIRECT_KINDS = frozenset(
    {
        "postcode",
        "place",
        "coordinates",
        "age",
        "sex",
        "origin",
        "belief",
        "occupation",
        "education",
        "family",
        "income",
        "health",
        "free-text",
        "date-about-a-person",
        "identifier",
    }
)
"""Kinds that point at a person only together with others. All other kinds do so by themselves."""

CONTRADICTED = {
    "email": (FieldType.INTEGER, FieldType.DECIMAL, FieldType.DATE, FieldType.BOOLEAN),
    "person-name": (FieldType.INTEGER, FieldType.DECIMAL, FieldType.DATE, FieldType.BOOLEAN),
    "birth-date": (FieldType.BOOLEAN, FieldType.TIME),
    "phone": (FieldType.DATE, FieldType.DATETIME, FieldType.BOOLEAN),
    "ip-address": (FieldType.DATE, FieldType.BOOLEAN),
    "person-id": (FieldType.CATEGORY, FieldType.DATE, FieldType.DATETIME, FieldType.BOOLEAN),
    "free-text": (FieldType.INTEGER, FieldType.DECIMAL, FieldType.DATE, FieldType.BOOLEAN),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a column seems to say of persons, how sure that is, and why (without a value)."""

    personal: Personal
    kind: str
    confidence: Literal["certain", "likely", "check"]
    evidence: str


def find_personal(field: Field, header: str, sample_values: Sequence[str]) -> Finding:
    """Whether `field` seems personal, from its `header` and some of its (distinct) values."""
    values = list(dict.fromkeys(value.strip() for value in sample_values if value.strip()))
    by_value, share = kind_of_values(values)
    by_header = kind_of_header(header or field.name)
    if field.type in CONTRADICTED.get(by_header, ()):
        by_header = ""
    if by_value:
        sure = by_header == by_value or share > 0.9
        return _finding(
            by_value,
            "certain" if sure else "likely",
            f"{share:.0%} of the values that were looked at have this form"
            + (", and the name says so too." if by_header == by_value else "."),
        )
    if by_header:
        return _finding(by_header, "likely", "The name of the field says so.")
    if field.type in (FieldType.TEXT, FieldType.CATEGORY):
        share = share_of_person_names(values)
        named = may_hold_person_names(header or field.name)
        if share > 0.5 or (named and share > 0.2):
            return _finding(
                "person-name",
                "likely" if named else "check",
                f"{share:.0%} of the values that were looked at hold a common given name.",
            )
        if _is_long_text(values):
            return _finding("free-text", "check", "Long sentences may name anybody.")
    return Finding(Personal.NONE, "", "likely", "Neither the name nor the values point at persons.")


def _finding(
    kind: str, confidence: Literal["certain", "likely", "check"], evidence: str
) -> Finding:
    mark = Personal.INDIRECT if kind in INDIRECT_KINDS else Personal.PERSONAL
    return Finding(mark, kind, confidence, evidence)


def _is_long_text(values: Sequence[str]) -> bool:
    long = sum(value.count(" ") >= 8 for value in values)
    return len(values) >= 10 and long > 0.3 * len(values)
