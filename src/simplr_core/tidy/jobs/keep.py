"""Jobs that keep a table: from the sealed original to sealed parts, quarantine and profiles."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import islice
from typing import Any

import pyarrow as pa

from simplr_core.errors import Conflict, Invalid
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import (
    heartbeat_of,
    open_key,
    open_sealed,
    seal_to_channel,
    sealed_to_json,
)
from simplr_core.tables.profiles import Profiler
from simplr_core.tables.sealed import PartsWriter, SealedFile
from simplr_core.tidy.encodings import Undecodable
from simplr_core.tidy.plans import KeepPlan
from simplr_core.tidy.reading import CarefulNeeded
from simplr_core.tidy.tables import read_table

LARGEST_PROFILE = 16 << 20


class OriginalChanged(Conflict):
    """The file does not read as it was understood. Understand it again."""

    code = "original-changed"


class PartsWrong(Invalid):
    """Each column group of the plan needs a key and a context, and so does each field's profile."""

    code = "parts-wrong"


def keep(arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort) -> dict[str, Any]:
    """Read the sealed original as planned, and seal what comes of it.

    `arguments`: `original` (key, context, header, sealed_size); `plan` (a `KeepPlan` in JSON);
    `parts`: a key and a context for each of its groups, in order; `quarantine`: the same;
    `profiles`: the same for each field of its schema, in order. `files`: `original`.

    Channels: 1 to P the parts, P + 1 the quarantine (a JSON object a line), then the profiles.
    The result has the `counts`, the facts of each sealed object by channel (`objects`), and what
    may lie in clear of each field (`fields`).
    """
    plan = KeepPlan.from_json(arguments["plan"])
    given = arguments["parts"]
    if len(given) != len(plan.groups) or len(arguments["profiles"]) != len(plan.schema):
        raise PartsWrong
    keeping = _Keeping(plan, arguments, port)
    source = open_sealed(arguments["original"], files["original"])
    beat = heartbeat_of(port, plan.understanding.counts.rows_in, "keeping")
    try:
        for rows in read_table(source, plan.understanding):  # type: ignore[arg-type]
            keeping.add(rows.batch, rows.quarantine, rows.bad_row_count, rows.bad_cell_counts)
            beat(keeping.row_count)
        if keeping.row_count != plan.understanding.counts.rows_in:
            raise OriginalChanged("The file has other rows than when it was understood.")
        return keeping.finish(arguments["profiles"])
    except (Undecodable, CarefulNeeded) as error:
        keeping.abandon()
        raise OriginalChanged from error
    except BaseException:
        keeping.abandon()
        raise


class _Keeping:
    """The sealed things that grow while a table is read."""

    def __init__(self, plan: KeepPlan, arguments: Mapping[str, Any], port: ChildPort) -> None:
        self._port = port
        self._fields = tuple(plan.schema)
        self._channels = [port.sink(number + 1) for number in range(len(plan.groups))]
        self._parts = PartsWriter(
            plan.schema,
            plan.groups,
            self._channels,
            [open_key(part["key"]) for part in arguments["parts"]],
            [part["context"] for part in arguments["parts"]],
        )
        self._aside_number = len(plan.groups) + 1
        self._aside_channel = port.sink(self._aside_number)
        self._aside = SealedFile(
            self._aside_channel,
            key=open_key(arguments["quarantine"]["key"]),
            context=arguments["quarantine"]["context"],
        )
        self._profilers = [Profiler(field) for field in plan.schema]
        self._bad_rows = 0
        self._bad_cells = [0] * len(plan.schema)

    @property
    def row_count(self) -> int:
        """Rows kept and rows put aside."""
        return self._parts.row_count + self._bad_rows

    def add(
        self, batch: pa.RecordBatch, aside: pa.RecordBatch, bad_rows: int, bad_cells: list[int]
    ) -> None:
        self._parts.write(batch)
        for entry in aside.to_pylist():
            self._aside.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        for profiler, column in zip(self._profilers, batch.columns, strict=True):
            profiler.add(column)
        self._bad_rows += bad_rows
        self._bad_cells = [a + b for a, b in zip(self._bad_cells, bad_cells, strict=True)]

    def finish(self, profiles: list[dict[str, Any]]) -> dict[str, Any]:
        sealed = [*self._parts.close(), self._aside.finish()]
        for channel in (*self._channels, self._aside_channel):
            channel.close()
        objects = {str(n): sealed_to_json(facts) for n, facts in enumerate(sealed, start=1)}
        for number, (profiler, thing) in enumerate(
            zip(self._profilers, profiles, strict=True), start=self._aside_number + 1
        ):
            content = json.dumps(profiler.values(), ensure_ascii=False).encode()
            objects[str(number)] = seal_to_channel(
                self._port, number, content, key=thing["key"], context=thing["context"]
            )
        return {
            "counts": {
                "in": self.row_count,
                "kept": self._parts.row_count,
                "quarantined_rows": self._bad_rows,
                "quarantined_cells": sum(self._bad_cells),
            },
            "objects": objects,
            "fields": [
                {"name": field.name, **profiler.counts(), "quarantined": bad}
                for field, profiler, bad in zip(
                    self._fields, self._profilers, self._bad_cells, strict=True
                )
            ],
        }

    def abandon(self) -> None:
        """Leave everything without its end, so that nobody can take it for whole."""
        self._parts.abandon()
        self._aside.abandon()


def open_profiles(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """The values of profiles that the caller may see.

    `arguments`: `profiles`: key, context, header and sealed_size by name of field. `files`: an
    open file for each of these names.
    """
    found = {}
    for name, facts in arguments["profiles"].items():
        found[name] = json.loads(open_sealed(facts, files[name]).read(LARGEST_PROFILE))
    return {"profiles": found}


def read_quarantine(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Some of what was put aside, in the order of the file.

    `arguments`: `quarantine` (key, context, header, sealed_size); `offset`, `limit`; and `hide`,
    names of fields whose cells are not to be shown. Where a field is hidden, the texts of whole
    rows are hidden too: they may hold it. `files`: `quarantine`. `has_more` says that more follow.
    """
    offset, limit = int(arguments.get("offset", 0)), int(arguments.get("limit", 50))
    hidden = set(arguments.get("hide", ()))
    with closing(open_sealed(arguments["quarantine"], files["quarantine"])) as reader:
        lines: Iterator[bytes] = io.BufferedReader(reader, 1 << 18)
        rows = [json.loads(line) for line in islice(lines, offset, offset + limit + 1)]
    for row in rows:
        if hidden and (row["field"] is None or row["field"] in hidden):
            row["raw"] = None
    return {"rows": rows[:limit], "has_more": len(rows) > limit}
