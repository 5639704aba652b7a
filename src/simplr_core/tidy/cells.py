"""Reading the values of a type out of text cells, many at a time.

One function serves recognition and reading, so that what was counted before a table is kept is
what happens when it is kept. A cell that is no value of the type comes back as null.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
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


LOOKED_AT = 1_024
"""So many cells are looked at to see whether those of a batch are mostly the same."""


def mostly_same(texts: pa.Array) -> bool:
    """Whether it pays to look for the different ones among the cells: that costs more than a number takes to read."""
    first = texts.slice(0, LOOKED_AT)
    return len(first.unique()) * 2 < len(first) or len(texts) <= LOOKED_AT


def trim(texts: pa.Array) -> pa.Array:
    """The cells without blanks before and after, of every kind that Unicode knows.

    The same cells, where nothing in them is a blank.
    """
    if all(bytes_between(texts, "!", "~")):
        return texts
    if all(bytes_between(texts, " ", "~")) and not _has_blank_ends(texts):
        return texts
    return pc.utf8_trim_whitespace(texts)


def _has_blank_ends(texts: pa.Array) -> bool:
    """Whether a cell, or what stands around an empty one, begins or ends with a blank. Of ASCII."""
    content, places = _bytes_of(texts), _offsets(texts)
    ends = (content[places[places < len(content)]], content[places[places > 0] - 1])
    return any(bool((byte == ord(" ")).any()) for byte in ends)


def shortest(texts: pa.Array) -> int:
    """How many bytes the shortest cell has; 0 where there is none."""
    return pc.min(pc.binary_length(texts)).as_py() or 0


def bytes_between(texts: pa.Array, low: str, high: str) -> tuple[bool, bool]:
    """Whether no byte that the cells are taken from is below or above these characters."""
    content = _bytes_of(texts)
    if not len(content):
        return True, True
    return bool(content.min() >= ord(low)), bool(content.max() <= ord(high))


def without_missing(texts: pa.Array, codes: tuple[str, ...]) -> pa.Array:
    """The trimmed cells, null where a cell is empty or one of the missing codes."""
    if not codes and not texts.null_count and shortest(texts):
        return texts
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
        whole = _without_point_zero(texts)
        if whole is not None and _all(pc.ascii_is_decimal(whole)):
            return whole
        return pc.replace_substring_regex(texts, r"^([0-9]+)\.0+$", r"\1")
    return texts


def _all(fits: pa.Array) -> bool:
    """Nulls are skipped: a cell that is missing stays so."""
    return pc.all(fits, min_count=0).as_py() is True


def _without_point_zero(texts: pa.Array) -> pa.Array | None:
    """The cells without `.0` behind them, where all have it."""
    if not _all(pc.ends_with(texts, ".0")):
        return None
    return pc.utf8_slice_codeunits(texts, 0, -2)


# Patterns are the definition of the formats. Where a whole column is written plainly, Arrow reads it
# as quickly as it could be matched, ten times as quickly as matched, rewritten and then read: it is
# asked first, for what it takes more than a pattern does not stand in the column.


def _plain_integers(texts: pa.Array, longest: int) -> pa.Array | None:
    """The numbers of the cells, where none is longer than that and all are digits with a minus or none."""
    if _holds(texts, b"xX") or (pc.max(pc.binary_length(texts)).as_py() or 0) > longest:
        return None
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


def _plain_decimals(texts: pa.Array) -> pa.Array | None:
    """The numbers of the cells, where all are written with a point and without an exponent, or as
    infinite or no number, which are null."""
    if _holds(texts, b"eE"):
        return None
    try:
        return _finite(texts.cast(pa.float64()))
    except pa.ArrowInvalid:
        return None


def plain_decimals(texts: pa.Array) -> pa.Array | None:
    """The numbers of the cells, where every format with a decimal point reads them alike: without an
    exponent, and with a digit before the point. None where they may differ."""
    content = content_of(texts)
    if _begins_with_a_point(texts) or b"-." in content or b"+." in content:
        return None
    return _plain_decimals(texts)


def _begins_with_a_point(texts: pa.Array) -> bool:
    """Whether the first byte of a cell, or of the one behind an empty one, is a point."""
    content, starts = _bytes_of(texts), _offsets(texts)[:-1]
    return bool((content[starts[starts < len(content)]] == ord(".")).any())


def own_content(texts: pa.Array) -> bool:
    """Whether the cells are all that `content_of` has: nothing stands before, behind or between them."""
    places = _offsets(texts)
    ends = (int(places[0]), int(places[-1]))
    return not texts.null_count and ends == (0, len(_bytes_of(texts)))


def _bytes_of(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of `content_of`, where they lie."""
    data = texts.buffers()[2]
    return np.frombuffer(b"" if data is None else data, np.uint8)


def _offsets(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Where each cell begins in its content, and where the last one ends."""
    offsets = texts.buffers()[1]
    if offsets is None:
        return np.zeros(1, np.int64)
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    places = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1]
    return places.astype(np.int64)


def content_of(texts: pa.Array) -> bytes:
    """All bytes that the cells are taken from: more than theirs, where they are part of others."""
    data = texts.buffers()[2]
    return b"" if data is None else data.to_pybytes()


def _holds(texts: pa.Array, letters: bytes) -> bool:
    """Whether one of the letters may stand in a cell."""
    content = content_of(texts)
    return any(content.find(letter) >= 0 for letter in letters)


def _finite(numbers: pa.Array) -> pa.Array:
    finite = pc.is_finite(numbers)
    return numbers if _all(finite) else pc.if_else(finite, numbers, pa.scalar(None, pa.float64()))


def _only(texts: pa.Array, pattern: str) -> pa.Array:
    fits = pc.match_substring_regex(texts, pattern)
    if _all(fits):
        return texts
    return pc.if_else(fits, texts, pa.scalar(None, texts.type))


def _read_integers(texts: pa.Array, format: str) -> pa.Array:  # noqa: A002
    plain = None
    if format == "":
        plain = _plain_integers(texts, longest=18)
    elif format == "1.0" and (whole := _without_point_zero(texts)) is not None:
        plain = _plain_integers(whole, longest=15)
    if plain is not None:
        return plain
    pattern, taken_out = INTEGER_FORMATS[format]
    fitting = _only(texts, pattern)
    if taken_out:
        fitting = pc.replace_substring_regex(fitting, taken_out, "")
    return pc.utf8_ltrim(fitting, "+").cast(pa.int64())


def _read_decimals(texts: pa.Array, format: str) -> pa.Array:  # noqa: A002
    if format not in DECIMAL_FORMATS:
        return read_measures(texts, format)
    pattern, taken_out, mark = DECIMAL_FORMATS[format]
    if mark == ".":
        plain = _plain_decimals(texts) if not taken_out else plain_decimals(texts)
        if plain is not None:
            return plain
    fitting = _only(texts, pattern)
    if taken_out:
        fitting = pc.replace_substring_regex(fitting, taken_out, "")
    if mark != ".":
        fitting = pc.replace_substring(fitting, mark, ".")
    return _finite(pc.utf8_ltrim(fitting, "+").cast(pa.float64()))


def _read_booleans(texts: pa.Array, format: str) -> pa.Array:  # noqa: A002
    yes, no = format.split("|")
    lower = pc.utf8_lower(texts)
    known = pc.is_in(lower, pa.array([yes, no], texts.type))
    is_yes = pc.equal(lower, yes)
    return pc.if_else(known, is_yes, pa.scalar(None, pa.bool_()))
