"""The plan to keep a table: what was understood, as a person corrected it. Pure and in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.schema import Personal, Schema
from simplr_core.tidy.overrides import with_overrides
from simplr_core.tidy.understanding import Understanding


@dataclass(frozen=True, slots=True)
class KeepPlan:
    """How a file will be read and kept. The schema and the groups say which keys it needs."""

    understanding: Understanding

    @property
    def schema(self) -> Schema:
        return self.understanding.schema

    @property
    def groups(self) -> list[list[str]]:
        """The fields of each part: those that are not personal, then each personal one alone."""
        shared = [field.name for field in self.schema if field.personal is not Personal.PERSONAL]
        alone = [field.name for field in self.schema if field.personal is Personal.PERSONAL]
        return [shared, *([name] for name in alone)]

    def with_marks(self, marks: Mapping[str, str]) -> KeepPlan:
        """The plan with the personal marks that fields of these names had before.

        A mark is never lowered here: what the file itself shows to be personal stays so.
        """
        order = list(Personal)
        fields = tuple(
            replace(
                found,
                field=replace(
                    found.field,
                    personal=max(
                        found.field.personal,
                        Personal(marks.get(found.field.name, Personal.NONE)),
                        key=order.index,
                    ),
                ),
            )
            for found in self.understanding.fields
        )
        return KeepPlan(replace(self.understanding, fields=fields))

    def to_json(self) -> dict[str, Any]:
        return self.understanding.to_json()

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> KeepPlan:
        return cls(Understanding.from_json(plain))


class TableUnknown(Invalid):
    """Tables are named by their number in the understanding, from 0, each at most once."""

    code = "table-unknown"


class TableUnsaid(Invalid):
    """This file holds several tables. Say for each that you keep what is to be changed in it."""

    code = "table-unsaid"


def tables_of(understanding: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was understood of each table of a file, in order; nothing of what is kept as a file."""
    if understanding.get("kind") == "tables":
        return list(understanding["tables"])
    return [understanding] if understanding.get("kind") == "table" else []


def counts_in(understanding: Mapping[str, Any]) -> dict[str, int]:
    """Rows in, kept and put aside of all tables together; nothing where there is no table."""
    counts = [table["counts"] for table in tables_of(understanding)]
    return {name: sum(each[name] for each in counts) for name in (counts[0] if counts else ())}


def chosen_tables(
    understanding: Mapping[str, Any], choices: Mapping[str, Any]
) -> list[tuple[int, Mapping[str, Any]]]:
    """The numbers of the tables to keep, each with what is to be changed in it.

    Without `tables` in `choices`, all of them as they were understood. Raises TableUnknown or
    TableUnsaid.
    """
    count = len(tables_of(understanding))
    asked = choices.get("tables")
    if asked is None:
        if count > 1 and choices.get("fields"):
            raise TableUnsaid
        return [(number, choices if count == 1 else {}) for number in range(count)]
    numbers = [choice.get("table") for choice in asked]
    if not numbers or len(set(numbers)) != len(numbers) or not set(numbers) <= set(range(count)):
        raise TableUnknown
    return sorted(zip(numbers, asked, strict=True), key=lambda pair: pair[0])


def plan_tables(
    understanding: Mapping[str, Any], choices: Mapping[str, Any]
) -> list[tuple[int, KeepPlan]]:
    """A plan for each table that is kept, by its number. Raises what `plan_keep` raises."""
    tables = tables_of(understanding)
    return [
        (number, plan_keep(tables[number], choice))
        for number, choice in chosen_tables(understanding, choices)
    ]


def plan_keep(understanding: Mapping[str, Any], choices: Mapping[str, Any]) -> KeepPlan:
    """The plan that follows `understanding` (JSON) and the person's `choices`.

    `choices` has `fields`: the name of each corrected field, and its new_name, type, personal,
    format, missing_codes, title or meaning. Raises OverrideInvalid, SchemaInvalid,
    UnderstandingInvalid, or the reason why a format cannot be.
    """
    found = Understanding.from_json(understanding)
    return KeepPlan(with_overrides(found, choices.get("fields") or ()))
