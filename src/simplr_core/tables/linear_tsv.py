"""Linear TSV: one line for each row, whatever its texts hold, as databases and programs read it.

A line end, a return, a tab, a backslash and NUL inside a text are written `\\n`, `\\r`, `\\t`, `\\\\`
and `\\0`; a missing value is `\\N`, an empty text is empty. Nothing is quoted, so a line end always
ends a row: a reader may cut the stream at any of them. PostgreSQL's COPY, MySQL's LOAD DATA and
ClickHouse read it as it is, R's `fread` with `quote = ""` and `na.strings = "\\N"`.

Readers that are made for speed round decimals: `fread` misses the last bit of one in some
thousands. So `hexadecimal` writes them in the notation of C (`%a`), which nobody rounds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

MISSING = r"\N"

pc: Any = pyarrow.compute  # its stubs refuse what the library accepts
_ESCAPES = (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"), ("\0", r"\0"))
"""The backslash first: the others bring one."""
_IS_ESCAPED = np.isin(np.arange(256), [ord(plain) for plain, _ in _ESCAPES])

_LENGTH = len("+0x1.0123456789abcp+0000")
_FRACTION = slice(5, 18)
_EXPONENT = slice(19, 24)
_LEADING, _SIGN = 3, 0
_PAIRS = np.frombuffer("".join(f"{n:02x}" for n in range(256)).encode(), np.uint16)
"""Each byte as the two bytes of its digits."""
_EXPONENTS = np.frombuffer(
    "".join(f"{max(n, 1) - 1023:+05d}" for n in range(2048)).encode(), np.uint8
).reshape(2048, 5)


def escaped(texts: Any) -> Any:
    """The texts in one line each; null stays null."""
    if not np.take(_IS_ESCAPED, _content(texts)).any():
        return texts
    for plain, written in _ESCAPES:
        texts = pc.replace_substring(texts, plain, written)
    return texts


def _content(texts: Any) -> Any:
    """The bytes of all texts, one after the other."""
    _, offsets, content = texts.buffers()
    if content is None:
        return np.empty(0, np.uint8)
    places = np.frombuffer(offsets, np.int32)
    first, last = places[texts.offset], places[texts.offset + len(texts)]
    return np.frombuffer(content, np.uint8)[first:last]


def hexadecimal(decimals: Any) -> Any:
    """Each decimal as `+0x1.8000000000000p+0001`, to the bit; null where it is null or not finite."""
    valid = pc.fill_null(pc.is_finite(decimals), False)
    numbers = pc.if_else(valid, decimals, 0.0).to_numpy(zero_copy_only=False)
    bits = np.ascontiguousarray(numbers, dtype=">f8").view(">u8")
    exponents = ((bits >> 52) & 0x7FF).astype(np.int64)
    digits = np.take(_PAIRS, bits.view(np.uint8)).view(np.uint8).reshape(-1, 16)

    written = np.empty((len(numbers), _LENGTH), np.uint8)
    written[:] = np.frombuffer(b"+0x1.0000000000000p+0000", np.uint8)
    written[np.signbit(numbers), _SIGN] = ord("-")
    written[exponents == 0, _LEADING] = ord("0")
    written[:, _FRACTION] = digits[:, 3:]
    written[:, _EXPONENT] = np.take(_EXPONENTS, exponents, axis=0)

    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * _LENGTH
    texts = pa.StringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets), pa.py_buffer(written.ravel())
    )
    return pc.if_else(valid, texts, pa.scalar(None, pa.string()))
