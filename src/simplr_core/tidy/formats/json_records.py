"""JSON and JSON a line (NDJSON) as records, read as a stream: no more than one record is held."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import ijson

from simplr_core.tidy.encodings import Undecodable, Utf8Stream, recognise_encoding
from simplr_core.tidy.formats.features import as_record
from simplr_core.tidy.formats.found import MOST_FIELDS, Beat, FileDamaged, FoundTable, TooManyFields
from simplr_core.tidy.formats.records import Record, TooDeep, tables_of_records
from simplr_core.tidy.understanding import Encoding

JSON = "application/json"
NDJSON = "application/x-ndjson"

HEAD = 1 << 20
LOOKED_AT = 1 << 18
BUFFER = 1 << 18
LONGEST_LINE = 64 << 20
DEEPEST = 200
NOT_JSON = "not-json"
FEATURES_NOTE = "Beside its features the file says more of itself; that is left out."


class JsonDamaged(FileDamaged):
    """This JSON is cut off or has a mistake in it. Write it anew, or keep it as a file."""

    code = "json-damaged"


def json_kind(head: bytes) -> str:
    """JSON, NDJSON, or nothing: by the first lines, in any encoding of Unicode."""
    encoding = recognise_encoding(head)
    if encoding is None:
        return ""
    text = head[encoding.bom : HEAD].decode(encoding.name, "ignore").lstrip()
    if not text or text[0] not in "[{":
        return ""
    lines = [line for line in text[:LOOKED_AT].split("\n") if line.strip()][:20]
    whole = lines[:-1] if len(lines) > 1 else []
    if whole and sum(_is_record(line) for line in whole) * 2 > len(whole):
        return NDJSON
    return JSON if _begins_as_json(text) else ""


def _is_record(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False


def _begins_as_json(text: str) -> bool:
    """Whether the first characters are JSON, as far as they go."""
    try:
        for _ in ijson.basic_parse(io.BytesIO(text[:4096].encode("utf-8", "replace"))):
            pass
    except ijson.JSONError as error:
        return "premature" in str(error)
    return True


def read_json(
    source: BinaryIO, media_type: str, *, path: Sequence[str], beat: Beat
) -> Iterator[FoundTable]:
    """The tables in JSON or NDJSON. Raises JsonDamaged or TooDeep."""
    source.seek(0)
    encoding = recognise_encoding(source.read(HEAD)) or Encoding()
    reader = _lines_of if media_type == NDJSON else _values_of

    def records() -> Iterator[Record]:
        stream = io.BufferedReader(Utf8Stream(source, encoding), BUFFER)
        try:
            for record in reader(stream):
                yield as_record(record)
        except (ijson.JSONError, Undecodable, ValueError, OverflowError) as error:
            raise JsonDamaged from error
        except RecursionError as error:
            raise TooDeep from error

    notes = (FEATURES_NOTE,) if _has_features(source) else ()
    return tables_of_records(records, path=tuple(path), beat=beat, notes=notes)


def _has_features(source: BinaryIO) -> bool:
    source.seek(0)
    return b'"FeatureCollection"' in source.read(BUFFER).replace(b"\0", b"")


def _lines_of(stream: io.BufferedReader[Any]) -> Iterator[Record]:
    while line := stream.readline(LONGEST_LINE):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield Record("", line.decode("utf-8", "replace").strip(), NOT_JSON)
        else:
            yield Record("", value)


def _values_of(stream: io.BufferedReader[Any]) -> Iterator[Record]:
    """The entries of every list that lies in objects only, then all that lies in no list."""
    # Not ijson.items: it writes down the way to every value, which takes forever in deep ones.
    events: Iterator[tuple[str, Any]] = iter(ijson.basic_parse(stream, use_float=True))
    keys: list[str] = []
    root: dict[str, Any] = {}
    for event, value in events:
        if event == "map_key":
            keys[-1] = value
        elif event == "start_map":
            keys.append("")
            if len(keys) > DEEPEST:
                raise TooDeep
        elif event == "end_map":
            keys.pop()
        elif event == "start_array":
            for item in _items(events):
                yield Record(".".join(keys), item)
        else:
            root[".".join(keys)] = value
            if len(root) > MOST_FIELDS:
                raise TooManyFields
    if root and root.get("type") != "FeatureCollection":
        yield Record("", root, is_root=True)


def _items(events: Iterator[tuple[str, Any]]) -> Iterator[Any]:
    """The entries of the list that has just begun, each as soon as it is complete."""
    open_ones: list[Any] = []
    keys: list[str] = []
    for event, value in events:
        if event == "map_key":
            keys[-1] = value
            continue
        if event in ("end_map", "end_array"):
            if not open_ones:
                return
            keys.pop()
            made = open_ones.pop()
            if not open_ones:
                yield made
            continue
        is_open = event in ("start_map", "start_array")
        made = ({} if event == "start_map" else []) if is_open else value
        if open_ones:
            if type(open_ones[-1]) is dict:
                open_ones[-1][keys[-1]] = made
            else:
                open_ones[-1].append(made)
        elif not is_open:
            yield made
        if is_open:
            open_ones.append(made)
            keys.append("")
            if len(open_ones) > DEEPEST:
                raise TooDeep
