"""Reading a dictionary from the cells of a CSV or a workbook, or from JSON.

What is wrong is named by row and field, and everything that is wrong at once. No message repeats
what a cell holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.dictionary.entries import LONGEST_UNIT, AllowedValue
from simplr_core.tables.dictionary.exporting import TABLE_SCHEMA_TYPES
from simplr_core.tables.formats import restored
from simplr_core.tables.schema import FieldType, Personal

MOST_ROWS = 2_000
MOST_PROBLEMS = 200
_LONGEST = {"title": 200, "meaning": 5_000, "unit": LONGEST_UNIT}

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "field", "variable", "column", "field name", "variable name", "column name"),
    "title": ("title", "titles", "label", "field label", "variable label"),
    "meaning": ("description", "meaning", "definition"),
    "type": ("type", "data type", "datatype"),
    "unit": ("unit", "units"),
    "minimum": ("minimum", "min", "lowest"),
    "maximum": ("maximum", "max", "highest"),
    "pattern": ("pattern", "regex"),
    "values": ("categories", "values", "allowed values", "codes", "choices", "enum"),
    "missing_codes": ("missingvalues", "missing values", "missing codes", "missing_codes"),
    "personal": ("personal",),
    "key": ("key", "primary key", "primarykey"),
}
"""What each property may be called at the head of a column, in any case of letters."""

_MEANT = {heading: name for name, all_ in HEADINGS.items() for heading in all_}
_YES_NO = {"yes": True, "no": False, "true": True, "false": False, "x": True, "1": True, "0": False}


class DictionaryUnreadable(Invalid):
    """A dictionary has a row for each field and a column “name”, or is JSON with a list “fields”."""

    code = "dictionary-unreadable"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: in which row of the file (1 is the heading), of which field, with what."""

    row: int
    field: str
    property: str
    message: str

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Row:
    """What one row says of a field: only what the file has a word on."""

    number: int
    name: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadDictionary:
    """A dictionary that was read, and what could not be."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    ignored_columns: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, as a child hands them over; `from_json` reads them back."""
        return {
            "rows": [[row.number, row.name, _plain(row.given)] for row in self.rows],
            "problems": [problem.to_json() for problem in self.problems],
            "ignored_columns": list(self.ignored_columns),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ReadDictionary:
        """What `to_json` wrote."""
        return cls(
            tuple(Row(number, name, _given(given)) for number, name, given in plain["rows"]),
            tuple(Problem(**problem) for problem in plain["problems"]),
            tuple(plain["ignored_columns"]),
        )


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    values = given.get("values")
    return {**given, "values": [[v.value, v.label] for v in values]} if values else dict(given)


def _given(plain: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(plain)
    if "values" in given:
        given["values"] = tuple(AllowedValue(value, label) for value, label in given["values"])
    return given


class _Reading:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self._names: set[str] = set()

    def add(self, number: int, said: Mapping[str, Any]) -> None:
        """Take what one row says, or note what is wrong with it."""
        name = str(said.get("name") or "").strip()
        if not name:
            self._note(number, "", "name", "The row names no field.")
            return
        if name in self._names:
            self._note(number, name, "name", "The field stands there twice.")
            return
        self._names.add(name)
        given: dict[str, Any] = {}
        for property_, value in said.items():
            if property_ == "name" or value is None:
                continue
            try:
                read = _READERS[property_](value, property_)
            except ValueError as wrong:
                self._note(number, name, property_, str(wrong))
                continue
            if read is not None:
                given[property_] = read
        self.rows.append(Row(number, name, given))

    def _note(self, row: int, field: str, property_: str, message: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(row, field[:200], property_, message))

    def finish(self, ignored: Sequence[str] = ()) -> ReadDictionary:
        return ReadDictionary(tuple(self.rows), tuple(self.problems), tuple(ignored))


def read_grid(grid: Sequence[Sequence[str]]) -> ReadDictionary:
    """A dictionary in rows of cells; the first row that is not blank is the heading.

    Raises DictionaryUnreadable.
    """
    numbered = [(n, row) for n, row in enumerate(grid, start=1) if any(c.strip() for c in row)]
    if not numbered or len(numbered) > MOST_ROWS + 1:
        raise DictionaryUnreadable
    headings = [cell.strip() for cell in numbered[0][1]]
    meant = [_MEANT.get(heading.casefold()) for heading in headings]
    if meant.count("name") != 1:
        raise DictionaryUnreadable
    if repeated := {name for name in meant if name and meant.count(name) > 1}:
        raise DictionaryUnreadable("Two columns say the same.", columns=sorted(repeated))
    reading = _Reading()
    for number, row in numbered[1:]:
        cells = [restored(cell.strip()) for cell in row] + [""] * (len(meant) - len(row))
        said = {name: cell for name, cell in zip(meant, cells, strict=False) if name}
        reading.add(number, said)
    return reading.finish([h for h, name in zip(headings, meant, strict=True) if h and not name])


def read_json(content: bytes) -> ReadDictionary:
    """A dictionary as our own JSON or as Table Schema. Raises DictionaryUnreadable."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DictionaryUnreadable("The file begins like JSON and is none.") from error
    fields = document.get("fields") if isinstance(document, dict) else None
    if not isinstance(fields, list) or not all(isinstance(field, dict) for field in fields):
        raise DictionaryUnreadable
    if len(fields) > MOST_ROWS:
        raise DictionaryUnreadable(f"A dictionary has at most {MOST_ROWS:,} fields.")
    keys = document.get("primaryKey")
    ignored: dict[str, None] = {}
    reading = _Reading()
    for number, field in enumerate(fields, start=1):
        said: dict[str, Any] = {}
        for word, value in {**field, **_constraints(field)}.items():
            meant = _MEANT.get(word.casefold())
            if meant:
                said[meant] = value
            elif word not in ("constraints", "format"):
                ignored[word] = None
        if keys is not None:
            said["key"] = said.get("name") in (keys if isinstance(keys, list) else [keys])
        reading.add(number, said)
    return reading.finish(list(ignored))


def _constraints(field: Mapping[str, Any]) -> Mapping[str, Any]:
    found = field.get("constraints")
    return found if isinstance(found, dict) else {}


def _text(value: Any, property_: str) -> str:
    if isinstance(value, bool | list | dict):
        raise ValueError("This is a text.")
    text = str(value).strip()
    if "\0" in text:
        raise ValueError("A text holds no NUL character.")
    if len(text) > (most := _LONGEST.get(property_, 1_000)):
        raise ValueError(f"This has up to {most:,} characters.")
    return text


def _type(value: Any, property_: str) -> list[str] | None:
    """Our types that a word for a type can mean; Table Schema's `string` is two of them."""
    word = _text(value, property_).casefold()
    if not word:
        return None
    meant = [kind.value for kind, said in TABLE_SCHEMA_TYPES.items() if word in (kind.value, said)]
    if not meant:
        kinds = ", ".join(kind.value for kind in FieldType)
        raise ValueError(f"There is no such type: {kinds} are.")
    return meant


def _personal(value: Any, property_: str) -> str | None:
    word = _text(value, property_).casefold()
    if not word:
        return None
    word = {"no": "none", "yes": "personal"}.get(word, word)
    if word not in {mark.value for mark in Personal}:
        raise ValueError("A field is personal, indirect or none.")
    return word


def _key(value: Any, property_: str) -> bool | None:
    if isinstance(value, bool):
        return value
    word = _text(value, property_).casefold()
    if not word:
        return None
    if word not in _YES_NO:
        raise ValueError("A field is a key: yes or no.")
    return _YES_NO[word]


def _values(value: Any, property_: str) -> tuple[AllowedValue, ...]:
    if isinstance(value, str):
        return tuple(AllowedValue(*item[:2]) for item in unlisted(value))
    if not isinstance(value, list):
        raise ValueError("Allowed values are a list.")
    found = []
    for one in value:
        if isinstance(one, dict) and "value" in one:
            written, label = _scalar(one["value"]), _text(one.get("label") or "", property_)
        else:
            written, label = _scalar(one), ""
        found.append(AllowedValue(written, "" if label == written else label))
    return tuple(found)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _text(value, "values")


def _codes(value: Any, property_: str) -> list[str]:
    if isinstance(value, str):
        return [item[0] for item in unlisted(value)]
    if not isinstance(value, list):
        raise ValueError("Missing codes are a list.")
    return [
        code for one in value if (code := _scalar(one["value"] if isinstance(one, dict) else one))
    ]


def unlisted(cell: str) -> list[list[str]]:
    """The items of a list in one cell, each with what stands behind its first comma.

    Items are parted by `|` or by lines. A backslash takes its meaning from the next mark.
    """
    items: list[list[str]] = [[""]]
    characters = iter(cell)
    for character in characters:
        if character == "\\":
            items[-1][-1] += next(characters, "")
        elif character in "|\n":
            items.append([""])
        elif character == "," and len(items[-1]) == 1:
            items[-1].append("")
        else:
            items[-1][-1] += character
    trimmed = [[part.strip() for part in item] for item in items]
    return [item for item in trimmed if any(item)]


_READERS: Mapping[str, Any] = {
    "title": _text,
    "meaning": _text,
    "unit": _text,
    "minimum": _text,
    "maximum": _text,
    "pattern": _text,
    "type": _type,
    "personal": _personal,
    "key": _key,
    "values": _values,
    "missing_codes": _codes,
}
