"""Jobs that look at what was put aside: a page of it, its groups, and all of it as a file.

Each reads the sealed quarantine line by line, so that memory is bounded however long it is. What
the reader may not see is left out here, before anything leaves the child.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import islice
from typing import Any

from simplr_core.errors import Invalid
from simplr_core.tables.formats import harmless
from simplr_core.tables.jobs.port import ChannelSink, ChildPort
from simplr_core.tables.jobs.sealing import heartbeat_of, open_sealed
from simplr_core.tidy.quarantine import Entry, Group, Sight, counted, seen

COLUMNS = ("row", "field", "reason", "raw", "mended", "do")
"""The columns of an export; under the last two somebody writes how an entry is mended."""

_AT_ONCE = 1 << 18
_BEAT = 10_000


class ExportFormatUnknown(Invalid):
    """What was put aside comes as csv or ndjson."""

    code = "format-unknown"


def read_quarantine(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Some of what was put aside, in the order of the file.

    `arguments`: `quarantine` (key, context, header, sealed_size); `offset`, `limit`; `hide`, names
    of fields that the reader may not see (see `Sight`); and `field` and `reason`, the group that is
    asked for. `files`: `quarantine`. `has_more` says that more follow.
    """
    offset, limit = int(arguments.get("offset", 0)), int(arguments.get("limit", 50))
    sight, group = _sight(arguments), _group(arguments)
    with _lines(arguments, files) as lines:
        if not sight.hidden and group == Group():
            # Nothing is left out, so what is skipped need not be understood.
            entries: Iterator[Entry] = map(json.loads, islice(lines, offset, None))
        else:
            entries = islice(seen(map(json.loads, lines), sight, group), offset, None)
        rows = list(islice(entries, limit + 1))
    return {"rows": rows[:limit], "has_more": len(rows) > limit}


def count_quarantine(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """The groups of what was put aside, with their counts. `arguments`: `quarantine` and `hide`."""
    with _lines(arguments, files) as lines:
        return {"groups": counted(_beating(map(json.loads, lines), port), _sight(arguments))}


def export_quarantine(
    arguments: Mapping[str, Any], files: Mapping[str, int], port: ChildPort
) -> dict[str, Any]:
    """Write what was put aside to channel 1, as `format` says: `csv` or `ndjson`.

    `arguments` as for `read_quarantine`, without `offset` and `limit`; `exact` leaves texts as
    they are that a spreadsheet would run. Raises ExportFormatUnknown before anything is written.
    """
    writers = {"csv": _write_csv, "ndjson": _write_ndjson}
    kind = arguments.get("format", "csv")
    if kind not in writers:
        raise ExportFormatUnknown
    sink = port.sink(1)
    with _lines(arguments, files) as lines:
        entries = seen(_beating(map(json.loads, lines), port), _sight(arguments), _group(arguments))
        count = writers[kind](entries, sink, exact=bool(arguments.get("exact")))
    sink.close()
    return {"rows": count}


def _sight(arguments: Mapping[str, Any]) -> Sight:
    return Sight(frozenset(arguments.get("hide", ())))


def _group(arguments: Mapping[str, Any]) -> Group:
    return Group(str(arguments.get("field") or ""), str(arguments.get("reason") or ""))


@contextmanager
def lines_of(sealed: Mapping[str, Any], descriptor: int) -> Iterator[Iterator[bytes]]:
    """The lines of a sealed object, one at a time."""
    with closing(open_sealed(sealed, descriptor)) as reader:
        yield io.BufferedReader(reader, _AT_ONCE)


def _lines(
    arguments: Mapping[str, Any], files: Mapping[str, int]
) -> AbstractContextManager[Iterator[bytes]]:
    return lines_of(arguments["quarantine"], files["quarantine"])


def _beating(entries: Iterator[Entry], port: ChildPort) -> Iterator[Entry]:
    beat = heartbeat_of(port, None, "looking")
    for number, entry in enumerate(entries):
        if number % _BEAT == 0:
            beat(number)
        yield entry


def _write_csv(entries: Iterator[Entry], sink: ChannelSink, *, exact: bool) -> int:
    safe: Callable[[str], str] = str if exact else harmless
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for entry in entries:
        texts = (safe(_written(entry, name)) for name in COLUMNS[1:])
        writer.writerow([entry["row"], *texts])
        count += 1
        if held.tell() >= _AT_ONCE:
            _empty(held, sink)
    _empty(held, sink)
    return count


def _written(entry: Entry, name: str) -> str:
    if name == "do":
        return "drop" if entry.get("dropped") else ""
    return entry.get(name) or ""


def _write_ndjson(entries: Iterator[Entry], sink: ChannelSink, *, exact: bool) -> int:
    held = io.StringIO()
    count = 0
    for entry in entries:
        plain = {name: entry[name] for name in COLUMNS[:4]}
        plain |= {"mended": None, "do": _written(entry, "do") or None}
        held.write(json.dumps(plain, ensure_ascii=False) + "\n")
        count += 1
        if held.tell() >= _AT_ONCE:
            _empty(held, sink)
    _empty(held, sink)
    return count


def _empty(held: io.StringIO, sink: ChannelSink) -> None:
    if content := held.getvalue():
        sink.write(content.encode("utf-8", "backslashreplace"))
        held.seek(0)
        held.truncate()
