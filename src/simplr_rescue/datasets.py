"""Exported data sets: a manifest, and sealed Parquet parts that are joined row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from simplr_core.errors import Corrupt, Invalid, NotFound
from simplr_rescue.keyfile import ExportedKeys
from simplr_rescue.objects import ExportUnreadable, OpenedObject, read_document, read_object

FORMAT = "simplr-dataset/1"
ROW_NUMBER = "_row"


class PartsDisagree(Corrupt):
    """The parts of the data set do not hold the same rows."""

    code = "parts-disagree"


class FieldUnknown(NotFound):
    """The data set has no field of that name."""

    code = "field-unknown"


@dataclass(frozen=True)
class Part:
    """A sealed Parquet object and the fields it holds, besides the row number."""

    object_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A version of a data set, and where its fields lie."""

    dataset_id: UUID
    version_id: UUID
    title: str
    row_count: int
    parts: tuple[Part, ...]
    schema: dict[str, Any]
    """The schema as Simplr writes it: `schema["fields"]` are the fields in their order."""

    def to_json(self) -> dict[str, Any]:
        """Plain values for `manifest.json`."""
        return {
            "format": FORMAT,
            "dataset": str(self.dataset_id),
            "version": str(self.version_id),
            "title": self.title,
            "row_count": self.row_count,
            "parts": [
                {"object": str(part.object_id), "fields": list(part.fields)} for part in self.parts
            ],
            "schema": self.schema,
        }

    @classmethod
    def from_json(cls, document: object) -> Manifest:
        """What `to_json` wrote; ExportUnreadable for anything else."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ExportUnreadable
        try:
            manifest = cls(
                dataset_id=UUID(document["dataset"]),
                version_id=UUID(document["version"]),
                title=str(document["title"]),
                row_count=int(document["row_count"]),
                parts=tuple(
                    Part(UUID(part["object"]), tuple(map(str, part["fields"])))
                    for part in document["parts"]
                ),
                schema=dict(document["schema"]),
            )
            named = manifest.field_names
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ExportUnreadable from None
        if sorted(named) != sorted(name for part in manifest.parts for name in part.fields):
            raise ExportUnreadable("The parts and the schema do not name the same fields.")
        return manifest

    @property
    def field_names(self) -> list[str]:
        """The names of the fields, in their order."""
        return [str(field["name"]) for field in self.schema["fields"]]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `manifest.json`; the parts are written as objects into the same folder."""
    text = json.dumps(manifest.to_json(), indent=1, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an exported data set."""
    return Manifest.from_json(read_document(folder / "manifest.json"))


class OpenedDataset:
    """The rows of an exported data set, joined from the parts that hold the asked fields.

    Only those parts are opened, so the keys of the others are not needed. Close it.
    """

    def __init__(
        self, folder: Path, keys: ExportedKeys, *, fields: Sequence[str] | None = None
    ) -> None:
        self.manifest = read_manifest(folder)
        self.fields = list(self.manifest.field_names if fields is None else fields)
        for name in self.fields:
            if name not in self.manifest.field_names:
                raise FieldUnknown(f"The data set has no field {name!r}.")
        if not self.fields:
            raise Invalid("At least one field is needed.")
        self._stack = ExitStack()
        self._parts: list[tuple[pq.ParquetFile, list[str]]] = []
        with ExitStack() as opening:
            for part in self.manifest.parts:
                wanted = [name for name in part.fields if name in self.fields]
                if wanted:
                    key = keys.of(part.object_id)
                    known = read_object(folder, part.object_id)
                    opened = opening.enter_context(OpenedObject(folder, known, key))
                    file = pq.ParquetFile(pa.PythonFile(opened.reader, mode="r"))
                    self._parts.append((file, wanted))
            self._row_groups = self._agreed_row_groups()
            self._stack = opening.pop_all()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the rows."""
        found = {
            name: file.schema_arrow.field(name) for file, wanted in self._parts for name in wanted
        }
        return pa.schema([found[name] for name in self.fields])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in their order; PartsDisagree if the parts do not fit together."""
        start = 0
        for index, rows in enumerate(self._row_groups):
            columns: dict[str, pa.Array[Any]] = {}
            expected = pa.array(range(start, start + rows), pa.int64())
            for file, wanted in self._parts:
                table = file.read_row_group(index, columns=[ROW_NUMBER, *wanted])
                if not table.column(ROW_NUMBER).combine_chunks().equals(expected):
                    raise PartsDisagree
                for name in wanted:
                    columns[name] = table.column(name).combine_chunks()
            yield pa.RecordBatch.from_arrays(
                [columns[name] for name in self.fields], schema=self.schema
            )
            start += rows

    def write_to(self, sink: BinaryIO, *, format: str) -> int:  # noqa: A002 it is the format
        """Write all rows as `csv` or `parquet`; how many there were."""
        writer = (
            pa.csv.CSVWriter(sink, self.schema)
            if format == "csv"
            else pq.ParquetWriter(sink, self.schema, compression="zstd")
        )
        rows = 0
        with writer:
            for batch in self.batches():
                writer.write_batch(batch)
                rows += batch.num_rows
        return rows

    def close(self) -> None:
        """Let go of the files."""
        self._stack.close()

    def __enter__(self) -> OpenedDataset:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _agreed_row_groups(self) -> list[int]:
        counts = [
            [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
            for file, _ in self._parts
        ]
        if any(count != counts[0] for count in counts) or sum(counts[0]) != self.manifest.row_count:
            raise PartsDisagree
        return counts[0]
