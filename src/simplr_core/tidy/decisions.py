"""From what was counted to a decision: the type, the missing codes, a confidence and the reason.

A decision rests on all values. It turns a column into a type only if nearly every value is of
that type; the others are put into quarantine when the table is kept. A column that is a code
(leading zeros, postcodes, telephone and other numbers that name something) stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy import measuring
from simplr_core.tidy.cells import WHOLE_CODE
from simplr_core.tidy.measures import is_measure
from simplr_core.tidy.tallies import BOOLEANS, Choice, Tally
from simplr_core.tidy.understanding import Confidence, FieldUnderstanding

NEARLY_ALL = 0.98
ENOUGH_FOR_EXCEPTIONS = 50
MOST_CATEGORIES = 50
LONGEST_CATEGORY = 80

_CODE_WORDS = {
    *("id", "ids", "uid", "guid", "uuid", "key", "code", "codes", "zip", "zipcode", "postcode"),
    *("postal", "plz", "cap", "codigo", "postleitzahl", "phone", "tel", "telephone", "mobile"),
    *("fax", "ssn", "sin", "nin", "soc", "fips", "geoid", "iban", "bic", "isbn", "ean"),
    *("upc", "sku", "gtin", "barcode", "vin", "imei", "mrn", "npi", "ein", "dbn", "ccnumber"),
    *("konto", "naics", "siret", "siren", "siruta", "nuts", "tract", "passport"),
    *("telefon", "telefono", "telephonenumber", "phonenumber", "zip4", "postalcode"),
}
_CODES_AT_THE_END = {"cell", "account", "card"}
"""Codes where they end a name, or a word for number follows: `account_no`, not `account_balance`."""
_NUMBER_WORDS = {"number", "no", "nr", "num", "nummer", "numero"}
_DATE_WORDS = {"date", "dob", "birth", "birthday", "born", "day", "datum", "fecha", "on", "data"}
_SAFE_IN_TEXT = {
    *("N/A", "n/a", "#N/A", "N.A.", "n.a.", "<NA>", "NaN", "nan", "NAN", "#NULL!", "NULL", "null"),
    *("Null", "\\N", "-", "--", "---", ".", "..", "?", "#VALUE!", "#REF!"),
}
_ORDER: dict[Choice, int] = {
    choice: rank
    for rank, choice in enumerate(
        (
            (FieldType.INTEGER, ""),
            (FieldType.INTEGER, "1.0"),
            (FieldType.DECIMAL, ""),
            (FieldType.INTEGER, "1,234"),
            (FieldType.INTEGER, "1 234"),
            (FieldType.DECIMAL, "1,5"),
            (FieldType.INTEGER, "1.234"),
            (FieldType.DECIMAL, "1,234.5"),
            (FieldType.DECIMAL, "1.234,5"),
        )
    )
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column on its way to a field: what it is called, and what was counted in it."""

    name: str
    source_name: str
    tally: Tally


def decide_fields(columns: Sequence[Column]) -> list[FieldUnderstanding]:
    """A decision for every column; what one column shows to be a missing code helps the next."""
    chosen = [choose_type(column) for column in columns]
    file_words = {
        word
        for column, (choice, _) in zip(columns, chosen, strict=True)
        if choice is not None and choice[0] is not FieldType.TEXT
        for word, n in column.tally.words.items()
        if n
    }
    month_first = _order_of_days(columns, chosen)
    return [
        _decide(column, choice, why, file_words, month_first)
        for column, (choice, why) in zip(columns, chosen, strict=True)
    ]


def choose_type(column: Column) -> tuple[Choice | None, str]:
    """The type that nearly all values have, and a word on why; None for text."""
    tally = column.tally
    total = tally.value_count
    if total == 0:
        return None, "No value is present."
    enough = total * NEARLY_ALL if total >= ENOUGH_FOR_EXCEPTIONS else total
    able = {choice: n for choice, n in tally.fits.items() if n >= enough and n}
    if not able:
        return None, measuring.why_text(tally)
    if compact := _compact_date(column, able):
        return compact, "Eight digits that are nearly all real dates."
    best = max(able, key=lambda choice: (able[choice], -_rank(choice)))
    if is_measure(best[1]):
        return measuring.settled(tally, best, able)
    if best == (FieldType.DECIMAL, "") and _are_thousands(tally, able):
        return (FieldType.INTEGER, "1.234"), (
            "Points stand before three digits and only in numbers above 999: they part thousands."
        )
    if best in _COMMA_BEFORE_FRACTIONS and _commas_may_part_thousands(tally):
        return None, "Every comma stands before three digits: it may part thousands."
    if best in BOOLEANS and not _both_words(tally, best[1]):
        return None, ""
    if best == (FieldType.INTEGER, "1.0") and able.get((FieldType.INTEGER, ""), 0) == able[best]:
        best = (FieldType.INTEGER, "")
    if best[0] is FieldType.DECIMAL and tally.long_number_count:
        return None, f"{tally.long_number_count} of the numbers have too many digits to keep all."
    if best[0] is FieldType.INTEGER and best[1] in ("", "1.0"):
        if tally.leading_zero_count:
            return None, f"{tally.leading_zero_count:,} of the numbers begin with a zero: a code."
        if is_code_name(column.name):
            form = WHOLE_CODE if best[1] else ""
            return (FieldType.TEXT, form), "Numbers whose name says that they name something."
    return best, ""


def _rank(choice: Choice) -> int:
    """What is preferred of two formats that as many cells fit: the lower."""
    return measuring.rank(choice) if is_measure(choice[1]) else _ORDER.get(choice, 99)


_COMMA_BEFORE_FRACTIONS = ((FieldType.DECIMAL, "1 234,5"), (FieldType.DECIMAL, "1.234,5"))


def _commas_may_part_thousands(tally: Tally) -> bool:
    """True where blanks or points part thousands in some numbers and commas perhaps in others."""
    with_comma = [value for value in tally.sample if "," in value]
    return bool(with_comma) and all(_GROUPED.fullmatch(value) for value in with_comma)


_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


def _are_thousands(tally: Tally, able: Mapping[Choice, int]) -> bool:
    """Whether points part thousands: fractions would not all have three digits beside wholes."""
    grouped = able.get((FieldType.INTEGER, "1.234"), 0)
    pointed = tally.value_count - tally.integer_count
    return grouped == able[FieldType.DECIMAL, ""] and pointed > 1 and tally.integer_count > 1


def is_code_name(name: str) -> bool:
    """True for names such as `zip_code`, `soc_sec_id`, `phone`: numbers that are not amounts."""
    words = name.split("_")
    for word, after in zip(words, [*words[1:], "no"], strict=True):
        if word in _CODES_AT_THE_END and after in _NUMBER_WORDS:
            return True
    return not _CODE_WORDS.isdisjoint(words) or name in ("dbn", "post_code", "soc_sec")


def _compact_date(column: Column, able: dict[Choice, int]) -> Choice | None:
    compact = (FieldType.DATE, "%Y%m%d")
    if compact not in able:
        return None
    plausible = [v for v in column.tally.sample if re.fullmatch(r"(1[89]|20)\d{6}", v)]
    if len(plausible) < 0.95 * len(column.tally.sample):
        return None
    named = not _DATE_WORDS.isdisjoint(column.name.split("_"))
    return compact if named or column.tally.value_count >= 20 else None


def _both_words(tally: Tally, form: str) -> bool:
    seen = {text.casefold() for text in (tally.distinct or ())}
    return set(form.split("|")) <= seen


def _order_of_days(
    columns: Sequence[Column], chosen: Sequence[tuple[Choice | None, str]]
) -> bool | None:
    """Whether the file writes the month first, where one of its columns shows it."""
    votes = set()
    for column, (choice, _) in zip(columns, chosen, strict=True):
        other = _other_order(choice)
        if choice and other:
            fits = column.tally.fits
            if fits.get(choice, 0) > fits.get(other, 0):
                votes.add(choice[1].index("%m") < choice[1].index("%d"))
            elif fits.get(choice, 0) < fits.get(other, 0):
                votes.add(other[1].index("%m") < other[1].index("%d"))
    return votes.pop() if len(votes) == 1 else None


def _other_order(choice: Choice | None) -> Choice | None:
    if choice is None or not re.match(r"%[md][-./]%[md][-./]%[yY]", choice[1]):
        return None
    swapped = {"%m": "%d", "%d": "%m"}
    return choice[0], re.sub("%[md]", lambda found: swapped[found[0]], choice[1], count=2)


def _decide(
    column: Column,
    choice: Choice | None,
    why: str,
    file_words: set[str],
    month_first: bool | None,
) -> FieldUnderstanding:
    tally = column.tally
    confidence, ambiguous = Confidence.CERTAIN, ""
    other = _other_order(choice)
    if choice and other and tally.fits.get(other, 0) == tally.fits[choice]:
        choice, confidence, ambiguous = _settle_order(choice, other, month_first)
    kind, form = choice or (FieldType.TEXT, "")
    codes, coded = _missing_codes(tally, kind, file_words, choice is None)
    values = tally.value_count - sum(n for code, n in tally.numbers.items() if code in codes)
    unreadable = (
        0 if kind is FieldType.TEXT or choice is None else (tally.value_count - tally.fits[choice])
    )
    if kind is FieldType.TEXT and not why and _is_category(column):
        kind = FieldType.CATEGORY
    evidence = _evidence(kind, form, tally, unreadable, why, ambiguous, coded)
    if confidence is Confidence.CERTAIN:
        confidence = _confidence(kind, form, tally, unreadable, values)
    return FieldUnderstanding(
        field=Field(
            name=column.name,
            source_name=column.source_name,
            type=kind,
            format=form,
            missing_codes=codes,
        ),
        confidence=confidence,
        evidence=evidence,
        unreadable_count=unreadable,
        alternatives=tuple(
            (*able, n) for able, n in sorted(tally.fits.items(), key=lambda fit: -fit[1])[:8] if n
        ),
        missing_count=tally.blank_count
        + sum(tally.words[code] for code in codes)
        + sum(tally.numbers[code] for code in codes),
    )


def _settle_order(
    choice: Choice, other: Choice, month_first: bool | None
) -> tuple[Choice, Confidence, str]:
    first = (choice, other) if choice[1].startswith("%m") else (other, choice)
    if month_first is not None:
        taken = first[0] if month_first else first[1]
        return taken, Confidence.LIKELY, "Another column shows the order of day and month."
    taken = first[0] if "/" in choice[1] else first[1]
    said = "the month" if taken is first[0] else "the day"
    return taken, Confidence.CHECK, f"No day is above 12: {said} is taken to come first."


def _missing_codes(
    tally: Tally, kind: FieldType, file_words: set[str], is_text: bool
) -> tuple[tuple[str, ...], str]:
    if is_text or kind is FieldType.TEXT:
        two_letters = [v for v in tally.sample if re.fullmatch("[A-Z]{2}", v)]
        codes = [
            word
            for word in tally.words
            if word in _SAFE_IN_TEXT
            or (word in file_words and not (word == "NA" and len(two_letters) > 1))
        ]
    else:
        codes = list(tally.words)
    if kind in (FieldType.INTEGER, FieldType.DECIMAL):
        repeated = {code: n for code, n in tally.numbers.items() if n > 1}
        if repeated and sum(repeated.values()) == tally.negative_count:
            codes += repeated
    total = sum(tally.words[code] + tally.numbers[code] for code in codes)
    said = f"{total} cells hold a code for a missing value." if total else ""
    return tuple(sorted(set(codes))), said


def _is_category(column: Column) -> bool:
    tally = column.tally
    if tally.distinct is None or is_code_name(column.name):
        return False
    few = len(tally.distinct) <= MOST_CATEGORIES and len(tally.distinct) * 10 <= tally.value_count
    return few and tally.value_count >= 20 and tally.longest <= LONGEST_CATEGORY


def _confidence(
    kind: FieldType, form: str, tally: Tally, unreadable: int, values: int
) -> Confidence:
    if kind is FieldType.TEXT:
        return Confidence.LIKELY if form else Confidence.CERTAIN
    if unreadable > 0.005 * tally.value_count or values < 3:
        return Confidence.CHECK
    if is_measure(form) and measuring.is_unsure(tally, form):
        return Confidence.LIKELY
    if unreadable or values < 20 or form in ("1,234", "1.234", "1.0", "%Y%m%d"):
        return Confidence.LIKELY
    return Confidence.CERTAIN


_SAID = {
    FieldType.INTEGER: "whole numbers",
    FieldType.DECIMAL: "numbers",
    FieldType.BOOLEAN: "one of two words",
    FieldType.DATE: "dates",
    FieldType.TIME: "times of day",
    FieldType.DATETIME: "dates with a time",
}


def _evidence(
    kind: FieldType,
    form: str,
    tally: Tally,
    unreadable: int,
    why: str,
    ambiguous: str,
    coded: str,
) -> str:
    total = tally.value_count
    parts = []
    if kind in _SAID:
        said = f"{total - unreadable} of {total} values are {_SAID[kind]}"
        parts.append(f"{said}{measuring.said_of(form)}")
        if form == "1.0":
            parts.append("They are written with a zero after the point.")
        if unreadable:
            verb = "is" if unreadable == 1 else "are"
            parts.append(f"{unreadable} {verb} not, and would go to quarantine.")
    elif kind is FieldType.CATEGORY:
        parts.append(f"{total} values, {len(tally.distinct or ())} of them distinct.")
    elif not why:
        parts.append(f"{total} values of text.")
    parts += [why, ambiguous, coded]
    if kind is FieldType.TEXT and form == WHOLE_CODE:
        parts.append("A zero after the point is dropped.")
    if tally.padded_count:
        parts.append(f"Blanks around {tally.padded_count} cells are dropped.")
    return " ".join(part for part in parts if part)
