"""Writing a table's version in a child: sealed parts, what was put aside, and profiles.

Every job that makes a version ends in a `TableKeeper`, whatever its rows come from: a file, or
another version (`simplr_core.tables.jobs.versions`). What is given in is counted, so that rows in,
with those that unpivoting made of them, are always rows kept and rows put aside.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from simplr_core.errors import Invalid
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import open_key, seal_to_channel, sealed_to_json
from simplr_core.tables.profiles import Profiler
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import PartsWriter, SealedFile


class PartsWrong(Invalid):
    """Each column group of the plan needs a key and a context, and so does each field's profile."""

    code = "parts-wrong"


class TableKeeper:
    """The sealed things that grow while a table is written.

    `arguments`: `parts`: a key and a context for each group, in order; `quarantine`: the same;
    `profiles`: the same for each field, in order. Channels: 1 to P the parts, P + 1 the quarantine
    (a JSON object a line), then the profiles. Raises PartsWrong.
    """

    def __init__(
        self,
        schema: Schema,
        groups: Sequence[Sequence[str]],
        arguments: Mapping[str, Any],
        port: ChildPort,
    ) -> None:
        parts, profiles = arguments["parts"], arguments["profiles"]
        if len(parts) != len(groups) or len(profiles) != len(schema):
            raise PartsWrong
        self._port = port
        self._fields = tuple(schema)
        self._sealing_profiles = profiles
        self._channels = [port.sink(number + 1) for number in range(len(groups))]
        self._parts = PartsWriter(
            schema,
            groups,
            self._channels,
            [open_key(part["key"]) for part in parts],
            [part["context"] for part in parts],
        )
        self._aside_number = len(groups) + 1
        self._aside_channel = port.sink(self._aside_number)
        self._aside = SealedFile(
            self._aside_channel,
            key=open_key(arguments["quarantine"]["key"]),
            context=arguments["quarantine"]["context"],
        )
        self._profilers = [Profiler(field) for field in schema]
        self._bad_rows = self._made_rows = 0
        self._bad_cells: Counter[str] = Counter()

    @property
    def kept_count(self) -> int:
        """Rows kept so far."""
        return self._parts.row_count

    @property
    def row_count(self) -> int:
        """Rows kept and rows put aside."""
        return self._parts.row_count + self._bad_rows

    def add(self, batch: pa.RecordBatch) -> None:
        """Keep the rows of `batch`, whose columns are the schema's, in order."""
        self._parts.write(batch)
        for profiler, column in zip(self._profilers, batch.columns, strict=True):
            profiler.add(column)

    def put_aside(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Note whole rows (`field` is None) and cells of kept rows that do not fit."""
        for entry in entries:
            self._aside.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            if entry["field"] is None:
                self._bad_rows += 1
            else:
                self._bad_cells[entry["field"]] += 1

    def note_made(self, count: int) -> None:
        """Note that so many of the rows are more than those that came in, by unpivoting."""
        self._made_rows += count

    def counts(self) -> dict[str, int]:
        """Rows in, kept and put aside, and cells put aside, so far."""
        return {
            "in": self.row_count - self._made_rows,
            "kept": self.kept_count,
            "quarantined_rows": self._bad_rows,
            "quarantined_cells": self._bad_cells.total(),
            **({"made": self._made_rows} if self._made_rows else {}),
        }

    def finish(self) -> dict[str, Any]:
        """End everything. The result has the `counts`, the facts of each sealed object by channel
        (`objects`), and what may lie in clear of each field (`fields`)."""
        sealed = [*self._parts.close(), self._aside.finish()]
        for channel in (*self._channels, self._aside_channel):
            channel.close()
        objects = {str(n): sealed_to_json(facts) for n, facts in enumerate(sealed, start=1)}
        for number, (profiler, thing) in enumerate(
            zip(self._profilers, self._sealing_profiles, strict=True), start=self._aside_number + 1
        ):
            content = json.dumps(profiler.values(), ensure_ascii=False).encode()
            objects[str(number)] = seal_to_channel(
                self._port, number, content, key=thing["key"], context=thing["context"]
            )
        return {
            "counts": self.counts(),
            "objects": objects,
            "fields": [
                {
                    "name": field.name,
                    **profiler.counts(),
                    "quarantined": self._bad_cells[field.name],
                }
                for field, profiler in zip(self._fields, self._profilers, strict=True)
            ],
        }

    def abandon(self) -> None:
        """Leave everything without its end, so that nobody can take it for whole."""
        self._parts.abandon()
        self._aside.abandon()
