"""A plan that is followed in a child: the rows of the file, and what each step changed in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from simplr_core.errors import Conflict
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import seal_to_channel
from simplr_core.tidy.encodings import Undecodable
from simplr_core.tidy.jobs.understand import read_report
from simplr_core.tidy.plans import KeepPlan, values_in
from simplr_core.tidy.reading import CarefulNeeded
from simplr_core.tidy.recipe.cleaning import Cleaning
from simplr_core.tidy.recipe.steps import Kind, Recipe
from simplr_core.tidy.tables import TypedRows, read_table, unpivoted


class OriginalChanged(Conflict):
    """The file does not read as it was understood. Understand it again."""

    code = "original-changed"


class Following:
    """How a file is read: by the `plan` of the arguments, with the values of its proposals.

    `arguments`: `plan` (a `KeepPlan` in JSON); `report`, where the file has one, and `table`, the
    number of the table in it. `files`: with a `report`, that.
    """

    def __init__(self, arguments: Mapping[str, Any], files: Mapping[str, int]) -> None:
        self.plan = KeepPlan.from_json(arguments["plan"])
        if "report" in arguments:
            number = int(arguments.get("table", 0))
            report = read_report(arguments["report"], files["report"], number)
            self.plan = self.plan.with_values(values_in(report))
        else:
            self.plan = self.plan.with_values({})
        self._changes: dict[int, int] = {}
        self._unreadable: Counter[str] = Counter()
        self._made = 0

    def rows(self, source: BinaryIO) -> Iterator[TypedRows]:
        """All rows of the file, from its beginning. Raises OriginalChanged where it reads otherwise."""
        understanding = self.plan.understanding
        cleaning = Cleaning(self.plan.recipe, tuple(understanding.schema))
        names = self.plan.read_schema.names
        unpivot = self.plan.unpivot
        made = 0
        unreadable: Counter[str] = Counter()
        count = 0
        try:
            for rows in read_table(source, understanding, cleaning):
                count += rows.batch.num_rows + rows.bad_row_count
                unreadable.update(dict(zip(names, rows.bad_cell_counts, strict=True)))
                if unpivot is None:
                    yield rows
                    continue
                made += rows.batch.num_rows * (len(unpivot.taken) - 1)
                yield from unpivoted(rows, unpivot)
        except (Undecodable, CarefulNeeded) as error:
            raise OriginalChanged from error
        if count != understanding.counts.rows_in:
            raise OriginalChanged("The file has other rows than when it was understood.")
        self._changes, self._unreadable, self._made = cleaning.changes, unreadable, made

    def with_recipe(
        self, result: Mapping[str, Any], arguments: Mapping[str, Any], port: ChildPort
    ) -> dict[str, Any]:
        """The result of a `TableKeeper`, with the recipe sealed on the channel behind the profiles."""
        number = len(arguments["parts"]) + len(arguments["profiles"]) + 2
        content = json.dumps(self._as_followed().to_json(), ensure_ascii=False).encode()
        thing = arguments["recipe"]
        facts = seal_to_channel(port, number, content, key=thing["key"], context=thing["context"])
        each = {"rows_each": len(self.plan.unpivot.taken)} if self.plan.unpivot else {}
        return {**result, **each, "objects": {**result["objects"], str(number): facts}}

    def _as_followed(self) -> Recipe:
        """The recipe, with what each of its steps changed in the whole file."""
        steps = []
        for number, step in enumerate(self.plan.recipe.steps):
            changes = self._changes.get(number, step.changes)
            if step.kind is Kind.TYPE:
                changes = self._unreadable[step.fields[0]]
            if step.kind is Kind.UNPIVOT:
                changes = self._made
            steps.append(replace(step, changes=changes if step.on else 0))
        return Recipe(tuple(steps))
