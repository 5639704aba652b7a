"""What was put aside: its entries, the groups they fall into, and what a reader is told of them.

An entry is a whole row (no field), or a cell of a kept row that is missing there. All entries of
one field and one reason are a group: what helps one of them mostly helps the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simplr_core.tidy.rows import EMPTY_ROW, REPEATED_ROW, TOTAL_ROW

Entry = Mapping[str, Any]

PUT_ASIDE = "put-aside"
"""The reason that stands for one that tells of values, to those who may not see all of them."""

_TELLING = frozenset(
    {EMPTY_ROW, TOTAL_ROW, REPEATED_ROW, "key-missing", "key-twice", "key-ambiguous"}
)
"""Reasons of whole rows that were found in the values of their cells."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the quarantine a reader is told from whom these fields are hidden.

    Cells of hidden fields are not there for him, and are in no count. Of a whole row he is told
    that it was put aside, and why, unless the reason tells of values; its text may hold a hidden
    one, so it is left out.
    """

    hidden: frozenset[str] = frozenset()

    def shown(self, entry: Entry) -> Entry | None:
        """The entry as the reader sees it; None where it is not there for him."""
        if not self.hidden:
            return entry
        if entry["field"] is None:
            reason = PUT_ASIDE if entry["reason"] in _TELLING else entry["reason"]
            return {**entry, "reason": reason, "raw": None}
        return None if entry["field"] in self.hidden else entry


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one field and reason. Without a field: cells of any, and whole rows."""

    field: str = ""
    reason: str = ""

    def holds(self, entry: Entry) -> bool:
        """True if the entry, as its reader sees it, is one of the group."""
        return (not self.field or entry["field"] == self.field) and (
            not self.reason or entry["reason"] == self.reason
        )


def seen(entries: Iterable[Entry], sight: Sight, group: Group) -> Iterator[Entry]:
    """The entries of a group as a reader sees them, in their order."""
    for entry in entries:
        shown = sight.shown(entry)
        if shown is not None and group.holds(shown):
            yield shown


def counted(entries: Iterable[Entry], sight: Sight) -> list[dict[str, Any]]:
    """How many entries each group has for a reader: [{field, reason, count}], the largest first."""
    tally = Counter((entry["field"], entry["reason"]) for entry in seen(entries, sight, Group()))
    return [
        {"field": field, "reason": reason, "count": count}
        for (field, reason), count in tally.most_common()
    ]
