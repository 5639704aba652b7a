"""One way to write an entry, so that the same facts always have the same hash.

An entry is a JSON object on one line: keys sorted by code point, no spaces, UTF-8 as it is, and
only text, whole numbers within +-(2**53 - 1), true, false, null, lists and objects. Fractions are
refused: programs do not agree on how to write them. Every entry carries its place in `seq`,
counted from 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from simplr_core.errors import Invalid

_LARGEST_NUMBER = 2**53 - 1


class EntryNotCanonical(Invalid):
    """The line is not an entry as the ledger writes one."""

    code = "entry-not-canonical"


def canonical_entry(fields: Mapping[str, object]) -> bytes:
    """The bytes of an entry, without a line end; EntryNotCanonical if it cannot be written."""
    _check(fields)
    seq = fields.get("seq")
    if type(seq) is not int or seq < 0:
        raise EntryNotCanonical("An entry needs its place in `seq`, counted from 0.")
    return _write(fields)


def read_entry(line: bytes) -> dict[str, Any]:
    """The fields of an entry; EntryNotCanonical unless writing them again gives the same bytes."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise EntryNotCanonical from None
    if not isinstance(fields, dict) or canonical_entry(fields) != line:
        raise EntryNotCanonical
    return fields


def _write(fields: object) -> bytes:
    try:
        text = json.dumps(
            fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        return text.encode()
    except (UnicodeEncodeError, RecursionError):
        raise EntryNotCanonical("The entry holds text that is no Unicode.") from None


def _check(value: object, depth: int = 0) -> None:
    if depth > 32:
        raise EntryNotCanonical("The entry is nested too deeply.")
    if value is None or isinstance(value, str | bool):
        return
    if type(value) is int:
        if abs(value) > _LARGEST_NUMBER:
            raise EntryNotCanonical("A number in an entry is too large; write it as text.")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if type(key) is not str:
                raise EntryNotCanonical("The names in an entry are text.")
            _check(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, depth + 1)
    else:
        raise EntryNotCanonical(f"An entry cannot hold a {type(value).__name__}.")
