"""What became of a file that was put by the command line, beside what should have become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clients.expectations import Expected, Shape

Json = dict[str, Any]

EQUAL, IN_QUARANTINE, REFUSED = "equal", "in quarantine", "refused"
KEPT_AS_FILE, OTHER = "kept as a file", "other"


@dataclass(frozen=True)
class Table:
    """One data set that a file became."""

    rows_in: int
    kept: int
    aside: int
    columns: int
    """Of the file; the data set has fewer where a step of the recipe left some out."""
    left_out: int
    above: int
    """Records before the first row: names, and what stands over them."""
    names: int
    dropped: int
    """Rows that a step of the recipe put aside."""
    is_sure: bool
    said: tuple[str, ...]

    @classmethod
    def of(cls, document: Json, understood: Json, recipe: Sequence[Json]) -> Table:
        """From what `put` printed of it, what was understood of it, and how it is tidied."""
        steps = [step for step in recipe if step["on"]]
        dialect = understood.get("dialect", {})
        names = dialect.get("header_rows", 1) if dialect.get("has_header", True) else 0
        dropped = [step for step in steps if step["kind"] in ("drop_rows", "distinct")]
        left_out = [step for step in steps if step["kind"] == "drop_fields"]
        return cls(
            rows_in=document["rows_in"],
            kept=document["row_count"],
            aside=document["rows_quarantined"],
            columns=len(understood["fields"]),
            left_out=document["columns_left_out"],
            above=names + dialect.get("preamble_rows", 0),
            names=names,
            dropped=sum(step.get("changes") or 0 for step in dropped),
            is_sure=dialect.get("confidence", "certain") == "certain",
            said=tuple(
                [step["evidence"] for step in (*dropped, *left_out)] + understood.get("notes", [])
            ),
        )

    def is_equal(self, shape: Shape) -> bool:
        """Every row that is expected is kept, or was put aside by a step that says so."""
        if self.columns != shape.columns:
            return False
        if shape.counted == "rows" and self.aside - self.dropped != shape.aside:
            return False
        return self.kept + self.dropped == self._rows_of(shape)

    def accounts_for(self, shape: Shape) -> bool:
        """Every row that is expected is kept or lies in quarantine."""
        rows = self._rows_of(shape)
        return self.columns == shape.columns and self.kept <= rows <= self.rows_in

    def _rows_of(self, shape: Shape) -> int:
        """The rows below the names, of what the shape counts."""
        names = {"rows": 0, "table": bool(self.names), "record": self.above}
        return shape.rows - names[shape.counted]


@dataclass(frozen=True)
class Became:
    """One file: what it became, and how that compares."""

    path: Path
    expected: Expected
    tables: tuple[Table, ...] = ()
    error: Json = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """One of the words above; `other` is what nobody expected."""
        if self.error or self.expected.refused:
            code = self.error.get("code", "")
            return REFUSED if code == self.expected.refused else OTHER
        if not self.tables and not self.expected.tables:
            return KEPT_AS_FILE
        pairs = list(zip(self.tables, self.expected.tables, strict=False))
        if len(self.tables) == len(self.expected.tables):
            if all(table.is_equal(shape) for table, shape in pairs):
                return EQUAL
            if all(table.is_equal(shape) or table.accounts_for(shape) for table, shape in pairs):
                return IN_QUARANTINE
        return OTHER

    def below(self, name: str) -> str:
        """Where it lies in its set."""
        return self.path.as_posix().rpartition(f"{name}/")[2]

    @property
    def rows_aside(self) -> int:
        return sum(table.aside for table in self.tables)

    def words(self) -> str:
        """What differs, in numbers and without a value."""
        if self.error:
            return f"refused: {self.error['code']}"
        wanted = ", ".join(f"{s.rows} x {s.columns}" for s in self.expected.tables) or "a file"
        found = (
            ", ".join(
                f"{t.kept} x {t.columns}" + (f" and {t.aside} aside" if t.aside else "")
                for t in self.tables
            )
            or "a file"
        )
        return f"expected {wanted}; became {found}"
