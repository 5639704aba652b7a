"""Reading the values of a type out of text cells, many at a time.

One function serves recognition and reading, so that what was counted before a table is kept is
what happens when it is kept. A cell that is no value of the type comes back as null.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.dates import FormatInvalid, check_format, read_moments
from simplr_core.tidy.measures import is_measure, read_measures, unit_in
from simplr_core.tidy.numerals import BY_ANY, DECIMAL_FORMATS, INTEGER_FORMATS

BOOLEAN_FORMATS: tuple[str, ...] = (
    "true|false",
    "yes|no",
    "y|n",
    "t|f",
    "on|off",
    "ja|nein",
    "oui|non",
    "sí|no",
    "si|no",
    "sim|não",
    "sim|nao",
    "vrai|faux",
    "wahr|falsch",
    "vero|falso",
    "verdadero|falso",
    "verdadeiro|falso",
    "ja|nee",
    "ja|nej",
    "tak|nie",
    "ano|ne",
    "da|nu",
    "igen|nem",
    "evet|hayır",
    "kyllä|ei",
    "да|нет",
    "так|ні",
    "ναι|όχι",
    "はい|いいえ",
    "是|否",
)
"""Pairs of words, true first, in any case of letters. `1|0` too, where somebody asks for it."""

WHOLE_CODE = "1.0"
"""The format of a code that a spreadsheet wrote as a number: `60614.0` is read as `60614`."""


class NumberFormatInvalid(Invalid):
    """Numbers are written in one of the formats of the manual, such as `1,234.5` or `1.234,5 EUR`."""

    code = "number-format-invalid"


def check_cell_format(kind: FieldType, format: str) -> None:  # noqa: A002 - the schema's word
    """Return quietly if cells of `kind` can be read by `format`; raise the reason if not."""
    forms = format.split(BY_ANY)
    for form in forms:
        _check_one_format(kind, form)
    if len({"%z" in form for form in forms}) > 1:
        raise FormatInvalid("Either all formats of a field say a time zone, or none does.")
    if len({unit_in(form) for form in forms}) > 1:
        raise NumberFormatInvalid("Two units never stand in one field: replace the other numbers.")


def _check_one_format(kind: FieldType, form: str) -> None:
    if kind in (FieldType.DATE, FieldType.TIME, FieldType.DATETIME):
        check_format(kind, form)
    elif (kind is FieldType.INTEGER and form not in INTEGER_FORMATS) or (
        kind is FieldType.DECIMAL and form not in DECIMAL_FORMATS and not is_measure(form)
    ):
        raise NumberFormatInvalid
    elif kind is FieldType.BOOLEAN and form.count("|") != 1:
        raise NumberFormatInvalid("The format of a boolean is its two words, such as `yes|no`.")


def trim(texts: pa.Array) -> pa.Array:
    """The cells without blanks before and after, of every kind that Unicode knows."""
    return pc.utf8_trim_whitespace(texts)


def without_missing(texts: pa.Array, codes: tuple[str, ...]) -> pa.Array:
    """The trimmed cells, null where a cell is empty or one of the missing codes."""
    missing = pc.equal(texts, "")
    if codes:
        missing = pc.or_(missing, pc.is_in(texts, pa.array(codes, texts.type)))
    return pc.if_else(missing, pa.scalar(None, texts.type), texts)


def read_cells(texts: pa.Array, field: Field) -> pa.Array:
    """The values of `field` in `texts` (trimmed, null where missing); null where unreadable."""
    first, *others = field.format.split(BY_ANY)
    values = _read(texts, field.type, first)
    for form in others:
        left = pc.and_(pc.is_null(values), pc.is_valid(texts))
        if not pc.any(left, min_count=0).as_py():
            break
        again = pc.if_else(left, texts, pa.scalar(None, texts.type))
        values = pc.coalesce(values, _read(again, field.type, form))
    return values


def _read(texts: pa.Array, kind: FieldType, form: str) -> pa.Array:
    if kind is FieldType.INTEGER:
        return _read_integers(texts, form)
    if kind is FieldType.DECIMAL:
        return _read_decimals(texts, form)
    if kind is FieldType.BOOLEAN:
        return _read_booleans(texts, form)
    if kind in (FieldType.DATE, FieldType.TIME, FieldType.DATETIME):
        return read_moments(texts, kind, form)
    if form == WHOLE_CODE:
        return pc.replace_substring_regex(texts, r"^([0-9]+)\.0+$", r"\1")
    return texts


def _only(texts: pa.Array, pattern: str) -> pa.Array:
    fits = pc.match_substring_regex(texts, pattern)
    if pc.all(fits, min_count=0).as_py() is True:  # nulls are skipped: they stay null anyway
        return texts
    return pc.if_else(fits, texts, pa.scalar(None, texts.type))


def _read_integers(texts: pa.Array, format: str) -> pa.Array:  # noqa: A002
    pattern, taken_out = INTEGER_FORMATS[format]
    fitting = _only(texts, pattern)
    if taken_out:
        fitting = pc.replace_substring_regex(fitting, taken_out, "")
    return pc.utf8_ltrim(fitting, "+").cast(pa.int64())


def _read_decimals(texts: pa.Array, format: str) -> pa.Array:  # noqa: A002
    if format not in DECIMAL_FORMATS:
        return read_measures(texts, format)
    pattern, taken_out, mark = DECIMAL_FORMATS[format]
    fitting = _only(texts, pattern)
    if taken_out:
        fitting = pc.replace_substring_regex(fitting, taken_out, "")
    if mark != ".":
        fitting = pc.replace_substring(fitting, mark, ".")
    numbers = pc.utf8_ltrim(fitting, "+").cast(pa.float64())
    return pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))


def _read_booleans(texts: pa.Array, format: str) -> pa.Array:  # noqa: A002
    yes, no = format.split("|")
    lower = pc.utf8_lower(texts)
    known = pc.is_in(lower, pa.array([yes, no], texts.type))
    is_yes = pc.equal(lower, yes)
    return pc.if_else(known, is_yes, pa.scalar(None, pa.bool_()))
