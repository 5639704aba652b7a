"""What an imported dictionary would change, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simplr_core.tables.dictionary.entries import Entry, Limits, LimitsInvalid, check_limits
from simplr_core.tables.dictionary.importing import Problem, ReadDictionary, Row
from simplr_core.tables.schema import Personal

_LIMITS = ("values", "minimum", "maximum", "pattern")
_NAMES = {"meaning": "meaning", "title": "title", "unit": "unit", "key": "is_key"}


@dataclass(frozen=True, slots=True)
class Change:
    """One property of one field that would be other than it is."""

    field: str
    property: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """What the file says otherwise than the data was read. It is told, and changes nothing."""

    field: str
    property: str
    ours: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """What would become of a dictionary. With problems, nothing may be taken over."""

    entries: tuple[Entry, ...]
    """Those that change, as they would be."""
    changes: tuple[Change, ...] = ()
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    unmentioned: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()


def compare(entries: Sequence[Entry], read: ReadDictionary) -> Comparison:
    """Compare what is known of the fields with what was read, field by field, by name.

    Only what the file says changes: a column that it does not have leaves its property alone.
    Fields that it does not mention stay as they are.
    """
    known = {entry.name: entry for entry in entries}
    changed: list[Entry] = []
    changes: list[Change] = []
    differences: list[Difference] = []
    problems = list(read.problems)
    for row in read.rows:
        entry = known.get(row.name)
        if entry is None:
            problems.append(Problem(row.number, row.name, "name", "There is no such field."))
            continue
        found = _differences(entry, row.given)
        differences += found
        try:
            after = _changed(entry, row)
        except _Wrong as wrong:
            problems.append(wrong.problem)
            continue
        if after != entry:
            changed.append(after)
            changes += _changes(entry, after)
    mentioned = {row.name for row in read.rows}
    return Comparison(
        entries=tuple(changed),
        changes=tuple(changes),
        differences=tuple(differences),
        problems=tuple(sorted(problems, key=lambda problem: problem.row)),
        unmentioned=tuple(entry.name for entry in entries if entry.name not in mentioned),
        ignored_columns=read.ignored_columns,
    )


class _Wrong(Exception):
    def __init__(self, row: Row, property_: str, message: str) -> None:
        super().__init__()
        self.problem = Problem(row.number, row.name, property_, message)


def _changed(entry: Entry, row: Row) -> Entry:
    given = row.given
    simple: dict[str, Any] = {
        ours: given[theirs] for theirs, ours in _NAMES.items() if theirs in given
    }
    if "personal" in given:
        simple["personal"] = Personal(given["personal"])
    after = replace(entry, **simple)
    said = {name: given[name] for name in _LIMITS if name in given}
    if entry.limits is None:
        if any(said.values()):
            hidden = next(name for name, value in said.items() if value)
            raise _Wrong(row, hidden, "You do not see what this field may hold.")
        return after
    limits = replace(entry.limits, **said)
    if limits != entry.limits:
        _check(limits, entry, row)
    return replace(after, limits=limits)


def _check(limits: Limits, entry: Entry, row: Row) -> None:
    try:
        check_limits(limits, entry.type)
    except LimitsInvalid as error:
        raise _Wrong(row, str(error.details.get("field", "values")), error.message) from error


def _differences(entry: Entry, given: Mapping[str, Any]) -> list[Difference]:
    found = []
    theirs = given.get("type")
    if theirs and entry.type.value not in theirs:
        found.append(Difference(entry.name, "type", entry.type.value, " or ".join(theirs)))
    codes = given.get("missing_codes")
    if codes is not None and entry.limits is not None and set(codes) != set(entry.missing_codes):
        found.append(
            Difference(entry.name, "missing_codes", list(entry.missing_codes), list(codes))
        )
    return found


def _changes(before: Entry, after: Entry) -> list[Change]:
    old, new = before.to_json(), after.to_json()
    return [Change(before.name, key, old[key], new[key]) for key in old if old[key] != new[key]]
