"""Mending what was put aside: by rule, for all entries of a group, or entry by entry.

A rule is a step of a recipe (replace, missing, type). It is put into the recipe of the version, and
what lies in quarantine is read by that recipe: so the next file is mended as this one was. This
package knows what a mending may say and what becomes of each entry. It refuses to know where rows
lie (`simplr_core.tidy.jobs.mend`) and who may see them.
"""

from simplr_core.tidy.mending.changes import (
    Change,
    Does,
    MendingInvalid,
    RowsHidden,
    changes_in,
    check_sight,
    mended_schema,
    seen_schema,
)

__all__ = [
    "Change",
    "Does",
    "MendingInvalid",
    "RowsHidden",
    "changes_in",
    "check_sight",
    "mended_schema",
    "seen_schema",
]
