"""Row conditions: written or built in a form, checked when read, applied to Arrow batches.

A condition is text only until it is read. `parse_condition` makes it a small tree of allowed
parts over the fields of one schema, with both sides of each comparison of one kind, or refuses
it; nothing is ever pasted into SQL. docs/reference/conditions.md is its manual page.
"""

from __future__ import annotations

from simplr_core.tables.expressions.conditions import Condition, all_of, parse_condition
from simplr_core.tables.expressions.errors import ConditionNotAllowed, ConditionUnknownField
from simplr_core.tables.expressions.forms import OPERATORS, build_condition

__all__ = [
    "OPERATORS",
    "Condition",
    "ConditionNotAllowed",
    "ConditionUnknownField",
    "all_of",
    "build_condition",
    "parse_condition",
]
