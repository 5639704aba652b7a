"""Jobs that keep a table: from the sealed original to sealed parts, quarantine and profiles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

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
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import PartsWriter, SealedFile, column_groups
from simplr_core.tidy.encodings import Undecodable
from simplr_core.tidy.overrides import with_overrides
from simplr_core.tidy.reading import CarefulNeeded
from simplr_core.tidy.tables import QUARANTINE_SCHEMA, read_table
from simplr_core.tidy.understanding import Understanding

LARGEST_PROFILE = 16 << 20


class OriginalChanged(Conflict):
    """The file does not read as it was understood. Understand it again."""

    code = "original-changed"


class PartsWrong(Invalid):
    """Each column group of the table needs a part with a key and a context, in order."""

    code = "parts-wrong"


def planned_schema(
    understanding: Mapping[str, Any], overrides: Sequence[Mapping[str, Any]] = ()
) -> Schema:
    """The schema that `keep` will write: ask `column_groups` of it which parts need a key."""
    return with_overrides(Understanding.from_json(understanding), overrides).schema


def keep(arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort) -> dict[str, Any]:
    """Read the sealed original as understood and corrected, and seal what comes of it.

    `arguments`: key, context, header and sealed_size of the original; `understanding` as
    `understand` returned it; `overrides`; `parts`: one {key, context} for each column group of
    `planned_schema`, in order; `quarantine`: {key, context}; `profiles`: {key, context} by name
    of field. `files`: `original`.

    Channels, in order from 1: the parts, the quarantine (a sealed Parquet file), a profile for
    each field in the order of the schema. The result names them, with the facts of each sealed
    object, the counts and the schema.
    """
    understanding = with_overrides(
        Understanding.from_json(arguments["understanding"]), arguments.get("overrides") or ()
    )
    schema = understanding.schema
    groups = column_groups(schema)
    given = arguments["parts"]
    if len(given) != len(groups) or set(arguments["profiles"]) != set(schema.names):
        raise PartsWrong
    source = open_sealed(arguments, files["original"])
    part_sinks = [port.sink(channel) for channel in range(1, len(groups) + 1)]
    parts = PartsWriter(
        schema,
        groups,
        part_sinks,
        [open_key(part["key"]) for part in given],
        [part["context"] for part in given],
    )
    aside_channel = len(groups) + 1
    aside_sink = port.sink(aside_channel)
    aside = SealedFile(
        aside_sink,
        key=open_key(arguments["quarantine"]["key"]),
        context=arguments["quarantine"]["context"],
    )
    aside_writer = pq.ParquetWriter(
        pa.PythonFile(aside, mode="w"), QUARANTINE_SCHEMA, compression="zstd"
    )
    profilers = [Profiler(field) for field in schema]
    bad_rows, bad_cells = 0, [0] * len(schema)
    beat = heartbeat_of(port, understanding.counts.rows_in, "keeping")
    try:
        for rows in read_table(source, understanding):  # type: ignore[arg-type]
            parts.write(rows.batch)
            if rows.quarantine.num_rows:
                aside_writer.write_batch(rows.quarantine)
            for profiler, column in zip(profilers, rows.batch.columns, strict=True):
                profiler.add(column)
            bad_rows += rows.bad_row_count
            bad_cells = [a + b for a, b in zip(bad_cells, rows.bad_cell_counts, strict=True)]
            beat(parts.row_count + bad_rows)
        sealed_parts = parts.close()
        aside_writer.close()
        sealed_aside = aside.finish()
    except BaseException as error:
        parts.abandon()
        aside.abandon()
        with suppress(OSError, ValueError, pa.ArrowException):  # its file is closed: expected
            aside_writer.close()
        if isinstance(error, Undecodable | CarefulNeeded):
            raise OriginalChanged from error
        raise
    if parts.row_count + bad_rows != understanding.counts.rows_in:
        raise OriginalChanged("The file has other rows than when it was understood.")
    for sink in (*part_sinks, aside_sink):
        sink.close()
    profiles = {}
    for position, (field, profiler) in enumerate(zip(schema, profilers, strict=True)):
        sealing = arguments["profiles"][field.name]
        content = json.dumps(profiler.values(), ensure_ascii=False).encode()
        facts = seal_to_channel(port, aside_channel + 1 + position, content, **sealing)
        profiles[field.name] = {
            **facts,
            "counts": {**profiler.counts(), "quarantined": bad_cells[position]},
        }
    return {
        "schema": schema.to_json(),
        "parts": [
            {"channel": n + 1, "fields": list(group), **sealed_to_json(sealed)}
            for n, (group, sealed) in enumerate(zip(groups, sealed_parts, strict=True))
        ],
        "quarantine": {"channel": aside_channel, **sealed_to_json(sealed_aside)},
        "profiles": profiles,
        "counts": {
            "in": parts.row_count + bad_rows,
            "kept": parts.row_count,
            "quarantined_rows": bad_rows,
            "quarantined_cells": sum(bad_cells),
        },
    }


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

    `arguments`: key, context, header and sealed_size of the quarantine; `offset`, `limit`; and
    `hide`, names of fields whose cells are not to be shown. Where a field is hidden, the texts of
    whole rows are hidden too: they may hold it. `files`: `quarantine`.
    """
    reader = open_sealed(arguments, files["quarantine"])
    offset, limit = int(arguments.get("offset", 0)), int(arguments.get("limit", 50))
    hidden = set(arguments.get("hide", ()))
    table = pq.ParquetFile(pa.PythonFile(reader, mode="r"))
    total, start = table.metadata.num_rows, 0
    rows: list[dict[str, Any]] = []
    for batch in table.iter_batches(8_192):
        if start + batch.num_rows > offset and len(rows) < limit:
            low = max(0, offset - start)
            rows += batch.slice(low, limit - len(rows)).to_pylist()
        start += batch.num_rows
        if len(rows) >= limit:
            break
    for row in rows:
        if hidden and (row["field"] is None or row["field"] in hidden):
            row["text"] = None
    return {"rows": rows, "total": total}
