"""The jobs: a sealed file becomes sealed parts, and nothing leaves in clear that should not."""

from __future__ import annotations

import csv
import io
import json
import struct
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simplr_core.errors import Corrupt, SimplrError
from simplr_core.tables.jobs.keeping import PartsWrong
from simplr_core.tables.jobs.sealing import JobCancelled
from simplr_core.tables.schema import ROW_NUMBER
from simplr_core.tables.sealed import (
    BytesSource,
    Key,
    PartsReader,
    SealedFile,
    SealedPart,
)
from simplr_core.tidy.jobs import (
    keep,
    open_profiles,
    open_report,
    preview_file,
    read_quarantine,
    understand,
)
from simplr_core.tidy.jobs.following import OriginalChanged
from simplr_core.tidy.jobs.images import ImageTooLarge, ImageUnreadable
from simplr_core.tidy.plans import plan_keep


@dataclass
class Channel:
    content: bytearray = field(default_factory=bytearray)
    closed: bool = False

    def write(self, content: bytes) -> int:
        assert not self.closed
        self.content += content
        return len(content)

    def close(self) -> None:
        self.closed = True


@dataclass
class Port:
    """Takes what a child sends, in memory."""

    stop_after: int | None = None
    channels: dict[int, Channel] = field(default_factory=dict)
    steps: list[tuple[int, int | None, str]] = field(default_factory=list)

    def progress(self, done: int, total: int | None, step: str) -> None:
        self.steps.append((done, total, step))

    def sink(self, channel: int) -> Channel:
        return self.channels.setdefault(channel, Channel())

    def cancelled(self) -> bool:
        return self.stop_after is not None and len(self.steps) >= self.stop_after

    @property
    def everything(self) -> bytes:
        return b"".join(bytes(channel.content) for channel in self.channels.values())


@dataclass
class Stored:
    """A sealed object in a file, and what opens it."""

    file: Any
    facts: dict[str, Any]

    @property
    def descriptor(self) -> int:
        return int(self.file.fileno())


@pytest.fixture
def store() -> Iterator[Any]:
    open_files = []

    def keep_sealed(content: bytes, *, context: bytes = b"original") -> Stored:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the fixture
        open_files.append(file)
        key = Key.generate()
        sealing = SealedFile(file, key=key, context=context)
        sealing.write(content)
        sealed = sealing.finish()
        file.flush()
        return Stored(
            file,
            {
                "key": key,
                "context": context,
                "header": sealed.header,
                "sealed_size": sealed.sealed_size,
            },
        )

    def put_away(channel: Channel, facts: dict[str, Any], sealing: dict[str, Any]) -> Stored:
        assert channel.closed
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the fixture
        open_files.append(file)
        file.write(channel.content)
        file.flush()
        header = bytes.fromhex(facts["header"])
        return Stored(file, {**sealing, "header": header, "sealed_size": facts["sealed_size"]})

    keep_sealed.put_away = put_away  # type: ignore[attr-defined]
    yield keep_sealed
    for file in open_files:
        file.close()


def sealing(label: str) -> dict[str, Any]:
    return {"key": Key.generate(), "context": label.encode()}


def understood(stored: Stored, **options: Any) -> tuple[dict[str, Any], Port, dict[str, Any]]:
    port, report = Port(), sealing("report")
    arguments = {"original": stored.facts, "name": "people.csv", "report": report, **options}
    result = understand(arguments, {"original": stored.descriptor}, port)
    json.dumps(result)
    return result, port, report


def kept(
    stored: Stored, understanding: dict[str, Any], fields: list[dict[str, Any]], port: Port
) -> tuple[dict[str, Any], dict[str, Any]]:
    plan = plan_keep(understanding["understanding"], {"fields": fields})
    arguments = {
        "original": stored.facts,
        "name": "people.csv",
        "plan": json.loads(json.dumps(plan.to_json())),
        "parts": [sealing(f"part {n}") for n, _ in enumerate(plan.groups)],
        "quarantine": sealing("quarantine"),
        "recipe": sealing("recipe"),
        "profiles": [sealing(f"profile {name}") for name in plan.schema.names],
        "groups": plan.groups,
    }
    result = keep(arguments, {"original": stored.descriptor}, port)
    json.dumps(result)
    return result, arguments


def parts_of(result: dict[str, Any], arguments: dict[str, Any], port: Port) -> list[SealedPart]:
    parts = []
    for n, (group, given) in enumerate(zip(arguments["groups"], arguments["parts"], strict=True)):
        channel, facts = port.channels[n + 1], result["objects"][str(n + 1)]
        assert channel.closed
        assert len(channel.content) == facts["sealed_size"]
        header = bytes.fromhex(facts["header"])
        source = BytesSource(bytes(channel.content))
        parts.append(
            SealedPart(
                tuple(group), given["key"], given["context"], header, facts["sealed_size"], source
            )
        )
    return parts


def people(rows: int = 300) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Given Name", "E-Mail", "Birth Date", "ZIP", "Visits"])
    for n in range(rows):
        visits = "CANARYCELL" if n == 7 else str(n)
        writer.writerow(
            [
                f"Canary{n}",
                f"canary{n}@example.org",
                date(1950, 1, 1).replace(year=1950 + n % 50),
                f"{n % 1000:05}",
                visits,
            ]
        )
    return out.getvalue().encode() + b"CANARYROW,only two\n"


def test_a_file_is_understood_kept_and_read_back(store: Any) -> None:
    stored = store(people())
    understanding, _, _ = understood(stored)
    port = Port()

    result, arguments = kept(
        stored, understanding, [{"name": "visits", "personal": "indirect"}], port
    )

    assert result["counts"] == {
        "in": 301,
        "kept": 300,
        "quarantined_rows": 1,
        "quarantined_cells": 1,
    }
    assert understanding["understanding"]["counts"] == result["counts"]
    assert arguments["groups"] == [
        ["zip", "visits"],
        ["given_name"],
        ["e_mail"],
        ["birth_date"],
    ]
    with PartsReader(
        parts_of(result, arguments, port), ["given_name", "zip", "visits", ROW_NUMBER]
    ) as reader:
        table = pa.Table.from_batches(list(reader))
    assert table.column("zip").to_pylist()[:2] == ["00000", "00001"]
    assert table.column("visits").to_pylist()[6:9] == [6, None, 8]
    assert table.column(ROW_NUMBER).to_pylist() == list(range(300))
    assert result["fields"][4] == {
        "name": "visits",
        "rows": 300,
        "missing": 1,
        "distinct": 299,
        "distinct_is_exact": True,
        "inconsistent": None,
        "quarantined": 1,
    }
    assert port.steps[-1] == (301, 301, "keeping")


def test_nothing_that_leaves_the_child_holds_a_cell(store: Any) -> None:
    stored = store(people())
    understanding, port, _ = understood(stored)
    keeping = Port()
    result, _ = kept(stored, understanding, [], keeping)

    said = json.dumps([understanding, result]) + str(port.steps) + str(keeping.steps)
    for sent in (said.encode(), port.everything, keeping.everything):
        assert b"canary" not in sent.lower()
        assert b"PAR1" not in sent


def test_the_sample_is_shown_without_personal_fields_unless_one_may_see_them(store: Any) -> None:
    understanding, port, report = understood(store(people()))
    stored = store.put_away(port.channels[1], understanding["report"], report)

    public = open_report({"report": stored.facts}, {"report": stored.descriptor}, Port())
    full = open_report(
        {"report": stored.facts, "show_personal": True, "hide": ["zip"]},
        {"report": stored.descriptor},
        Port(),
    )

    assert public["fields"] == ["visits"]
    assert "anary" not in json.dumps(public["rows"]).replace("CANARYCELL", "")
    assert full["fields"] == ["given_name", "e_mail", "birth_date", "visits"]
    assert full["rows"][0][0] == "Canary0"
    assert "zip" in full["hidden"]


def test_the_quarantine_is_read_in_pages_and_hides_what_it_must(store: Any) -> None:
    stored = store(people())
    understanding, _, _ = understood(stored)
    port = Port()
    result, arguments = kept(stored, understanding, [], port)
    aside = store.put_away(port.channels[5], result["objects"]["5"], arguments["quarantine"])

    def read(**options: Any) -> dict[str, Any]:
        given = {"quarantine": aside.facts, **options}
        return read_quarantine(given, {"quarantine": aside.descriptor}, Port())

    everything = read()
    hidden = read(hide=["given_name"])
    second = read(offset=1, limit=1)

    assert not everything["has_more"]
    assert read(limit=1)["has_more"]
    assert everything["rows"][0] == {
        "row": 8,
        "kept_row": 7,
        "field": "visits",
        "reason": "not-integer",
        "raw": "CANARYCELL",
    }
    assert everything["rows"][1]["raw"] == "CANARYROW,only two"
    assert [row["raw"] for row in hidden["rows"]] == ["CANARYCELL", None]
    assert [row["field"] for row in read(hide=["visits"])["rows"]] == [None]
    assert second["rows"] == everything["rows"][1:]


def test_profiles_are_sealed_by_field(store: Any) -> None:
    stored = store(people())
    understanding, _, _ = understood(stored)
    port = Port()
    result, arguments = kept(stored, understanding, [], port)
    profile = store.put_away(port.channels[10], result["objects"]["10"], arguments["profiles"][4])

    found = open_profiles(
        {"profiles": {"visits": profile.facts}}, {"visits": profile.descriptor}, Port()
    )["profiles"]["visits"]

    assert (found["min"], found["max"]) == (0, 299)
    assert sum(found["histogram"]["counts"]) == 299
    wrong = {**profile.facts, "key": arguments["profiles"][3]["key"]}
    with pytest.raises(Corrupt):
        open_profiles({"profiles": {"visits": wrong}}, {"visits": profile.descriptor}, Port())


def test_keeping_a_field_as_personal_moves_it_to_a_part_of_its_own(store: Any) -> None:
    stored = store(people(30))
    understanding, _, _ = understood(stored)
    port = Port()

    _, arguments = kept(stored, understanding, [{"name": "zip", "personal": "personal"}], port)

    assert ["zip"] in arguments["groups"]


def test_a_wrong_number_of_parts_is_refused(store: Any) -> None:
    stored = store(people(30))
    understanding, _, _ = understood(stored)

    with pytest.raises(PartsWrong):
        keep(
            {
                "original": stored.facts,
                "plan": plan_keep(understanding["understanding"], {}).to_json(),
                "parts": [sealing("one")],
                "quarantine": sealing("quarantine"),
                "recipe": sealing("recipe"),
                "profiles": [],
            },
            {"original": stored.descriptor},
            Port(),
        )


def test_an_original_that_reads_otherwise_than_understood_is_refused(store: Any) -> None:
    understanding, _, _ = understood(store(people(30)))

    with pytest.raises(OriginalChanged):
        kept(store(people(31)), understanding, [], Port())


def test_a_cancelled_job_stops_and_leaves_no_whole_part(store: Any) -> None:
    stored = store(people(30))
    understanding, _, _ = understood(stored)
    port = Port(stop_after=0)

    with pytest.raises(JobCancelled):
        kept(stored, understanding, [], port)
    assert not any(channel.closed for channel in port.channels.values())
    with pytest.raises(JobCancelled):
        understand(
            {"original": stored.facts, "report": sealing("report")},
            {"original": stored.descriptor},
            Port(stop_after=0),
        )


def test_an_original_under_another_key_is_refused(store: Any) -> None:
    stored = store(people(30))

    with pytest.raises(Corrupt):
        understood(Stored(stored.file, {**stored.facts, "key": Key.generate()}))


@pytest.mark.parametrize("cut", [0, 3, 40, 1000])
def test_a_malformed_parquet_file_is_a_deliberate_error(store: Any, cut: int) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": list(range(1000))}), out)
    content = out.getvalue()
    broken = content[: len(content) // 2][: -cut or None] + b"\xff\xff\xff\x00PAR1"

    with pytest.raises(SimplrError):
        understood(store(broken))


def png(width: int, height: int, *, animated: bool = False) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + (chunk(b"acTL", bytes(8)) if animated else b"")
        + chunk(b"IDAT", zlib.compress(bytes(2)))
        + chunk(b"IEND", b"")
    )


GIF = (
    b"GIF89a\x02\x00\x03\x00\x80\x00\x00"
    + bytes(6)
    + b"\x2c\0\0\0\0\x02\0\x03\0\0\x02\x02\x44\x01\0"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00"
WEBP = b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x04\0\0\x05\0\0"


@pytest.mark.parametrize(
    ("content", "media_type", "size"),
    [
        (png(4, 3), "image/png", (4, 3)),
        (GIF + b";", "image/gif", (2, 3)),
        (JPEG, "image/jpeg", (7, 5)),
        (WEBP, "image/webp", (5, 6)),
    ],
)
def test_images_are_passed_on_with_their_size(
    store: Any, content: bytes, media_type: str, size: tuple[int, int]
) -> None:
    stored, port = store(content), Port()

    found = preview_file({"original": stored.facts}, {"original": stored.descriptor}, port)

    assert (found["kind"], found["media_type"]) == ("image", media_type)
    assert (found["width"], found["height"]) == size
    assert bytes(port.channels[1].content) == content
    assert port.channels[1].closed


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (png(100_000, 2), ImageTooLarge),
        (png(16_000, 16_000), ImageTooLarge),
        (png(4, 3, animated=True), ImageTooLarge),
        (GIF + GIF[19:] + b";", ImageTooLarge),
        (png(0, 3), ImageUnreadable),
        (b"\x89PNG\r\n\x1a\n", ImageUnreadable),
        (b"\xff\xd8\xff\xe0\x00", ImageUnreadable),
        (b"\xff\xd8\xff\xda\x00\x02", ImageUnreadable),
    ],
)
def test_an_image_that_could_harm_a_browser_is_refused(
    store: Any, content: bytes, error: type[Exception]
) -> None:
    stored, port = store(content), Port()

    with pytest.raises(error):
        preview_file({"original": stored.facts}, {"original": stored.descriptor}, port)
    assert port.everything == b""


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("Grüße\n".encode(), "Grüße\n"),
        ("\ufeffGrüße\n".encode("utf-16"), "\ufeffGrüße\n"),
        ("Grüße\n".encode("cp1252"), "Grüße\n"),
        (b"<svg onload='alert(1)'/>", "<svg onload='alert(1)'/>"),
        (b"<html><script>1</script>", "<html><script>1</script>"),
    ],
)
def test_texts_and_markup_are_shown_as_text(store: Any, content: bytes, shown: str) -> None:
    stored, port = store(content), Port()

    found = preview_file({"original": stored.facts}, {"original": stored.descriptor}, port)

    assert (found["kind"], found["is_whole"]) == ("text", True)
    assert bytes(port.channels[1].content).decode() == shown


def test_a_long_text_is_cut_between_characters(store: Any) -> None:
    stored, port = store("é".encode() * 100_000 + b"x"), Port()

    found = preview_file({"original": stored.facts}, {"original": stored.descriptor}, port)

    assert not found["is_whole"]
    assert set(bytes(port.channels[1].content).decode()) == {"é"}


def packed(objects: bytes, kind: bytes = b"/ObjStm") -> bytes:
    """Objects of a PDF inside a compressed object stream."""
    head = b"%PDF-1.7\n1 0 obj <</Type " + kind + b"/Filter /FlateDecode>>\nstream\r\n"
    return head + zlib.compress(objects) + b"\nendstream endobj\n%%EOF\n"


def test_a_pdf_says_whether_it_acts(store: Any) -> None:
    """However a name is spelt (ISO 32000, 7.3.5) and whatever its object is packed in (7.5.7)."""
    for content, active in (
        (b"%PDF-1.7\n1 0 obj\n%%EOF\n", False),
        (b"%PDF-1.7\n<</S /JavaScript>>\n%%EOF\n", True),
        (b"%PDF-1.7\n<</S /J#61vaScript>>\n%%EOF\n", True),
        (b"%PDF-1.7\n<</S /#4c#61unch>>\n%%EOF\n", True),
        (packed(b"<</Type /Page>>"), False),
        (packed(b"<</S /JavaScript /JS (app.alert(1))>>"), True),
        (packed(b"<</S /J#61vaScript>>", b"/Obj#53tm"), True),
        (packed(b"").replace(b"x\x9c", b"no"), True),
    ):
        stored, port = store(content), Port()
        found = preview_file({"original": stored.facts}, {"original": stored.descriptor}, port)
        assert (found["kind"], found["is_active"]) == ("pdf", active)


@pytest.mark.parametrize(
    "content", [b"", b"MZ\x90\0\3\0\0\0", b"%PDF-1.7\ncut off", b"PK\x03\x04data"]
)
def test_what_cannot_be_shown_says_so(store: Any, content: bytes) -> None:
    stored, port = store(content), Port()

    found = preview_file({"original": stored.facts}, {"original": stored.descriptor}, port)

    assert found["kind"] == "none"
    assert found["reason"]
    assert port.everything == b""
