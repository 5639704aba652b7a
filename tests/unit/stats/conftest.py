"""Versions as the jobs find them: sealed parts in files, and what opens them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from simplr_core.tables.jobs.versions import KeptVersion
from simplr_core.tables.schema import Schema
from simplr_core.tables.sealed import Key, PartsWriter, column_groups

Keep = Callable[[Schema, Mapping[str, Sequence[Any]]], KeptVersion]


@pytest.fixture
def kept() -> Iterator[Keep]:
    """`kept(schema, columns)`: a version with these rows, really sealed."""
    opened: list[Any] = []

    def keep(schema: Schema, columns: Mapping[str, Sequence[Any]]) -> KeptVersion:
        groups = column_groups(schema)
        files = [tempfile.TemporaryFile() for _ in groups]  # noqa: SIM115 - closed by the fixture
        opened.extend(files)
        keys, contexts = [Key.generate() for _ in groups], [b"part"] * len(groups)
        writer = PartsWriter(schema, groups, files, keys, contexts)
        arrays = [pa.array(columns[field.name], field.arrow_type()) for field in schema]
        writer.write(pa.RecordBatch.from_arrays(arrays, schema=schema.arrow()))
        parts, descriptors = [], {}
        for number, (group, file, key, sealed) in enumerate(
            zip(groups, files, keys, writer.close(), strict=True)
        ):
            file.flush()
            descriptors[str(number)] = file.fileno()
            parts.append(
                {
                    "fields": list(group),
                    "key": key,
                    "context": b"part",
                    "header": sealed.header,
                    "sealed_size": sealed.sealed_size,
                    "file": str(number),
                }
            )
        rows = len(next(iter(columns.values()), []))
        arguments = {
            "schema": schema.to_json(),
            "parts": parts,
            "quarantine": None,
            "rows_in": rows,
        }
        return KeptVersion(arguments, descriptors)

    yield keep
    for file in opened:
        file.close()
