"""Delivery out of sealed parts, in real children: exactly what the plan shows, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simplr.base import children
from simplr_core.crypto import Key, context_of
from simplr_core.errors import Conflict, Corrupt, Invalid
from simplr_core.tables.schema import Field, FieldType, Personal, Schema
from simplr_core.tables.sealed import PartsWriter, column_groups

SCHEMA = Schema(
    (
        Field("id", type=FieldType.INTEGER),
        Field("name", personal=Personal.PERSONAL),
        Field("born", type=FieldType.DATE, personal=Personal.PERSONAL),
        Field("zone", type=FieldType.CATEGORY),
        Field("age", type=FieldType.INTEGER, personal=Personal.INDIRECT),
        Field("note", type=FieldType.TEXT),
    )
)
COUNT = 70_000  # more than one row group
HIDDEN = "canary-of-the-hidden"


def row(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": None if number == 3 else f"canary-name-{number % 500}",
        "born": date(1950 + number % 70, 1 + number % 12, 1 + number % 28),
        "zone": ["North", "South", "East"][number % 3],
        "age": number % 110,
        "note": f"{HIDDEN}-{number}",
    }


@dataclass
class Kept:
    """A version in a folder, as the vault would hand it over."""

    folder: Path
    parts: list[dict[str, Any]] = field(default_factory=list)
    maps: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(
        self, job: str, arguments: Mapping[str, Any], *, landlock: bool = True
    ) -> tuple[Mapping[str, Any], bytes]:
        names = [p["file"] for p in self.parts] + [m["file"] for m in self.maps.values()]
        files = {name: os.open(self.folder / name, os.O_RDONLY) for name in names}
        try:
            child = children.start(
                job=f"simplr_core.privacy.jobs.{job}",
                arguments={"schema": SCHEMA.to_json(), "parts": self.parts, **arguments},
                files=files,
                limits=children.PREVIEW,
                landlock=landlock,
            )
            content = bytearray()
            for frame in child.frames():
                if isinstance(frame, children.Data):
                    content += frame.content
            assert child.result is not None
            return child.result, bytes(content)
        finally:
            for descriptor in files.values():
                os.close(descriptor)

    def deliver(self, plan: Mapping[str, Any], kind: str = "arrow", **more: Any) -> Any:
        arguments = {"plan": plan, "format": kind, "pseudonyms": self.maps, **more}
        result, content = self.run("deliver:deliver", arguments)
        if kind != "arrow":
            return content
        with pa.ipc.open_stream(content) as stream:
            table = stream.read_all()
        assert result["rows"] == table.num_rows
        return table

    def name_pseudonyms(self, name: str) -> Mapping[str, Any]:
        """Do what sharing does: read the column, keep the new sealed map."""
        key, context = Key.generate(), context_of("map", name, str(len(self.maps)))
        result, content = self.run(
            "pseudonyms:pseudonyms",
            {"field": name, "map": self.maps.get(name), "seal": {"key": key, "context": context}},
        )
        if "sealed" in result:
            file = f"map-{name}-{result['count']}"
            (self.folder / file).write_bytes(content)
            self.maps[name] = {
                "key": key,
                "context": context,
                "header": bytes.fromhex(result["sealed"]["header"]),
                "sealed_size": result["sealed"]["sealed_size"],
                "file": file,
            }
        return result


def keep(folder: Path, rows: list[dict[str, Any]]) -> Kept:
    groups = column_groups(SCHEMA)
    keys = [Key.generate() for _ in groups]
    contexts = [context_of("part", str(number)) for number in range(len(groups))]
    sinks = [io.BytesIO() for _ in groups]
    writer = PartsWriter(SCHEMA, groups, sinks, keys, contexts)
    writer.write(pa.RecordBatch.from_pylist(rows, schema=SCHEMA.arrow()))
    kept = Kept(folder)
    for number, sealed in enumerate(writer.close()):
        (folder / f"part-{number}").write_bytes(sinks[number].getvalue())
        kept.parts.append(
            {
                "fields": list(groups[number]),
                "key": keys[number],
                "context": contexts[number],
                "header": sealed.header,
                "sealed_size": sealed.sealed_size,
                "file": f"part-{number}",
            }
        )
    return kept


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    version = keep(tmp_path_factory.mktemp("version"), [row(n) for n in range(COUNT)])
    version.name_pseudonyms("name")
    yield version
    children.end()


RELEASE = {
    "fields": [
        {"name": "zone", "mask": {"kind": "keep"}},
        {"name": "name", "mask": {"kind": "pseudonym"}},
        {"name": "born", "mask": {"kind": "truncate-date", "to": "year"}},
        {"name": "age", "mask": {"kind": "top-code", "at": 89}},
        {"name": "id", "mask": {"kind": "hide"}},
    ],
    "condition": f"zone <> 'East' and note like '{HIDDEN}%' and id < 69000",
}
PASSING = [n for n in range(69_000) if n % 3 != 2]


def test_a_release_shows_its_fields_rows_and_masks_and_nothing_else(kept: Kept) -> None:
    table = kept.deliver(RELEASE)
    assert table.schema.names == ["zone", "name", "born", "age"]
    assert table.num_rows == len(PASSING)
    assert [str(kind) for kind in table.schema.types] == [
        "string",
        "string",
        "date32[day]",
        "int64",
    ]
    first = table.slice(0, 3).to_pylist()
    assert [each["zone"] for each in first] == ["North", "South", "North"]
    assert first[2]["name"] is None, "row 3 has no name"
    assert first[0]["born"] == date(1950, 1, 1)
    assert max(table["age"].to_pylist()) == 89
    names = set(table["name"].to_pylist()) - {None}
    assert all(name.startswith("p-") and len(name) == 10 for name in names)
    expected = {row(n)["name"] for n in PASSING} - {None}
    assert len(names) == len(expected)


@pytest.mark.parametrize("kind", ["csv", "tsv", "ndjson", "parquet", "arrow"])
def test_no_canary_leaves_in_any_format(kept: Kept, kind: str) -> None:
    arguments = {"plan": RELEASE, "format": kind, "pseudonyms": kept.maps}
    _, content = kept.run("deliver:deliver", arguments)
    if kind == "parquet":
        content = str(pq.read_table(io.BytesIO(content)).to_pylist()).encode()
    assert b"canary" not in content
    assert content
    control = {**RELEASE, "fields": [{"name": "name", "mask": {"kind": "keep"}}]}
    assert b"canary-name" in kept.deliver(control, "csv"), "the control must find it"


def test_pseudonyms_are_the_same_for_the_same_value_and_grow(tmp_path: Path) -> None:
    version = keep(tmp_path, [row(n) for n in range(10)])
    first = version.name_pseudonyms("name")
    assert (first["count"], first["added"]) == (9, 9)
    before = version.deliver(RELEASE | {"condition": None})["name"].to_pylist()
    larger = keep(tmp_path, [row(n) for n in range(20)])
    larger.maps = dict(version.maps)
    with pytest.raises(Conflict) as caught:
        larger.deliver(RELEASE | {"condition": None})
    assert caught.value.code == "pseudonyms-outdated"
    assert "canary" not in f"{caught.value}{caught.value.details}"
    assert larger.name_pseudonyms("name")["added"] == 10
    after = larger.deliver(RELEASE | {"condition": None})["name"].to_pylist()
    assert after[:10] == before
    assert larger.name_pseudonyms("name") == {"count": 19, "added": 0}


@pytest.mark.parametrize(
    "asked",
    [
        {"where": f"note like '{HIDDEN}%'"},
        {"where": "id = 5"},
        {"sort": ["id"]},
        {"sort": ["-note"]},
        {"show": ["note"]},
        {"show": ["zone", "id"]},
    ],
)
def test_what_is_hidden_cannot_be_asked_about(kept: Kept, asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        kept.deliver({**RELEASE, **asked})
    assert caught.value.code == "condition-unknown-field"


def test_a_reader_filters_by_what_he_sees(kept: Kept) -> None:
    assert kept.deliver({**RELEASE, "where": "name = 'canary-name-0'"}).num_rows == 0
    assert kept.deliver({**RELEASE, "where": "born = '1950-05-05'"}).num_rows == 0
    assert kept.deliver({**RELEASE, "where": "age > 89"}).num_rows == 0
    exact = kept.deliver({**RELEASE, "where": "born = '1950-01-01' and age = 89", "show": ["zone"]})
    expected = [n for n in PASSING if n % 70 == 0 and n % 110 >= 89]
    assert (exact.num_rows, exact.schema.names) == (len(expected), ["zone"])


def test_a_reader_sorts_by_what_he_sees(kept: Kept) -> None:
    table = kept.deliver({**RELEASE, "sort": ["-age", "zone"], "limit": 2_000, "show": ["age"]})
    assert table.num_rows == 2_000
    assert set(table["age"].to_pylist()) == {89}
    everything = kept.deliver({**RELEASE, "sort": ["age"], "show": ["zone"]})
    assert (everything.num_rows, everything.schema.names) == (len(PASSING), ["zone"])


@pytest.mark.parametrize(
    ("offset", "limit"), [(0, 5), (65_530, 12), (69_999, 10), (70_000, 5), (0, 0)]
)
def test_offset_and_limit_cut_the_same_rows_with_and_without_a_condition(
    kept: Kept, offset: int, limit: int
) -> None:
    plain = {"fields": [{"name": "id", "mask": {"kind": "keep"}}], "offset": offset, "limit": limit}
    expected = list(range(offset, min(COUNT, offset + limit)))
    assert kept.deliver(plain)["id"].to_pylist() == expected
    assert kept.deliver({**plain, "where": "id >= 0"})["id"].to_pylist() == expected
    assert kept.deliver({**plain, "condition": "age >= 0"})["id"].to_pylist() == expected
    assert kept.deliver({**plain, "sort": ["id"]})["id"].to_pylist() == expected


def test_keys_that_are_not_needed_are_not_asked_for(kept: Kept) -> None:
    without = [
        part if set(part["fields"]) & {"zone", "born"} else {**part, "key": None}
        for part in kept.parts
    ]
    plan = {"fields": RELEASE["fields"][:1], "condition": "born > '1960-01-01'"}
    content = kept.deliver(plan, "csv", parts=without)
    assert content.splitlines()[0] == b"zone"
    with pytest.raises(Invalid):
        kept.deliver(RELEASE, parts=without)


def test_all_of_a_version_is_what_was_kept(kept: Kept) -> None:
    table = kept.deliver({"fields": None, "limit": 10})
    assert table.schema.equals(SCHEMA.arrow())
    assert table.to_pylist() == [row(n) for n in range(10)]
    lines = list(csv.reader(io.StringIO(kept.deliver({}, "csv").decode(), newline="")))
    assert len(lines) == COUNT + 1


def test_a_page_of_rows_comes_as_texts_with_counts(kept: Kept) -> None:
    arguments = {"plan": {**RELEASE, "limit": 2}, "pseudonyms": kept.maps, "count": True}
    result, content = kept.run("deliver:sample", arguments)
    assert result == {"shown": 2, "total": COUNT, "row_count": len(PASSING)}
    shown = json.loads(content)
    assert [f["name"] for f in shown["fields"]] == ["zone", "name", "born", "age"]
    assert [f["mask"] for f in shown["fields"]] == [
        "keep",
        "pseudonym",
        "truncate-date",
        "top-code",
    ]
    assert shown["rows"][0][0] == "North"
    assert shown["rows"][0][2] == "1950-01-01"
    assert b"canary" not in content


def test_rows_are_counted_after_release_and_question(kept: Kept) -> None:
    def counted(plan: Mapping[str, Any]) -> Mapping[str, Any]:
        return kept.run("deliver:count", {"plan": plan, "pseudonyms": kept.maps})[0]

    assert counted({}) == {"row_count": COUNT, "total": COUNT}
    assert counted(RELEASE)["row_count"] == len(PASSING)
    asked = counted({**RELEASE, "where": "age = 89 and zone = 'North'"})
    assert asked["row_count"] == len([n for n in PASSING if n % 110 >= 89 and n % 3 == 0])


def test_it_all_works_where_no_file_can_be_opened(kept: Kept) -> None:
    for kind in ("csv", "ndjson", "parquet", "arrow"):
        arguments = {"plan": {**RELEASE, "limit": 5}, "format": kind, "pseudonyms": kept.maps}
        result, _ = kept.run("deliver:deliver", arguments, landlock=False)
        assert result["rows"] == 5


@pytest.mark.parametrize(
    "plan",
    [
        {"fields": []},
        {"fields": [{"name": "zone", "mask": {"kind": "hide"}}]},
        {"fields": [{"name": "zone"}, {"name": "zone"}]},
        {"fields": [{"name": "zone", "mask": {"kind": "reveal"}}]},
        {"fields": [{"name": "zone", "mask": {"kind": "top-code", "at": 1}}]},
        {"fields": ["zone"]},
        {"limit": -1},
        {"limit": "5"},
        {"offset": True},
        {"condition": "drop table x"},
    ],
)
def test_a_plan_that_cannot_be_right_is_refused(kept: Kept, plan: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        kept.deliver(plan)


def test_a_changed_part_ends_the_stream_with_an_error(kept: Kept, tmp_path: Path) -> None:
    broken = keep(tmp_path, [row(n) for n in range(100)])
    content = bytearray((tmp_path / "part-0").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "part-0").write_bytes(content)
    with pytest.raises(Corrupt):
        broken.deliver({})


@pytest.mark.parametrize("kind", ["csv", "tsv", "ndjson", "parquet", "arrow"])
def test_a_stretch_out_of_another_child_is_a_slice_of_the_whole(kept: Kept, kind: str) -> None:
    plan = {**RELEASE, "sort": ["-age", "zone"]}
    arguments = {"plan": plan, "format": kind, "pseudonyms": kept.maps}
    result, whole = kept.run("deliver:deliver", arguments)
    assert result["size"] == len(whole)

    measured, nothing = kept.run("deliver:measure", arguments)
    _, again = kept.run("deliver:deliver", arguments)
    _, rest = kept.run("deliver:deliver", {**arguments, "first": 70_001, "last": len(whole) - 1})
    _, middle = kept.run("deliver:deliver", {**arguments, "first": 10, "last": 99})

    assert (measured, nothing) == ({"size": len(whole)}, b"")
    assert again == whole
    assert rest == whole[70_001:]
    assert middle == whole[10:100]
