"""The job that reads a data dictionary that somebody sent: CSV, a workbook, or JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from simplr_core.tables.dictionary import (
    DictionaryUnreadable,
    ReadDictionary,
    read_grid,
    read_json,
)
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tidy.encodings import Undecodable, Utf8Stream, recognise_encoding, settle_encoding
from simplr_core.tidy.formats.spreadsheets import cells_of_sheets

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
LONGEST_CELL = 1 << 20


def read_dictionary(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """What a dictionary says, and what is wrong with it (a `ReadDictionary` in JSON).

    `arguments`: `content`, the bytes of the file. Of a workbook, the first sheet with a column
    of names counts. Raises DictionaryUnreadable, or what a damaged workbook raises.
    """
    return _read(arguments["content"]).to_json()


def _read(content: bytes) -> ReadDictionary:
    if content.startswith(_WORKBOOKS):
        return _read_workbook(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return read_json(content.removeprefix(b"\xef\xbb\xbf"))
    return read_grid(_rows_of(_text_of(content)))


def _read_workbook(content: bytes) -> ReadDictionary:
    reason = DictionaryUnreadable()
    for grid in cells_of_sheets(io.BytesIO(content), len(content)):
        try:
            return read_grid(grid)
        except DictionaryUnreadable as error:
            reason = error
    raise reason


def _text_of(content: bytes) -> str:
    source = io.BytesIO(content)
    encoding = recognise_encoding(content)
    if encoding is None:
        raise DictionaryUnreadable
    try:
        return Utf8Stream(source, encoding).read().decode()
    except Undecodable:
        return Utf8Stream(source, settle_encoding(source)).read().decode()


def _rows_of(text: str) -> list[list[str]]:
    """The cells, by the delimiter that the heading has most of."""
    heading = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    csv.field_size_limit(LONGEST_CELL)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DictionaryUnreadable(
            "A quotation mark is never closed, or a cell is too long."
        ) from error
