"""Random pseudonyms and the map that remembers them.

A pseudonym is drawn from the operating system's generator and checked against those already
drawn. It is not derived from the value in any way, so nobody can go back without the map
(45 CFR 164.514(c) asks for just that). One map serves one field throughout a project, so that
the same value has the same pseudonym in every version and release.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from simplr_core.errors import Conflict, Corrupt

_BYTES = 5
_ALPHABET = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz"
)
SCHEMA = pa.schema(
    [
        pa.field("value", pa.string(), nullable=False),
        pa.field("pseudonym", pa.string(), nullable=False),
    ]
)


class PseudonymsOutdated(Conflict):
    """Some values have no pseudonym yet. Whoever keeps the release must renew its pseudonyms."""

    code = "pseudonyms-outdated"


class PseudonymsBroken(Corrupt):
    """The map of pseudonyms is not a map. Restore it from a backup."""

    code = "pseudonyms-broken"


@dataclass(frozen=True, slots=True)
class PseudonymMap:
    """Values and their pseudonyms, both distinct. Never shown, never printed."""

    values: Any
    pseudonyms: Any

    @classmethod
    def empty(cls) -> Self:
        return cls(pa.array([], pa.string()), pa.array([], pa.string()))

    @classmethod
    def from_table(cls, table: pa.Table) -> Self:
        """The map that `to_table` made. Raises PseudonymsBroken."""
        if table.schema.names != SCHEMA.names:
            raise PseudonymsBroken
        values, pseudonyms = (table.column(name).combine_chunks() for name in SCHEMA.names)
        for column in (values, pseudonyms):
            if column.null_count or pc.count_distinct(column).as_py() != len(column):
                raise PseudonymsBroken
        return cls(values, pseudonyms)

    def to_table(self) -> pa.Table:
        return pa.table([self.values, self.pseudonyms], schema=SCHEMA)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<PseudonymMap of {len(self)}>"

    def of(self, texts: pa.StringArray) -> Any:
        """The pseudonyms of these values; raises PseudonymsOutdated if a single one has none."""
        # Distinct values first: a column repeats itself, and the map is searched once for each.
        coded = texts.dictionary_encode()
        places = pc.index_in(coded.dictionary, value_set=self.values)
        if places.null_count:
            raise PseudonymsOutdated(missing_count=places.null_count)
        return pc.take(self.pseudonyms, pc.take(places, coded.indices))

    def extended(
        self, columns: Iterable[pa.StringArray], *, draw: Callable[[int], bytes] = os.urandom
    ) -> PseudonymMap:
        """This map with a pseudonym for every value in `columns` that has none yet."""
        values = self.values
        for column in columns:
            distinct = pc.unique(pc.drop_null(column))
            unseen = pc.filter(distinct, pc.invert(pc.is_in(distinct, value_set=values)))
            if len(unseen):
                values = pa.concat_arrays([values, unseen])
        wanted = len(values) - len(self)
        if not wanted:
            return self
        drawn = draw_pseudonyms(wanted, taken=set(self.pseudonyms.to_pylist()), draw=draw)
        fresh = pa.array(drawn, pa.string())
        return PseudonymMap(values, pa.concat_arrays([self.pseudonyms, fresh]))


def draw_pseudonyms(
    count: int, *, taken: set[str], draw: Callable[[int], bytes] = os.urandom
) -> list[str]:
    """That many new pseudonyms, `p-` and eight signs (40 random bits), none of them taken."""
    drawn: list[str] = []
    while len(drawn) < count:
        encoded = base64.b32encode(draw(_BYTES * (count - len(drawn)))).translate(_ALPHABET)
        for start in range(0, 8 * (count - len(drawn)), 8):
            pseudonym = f"p-{encoded[start : start + 8].decode()}"
            if pseudonym not in taken:
                taken.add(pseudonym)
                drawn.append(pseudonym)
    return drawn
