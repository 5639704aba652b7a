"""The plan to keep a table: what was understood, as a person corrected it. Pure and in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

    def to_json(self) -> dict[str, Any]:
        return self.understanding.to_json()

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> KeepPlan:
        return cls(Understanding.from_json(plain))


def plan_keep(understanding: Mapping[str, Any], choices: Mapping[str, Any]) -> KeepPlan:
    """The plan that follows `understanding` (JSON) and the person's `choices`.

    `choices` has `fields`: the name of each corrected field, and its new_name, type, personal,
    format, missing_codes, title or meaning. Raises OverrideInvalid, SchemaInvalid,
    UnderstandingInvalid, or the reason why a format cannot be.
    """
    found = Understanding.from_json(understanding)
    return KeepPlan(with_overrides(found, choices.get("fields") or ()))
