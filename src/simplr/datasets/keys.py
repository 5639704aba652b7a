"""The fields by which the rows of a version can be told apart, by what is known of it in clear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simplr.datasets import queries
from simplr.datasets.models import Field
from simplr.resources.models import Version

_NAMES_ROWS = {"integer", "text", "category", "datetime"}
ALMOST_ALL = 0.98
"""An estimated count of different values is within two in a hundred of the true one."""


def suggested_key(versions: Sequence[Version], *, names: Iterable[str]) -> list[str]:
    """The first of `names` that no row lacks and no two rows share, in each of the versions.

    Nothing where no field alone does. Of large versions the count of different values is an
    estimate: whoever matches by it looks at each key again.
    """
    fields = [{field.name: field for field in queries.fields_of(row)} for row in versions]
    kept = [row.rows_kept or 0 for row in versions]
    for name in names:
        if all(
            name in known and _tells_rows_apart(known[name], rows)
            for known, rows in zip(fields, kept, strict=True)
        ):
            return [name]
    return []


def _tells_rows_apart(field: Field, rows: int) -> bool:
    if field.type not in _NAMES_ROWS or not rows or field.missing_count:
        return False
    share = (field.distinct_count or 0) / rows
    return share == 1 if field.distinct_is_exact else share > ALMOST_ALL
