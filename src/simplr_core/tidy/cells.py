"""Reading the values of a type out of text cells, many at a time.

One function serves recognition and reading, so that what was counted before a table is kept is
what happens when it is kept. A cell that is no value of the type comes back as null.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Field, FieldType
from simplr_core.tidy.dates import check_format, read_moments
from simplr_core.tidy.measures import is_measure, read_measures
from simplr_core.tidy.numerals import DECIMAL_FORMATS, INTEGER_FORMATS

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
    if kind in (FieldType.DATE, FieldType.TIME, FieldType.DATETIME):
        check_format(kind, format)
    elif (kind is FieldType.INTEGER and format not in INTEGER_FORMATS) or (
        kind is FieldType.DECIMAL and format not in DECIMAL_FORMATS and not is_measure(format)
    ):
        raise NumberFormatInvalid
    elif kind is FieldType.BOOLEAN and format.count("|") != 1:
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
    kind = field.type
    if kind is FieldType.INTEGER:
        return _read_integers(texts, field.format)
    if kind is FieldType.DECIMAL:
        return _read_decimals(texts, field.format)
    if kind is FieldType.BOOLEAN:
        return _read_booleans(texts, field.format)
    if kind in (FieldType.DATE, FieldType.TIME, FieldType.DATETIME):
        return read_moments(texts, kind, field.format)
    if field.format == WHOLE_CODE:
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
