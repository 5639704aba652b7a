"""The fields by which the rows of versions are told apart where nobody names any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simplr.datasets import queries, structures
from simplr.datasets.models import Field, Structure
from simplr.resources.models import Version

_NAMES_ROWS = {"integer", "text", "category", "datetime"}
ALMOST_ALL = 0.98
"""An estimated count of different values is within two in a hundred of the true one."""


def suggested_key(versions: Sequence[Version], *, names: Sequence[str]) -> list[str]:
    """Fields among `names` that no row lacks and no two rows share, in each of the versions.

    By what was found in the rows, where that is known of all of them; else a single field by the
    counts of its values, which of large versions are estimates. Whoever matches by a key looks at
    each row's again. Nothing where there is none.
    """
    known = Structure.objects.filter(version__in=versions)
    if len(known) == len(versions):
        found = [structures.keys_within(each, names) for each in known]
        common = [key for key in found[0] if all(key in others for others in found[1:])]
        return min(common, key=lambda key: (len(key), *map(names.index, key)), default=[])
    return _by_counts(versions, names)


def _by_counts(versions: Sequence[Version], names: Iterable[str]) -> list[str]:
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
