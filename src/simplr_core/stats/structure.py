"""Which fields tell the rows of a table apart, and which field follows from which other.

Candidates are found on a sample of rows; each is then looked up in the whole table, as long as
that fits in memory, and thrown away where a single row speaks against it. What is returned are
names of fields, never values. Missing counts as a value where fields follow from each other (as in
Huhtala, Kärkkäinen, Porkka and Toivonen, TANE, 1999); a key has no missing value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.matching import Hasher, Words, joined
from simplr_core.tables.schema import FieldType
from simplr_core.tables.sealed import ROW_GROUP_ROWS

SAMPLE_ROWS = 20_000
SAMPLED_GROUPS = 4
MOST_ROWS = 16_000_000
"""Of a larger table only the sample is looked at, and it is said."""

MOST_FIELDS = 60
MOST_KEYS = 5
MOST_DEPENDENCIES = 30
PAIRED = 12

_NAMES_ROWS = (FieldType.INTEGER, FieldType.TEXT, FieldType.CATEGORY, FieldType.DATETIME)


class _Words:
    """The words of some columns over some rows, and which of them hold a missing value."""

    def __init__(self) -> None:
        self.words: dict[str, Words] = {}
        self.has_missing: set[str] = set()

    def together(self, names: Sequence[str]) -> Words:
        found = self.words[names[0]]
        for name in names[1:]:
            found = joined(found, self.words[name])
        return found

    def distinct(self, names: Sequence[str]) -> int:
        return len(np.unique(self.together(names)))


def structure_of(
    version: KeptVersion, *, seed: bytes, beat: Callable[[int], None] = lambda done: None
) -> dict[str, Any]:
    """{keys: [[name]], dependencies: [{from: name, to: name}], is_whole}: see the module."""
    rows = version.row_count
    names = list(version.schema.names[:MOST_FIELDS])
    if not rows or not names:
        return {"keys": [], "dependencies": [], "is_whole": True}
    sample = _sampled(version, names, Hasher(seed))
    keys = _keys_in(sample, version)
    pairs = _dependencies_in(sample, names)
    is_whole = rows <= MOST_ROWS
    if is_whole and rows > len(next(iter(sample.words.values()))):
        whole = _Whole(version, Hasher(seed), beat)
        keys = [key for key in keys if whole.is_key(key)]
        pairs = whole.holding(pairs)
    return {
        "keys": keys[:MOST_KEYS],
        "dependencies": [{"from": one, "to": other} for one, other in pairs[:MOST_DEPENDENCIES]],
        "is_whole": is_whole,
    }


def _sampled(version: KeptVersion, names: list[str], hasher: Hasher) -> _Words:
    """The words of a few stretches of rows, spread evenly over the table."""
    groups = -(-version.row_count // ROW_GROUP_ROWS)
    chosen = sorted({round(at) for at in np.linspace(0, groups - 1, SAMPLED_GROUPS)})
    most = SAMPLE_ROWS // len(chosen)
    found, parts = _Words(), []
    for group in chosen:
        for batch in version.batches(names, offset=group * ROW_GROUP_ROWS, limit=most):
            parts.append(batch)
    for name in names:
        columns = [batch.column(name) for batch in parts]
        found.words[name] = np.concatenate([hasher.cells(column) for column in columns])
        if any(column.null_count for column in columns):
            found.has_missing.add(name)
    return found


def _keys_in(sample: _Words, version: KeptVersion) -> list[list[str]]:
    """Fields that tell the sampled rows apart: alone, else two together."""
    usable = [
        field.name
        for field in version.schema
        if field.name in sample.words
        and field.name not in sample.has_missing
        and field.type in (*_NAMES_ROWS, FieldType.DATE)
    ]
    rows = len(next(iter(sample.words.values())))
    counts = {name: sample.distinct([name]) for name in usable}
    alone = [
        [name]
        for name in usable
        if counts[name] == rows and version.schema[name].type in _NAMES_ROWS
    ]
    if alone:
        return alone
    most = sorted(usable, key=lambda name: -counts[name])[:PAIRED]
    return [list(pair) for pair in combinations(most, 2) if sample.distinct(pair) == rows]


def _dependencies_in(sample: _Words, names: list[str]) -> list[tuple[str, str]]:
    """Pairs of which the second is the same wherever the first is, in the sampled rows."""
    rows = len(next(iter(sample.words.values())))
    counts = {name: sample.distinct([name]) for name in names}
    telling = [name for name in names if 2 <= counts[name] <= rows // 2]
    return [
        (one, other)
        for one in telling
        for other in names
        if other != one and 2 <= counts[other] <= counts[one]
        if sample.distinct([one, other]) == counts[one]
    ]


class _Whole:
    """Looks candidates up in every row, a few columns at a time."""

    def __init__(self, version: KeptVersion, hasher: Hasher, beat: Callable[[int], None]) -> None:
        self._version, self._hasher, self._beat = version, hasher, beat

    def _read(self, names: Sequence[str]) -> _Words:
        found, parts = _Words(), {name: [] for name in names}  # type: ignore[var-annotated]
        done = 0
        for batch in self._version.batches(list(names)):
            for name in names:
                column = batch.column(name)
                parts[name].append(self._hasher.cells(column))
                if column.null_count:
                    found.has_missing.add(name)
            done += batch.num_rows
            self._beat(done)
        found.words = {name: np.concatenate(words) for name, words in parts.items()}
        return found

    def is_key(self, names: list[str]) -> bool:
        """Whether no row lacks one of them and no two rows share them."""
        words = self._read(names)
        return not words.has_missing and words.distinct(names) == self._version.row_count

    def holding(self, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Those of the pairs that hold in every row."""
        found: list[tuple[str, str]] = []
        for one in dict.fromkeys(first for first, _ in pairs):
            for other in (second for first, second in pairs if first == one):
                words = self._read([one, other])
                if words.distinct([one, other]) == words.distinct([one]):
                    found.append((one, other))
                if len(found) >= MOST_DEPENDENCIES:
                    return found
        return found
