"""An export of the quarantine that was edited, as changes: what stands under `mended` is written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.formats import restored
from simplr_core.tables.schema import Schema
from simplr_core.tidy.mending.changes import Change, Does, MendingInvalid, change_in

MOST_LINES = 2_000_000
MOST_BYTES = 64 << 20
LONGEST_CELL = 1 << 20
NEEDED = ("row", "field", "mended")


class EditedInvalid(Invalid):
    """An edited export has the columns row, field and mended. Correct the line that is named."""

    code = "edited-export-invalid"


def changes_of_file(reader: io.RawIOBase, format_: str, schema: Schema) -> tuple[Change, ...]:
    """The changes in an edited export, CSV or a JSON object a line. Raises EditedInvalid.

    A line whose `mended` and `do` are empty changes nothing. Of a whole row `mended` holds its cells
    in the order of the fields, written as CSV; `do` may say `empty` or `drop` instead.
    """
    text = io.TextIOWrapper(io.BufferedReader(reader, 1 << 18), encoding="utf-8-sig", newline="")
    lines = _of_csv(text) if format_ == "csv" else _of_ndjson(text)
    found: dict[tuple[int, str | None], Change] = {}
    try:
        for number, line in lines:
            change = _change(line, number, schema)
            if change is None:
                continue
            if change.entry in found:
                raise EditedInvalid(f"Line {number}: this entry is there already.", line=number)
            found[change.entry] = change
            if len(found) > MOST_LINES:
                raise EditedInvalid(f"At most {MOST_LINES:,} entries at once. Split the file.")
    except UnicodeDecodeError as error:
        raise EditedInvalid("The file is not in UTF-8. Save it as UTF-8.") from error
    if not found:
        raise EditedInvalid("Nothing stands under `mended` or `do`: nothing would change.")
    return tuple(found.values())


def _of_csv(text: io.TextIOWrapper) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        first = text.readline()
        delimiter = max(",;\t", key=first.count)
        names = [
            name.strip().casefold() for name in next(csv.reader([first], delimiter=delimiter), [])
        ]
        if missing := [name for name in NEEDED if name not in names]:
            raise EditedInvalid(f"The first line names no column {', '.join(missing)}.")
        reader = csv.reader(text, delimiter=delimiter)
        for cells in reader:
            if cells:
                line = dict(zip(names, map(restored, cells), strict=False))
                yield reader.line_num + 1, line
    except csv.Error as error:
        raise EditedInvalid("The file is no CSV.") from error


def _of_ndjson(text: io.TextIOWrapper) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise EditedInvalid(f"Line {number} is no JSON.", line=number) from error
        if not isinstance(found, dict):
            raise EditedInvalid(f"Line {number} is no JSON object.", line=number)
        yield number, found


def _change(line: Mapping[str, Any], number: int, schema: Schema) -> Change | None:
    mended, does = line.get("mended"), line.get("do") or ""
    if mended in (None, "") and not does:
        return None
    try:
        plain: dict[str, Any] = {"row": _row(line.get("row")), "field": line.get("field") or ""}
        if does:
            plain["do"] = does
        elif plain["field"]:
            plain |= {"do": Does.WRITE.value, "value": mended}
        else:
            plain |= {"do": Does.WRITE.value, "cells": _cells(mended, schema)}
        if plain["do"] not in (Does.WRITE, Does.EMPTY, Does.DROP):
            raise MendingInvalid("`do` is `empty` or `drop`.")
        return change_in(plain, schema)
    except Invalid as error:
        raise EditedInvalid(f"Line {number}: {error.message}", line=number) from error


def _row(value: object) -> int:
    try:
        return int(str(value).strip().replace(",", ""))
    except ValueError:
        raise MendingInvalid("`row` is the number of a row.") from None


def _cells(mended: object, schema: Schema) -> dict[str, str]:
    if isinstance(mended, dict):
        return {str(name): value for name, value in mended.items()}
    cells = next(csv.reader([str(mended)]), [])
    if len(cells) != len(schema):
        raise MendingInvalid(
            f"The row has {len(cells)} cells, and the data set {len(schema)} fields. "
            "Write its cells in the order of the fields, with commas between them."
        )
    return dict(zip(schema.names, cells, strict=True))
