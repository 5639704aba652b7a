"""The job that gives pseudonyms to the values of a field that have none yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simplr_core.privacy.jobs.deliver import read_map
from simplr_core.privacy.masks import as_text
from simplr_core.privacy.pseudonyms import PseudonymMap
from simplr_core.tables.jobs.port import ChildPort
from simplr_core.tables.jobs.sealing import (
    heartbeat_of,
    open_key,
    sealed_part,
    sealed_to_json,
)
from simplr_core.tables.schema import FieldUnknown
from simplr_core.tables.sealed import PartsReader, SealedFile


def pseudonyms(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Read one column and write a sealed map with a pseudonym for each of its values.

    `arguments`: `field`; `parts` as for `deliver` (only the field's is opened); `map`: {key,
    context, header, sealed_size, file} of the map so far, or None; `seal`: {key, context} of the
    new one. The new map goes to channel 1, unless nothing was added (`map` is then still right
    and the result has no `sealed`). The result holds counts and no value.
    """
    name = arguments["field"]
    part = next((p for p in arguments["parts"] if name in p["fields"]), None)
    if part is None:
        raise FieldUnknown(f"The data set has no field {str(name)[:60]!r}.", field=name)
    earlier = arguments.get("map")
    before = read_map(earlier, files[earlier["file"]]) if earlier else PseudonymMap.empty()
    with PartsReader([sealed_part(part, files)], [name]) as reader:
        after = before.extended(_columns(reader, name, port))
    added = len(after) - len(before)
    result: dict[str, Any] = {"count": len(after), "added": added}
    sink = port.sink(1)
    if added or not earlier:
        seal = arguments["seal"]
        file = SealedFile(sink, key=open_key(seal["key"]), context=seal["context"])
        pq.write_table(after.to_table(), pa.PythonFile(file, mode="w"), compression="zstd")
        result["sealed"] = {"channel": 1, **sealed_to_json(file.finish())}
    sink.close()
    return result


def _columns(reader: PartsReader, name: str, port: ChildPort) -> Iterator[pa.StringArray]:
    beat, done = heartbeat_of(port, reader.row_count, "pseudonyms"), 0
    for batch in reader:
        yield as_text(batch.column(name))
        done += batch.num_rows
        beat(done)
