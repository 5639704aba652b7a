"""Archives: every member is read as what it is; and bombs, encrypted and broken ones."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.unit.tidy.formats.books import xlsx

from simplr_core.errors import Invalid
from simplr_core.tidy.formats import archives
from simplr_core.tidy.opening import open_file

Open = Callable[..., Any]
TREES = b"street,height\nElm,1.5\nOak,2.5\nAsh\n"


def zipped(members: dict[str, bytes], **options: Any) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return content.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return content.getvalue()


PACKED = {
    "zip": zipped({"trees.csv": TREES}),
    "gzip": gzip.compress(TREES),
    "bzip2": bz2.compress(TREES),
    "xz": lzma.compress(TREES),
    "zstd": zstandard.compress(TREES),
    "tar": tarred({"trees.csv": TREES}),
    "tar.gz": gzip.compress(tarred({"trees.csv": TREES})),
    "tar.zst": zstandard.compress(tarred({"trees.csv": TREES})),
    "zip in zip": zipped({"a.zip": zipped({"trees.csv": TREES})}),
}


@pytest.mark.parametrize("kind", PACKED)
def test_a_packed_table_is_the_table(open_bytes: Open, kind: str) -> None:
    [table] = open_bytes(PACKED[kind], name="trees.csv.gz").tables

    assert table.header == ["street", "height"]
    assert table.column("height") == [1.5, 2.5]
    assert [q["reason"] for q in table.aside] == ["too-few-cells"]


def test_each_member_is_read_as_what_it_is(open_bytes: Open) -> None:
    opened = open_bytes(
        zipped(
            {
                "a/trees.csv": TREES,
                "a/budget.xlsx": xlsx({"In": [["n", "m"], [1, 2]], "Out": [["n", "m"], [3, 4]]}),
                "lamps.json": b'[{"n": 1}, {"n": 2}]',
                "__MACOSX/._trees.csv": b"\0\1",
                "photo.png": b"\x89PNG\r\n\x1a\n" + bytes(50),
                "../../etc/passwd": b"street,lamps\nElm,1\nOak,2\n",
            }
        )
    )

    assert [table.report.understanding.path for table in opened.tables] == [
        ("a/trees.csv",),
        ("a/budget.xlsx", "In"),
        ("a/budget.xlsx", "Out"),
        ("lamps.json", ""),
        ("../../etc/passwd",),
    ]
    assert opened.report.others == ["photo.png"]
    assert opened["a/budget.xlsx: Out"].column("m") == [4]


def test_members_of_one_name_are_told_apart(open_bytes: Open) -> None:
    content = tarred({"a.csv": b"n,m\n1,2\n"})[:1024] + tarred({"a.csv": b"n,m\n3,4\n"})

    opened = open_bytes(content)

    assert [table.name for table in opened.tables] == ["a.csv", "a ~2.csv"]
    assert opened["a ~2.csv"].column("n") == [3]


def test_a_member_without_a_name_is_left_in_the_archive(open_bytes: Open) -> None:
    content = zipped({"x": b"a,b\n1,2\n", "b.csv": b"a,b\n1,2\n3,4\n"})
    lengths = content.find(b"PK\x01\x02") + 28  # of its name and of what comes behind it
    nameless = content[:lengths] + b"\0\0\x01\0" + content[lengths + 4 :]

    assert [table.name for table in open_bytes(nameless).tables] == ["b.csv"]


def test_an_archive_without_a_table_is_a_file(open_bytes: Open) -> None:
    opened = open_bytes(zipped({"a.png": b"\x89PNG\r\n\x1a\n" + bytes(50)}))

    assert (opened.tables, opened.report.media_type) == ([], "application/zip")


def test_a_member_that_is_not_held_in_memory_reads_the_same(
    open_bytes: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "HELD", 16)
    monkeypatch.setattr(archives, "PIECE", 7)
    rows = b"".join(b"%d,%d\n" % (n, n * 2) for n in range(5_000))

    for content in (zipped({"a.csv": b"n,m\n" + rows}), gzip.compress(b"n,m\n" + rows)):
        assert open_bytes(content).tables[0].column("m") == [n * 2 for n in range(5_000)]


@pytest.mark.parametrize("kind", ["zip", "gzip", "bzip2", "xz", "zstd"])
def test_what_comes_out_is_counted(
    open_bytes: Open, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 1 << 20)
    monkeypatch.setattr(archives, "MOST_TIMES", 10)
    zeros = bytes(4 << 20)
    bombs = {
        "zip": zipped({"a.csv": zeros}),
        "gzip": gzip.compress(zeros),
        "bzip2": bz2.compress(zeros),
        "xz": lzma.compress(zeros),
        "zstd": zstandard.compress(zeros),
    }

    with pytest.raises(Invalid) as refused:
        open_bytes(bombs[kind])

    assert refused.value.code == "expands-too-much"


def test_a_workbook_that_expands_too_much_is_refused(
    open_bytes: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 1 << 16)
    monkeypatch.setattr(archives, "MOST_TIMES", 2)
    content = xlsx({"A": [["n", "m"], *([7, 7] for _ in range(5_000))]})

    with pytest.raises(Invalid) as refused:
        open_bytes(content)

    assert refused.value.code == "expands-too-much"


def test_many_members_that_share_a_budget_are_counted_together(
    open_bytes: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 1 << 20)
    monkeypatch.setattr(archives, "MOST_TIMES", 1)
    content = zipped({f"{n}.bin": bytes(300_000) for n in range(8)})

    with pytest.raises(Invalid) as refused:
        open_bytes(content)

    assert refused.value.code == "expands-too-much"


def test_archives_in_archives_end_somewhere(open_bytes: Open) -> None:
    content = TREES
    for _ in range(6):
        content = zipped({"inner.zip": content})

    with pytest.raises(Invalid) as refused:
        open_bytes(content)

    assert refused.value.code == "archives-too-deep"


def test_an_encrypted_member_is_refused(open_bytes: Open) -> None:
    content = bytearray(zipped({"a.csv": TREES}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(Invalid) as refused:
        open_bytes(bytes(content))

    assert refused.value.code == "file-encrypted"


@pytest.mark.parametrize("kind", ["zip", "gzip", "bzip2", "xz", "zstd", "tar.gz"])
def test_an_archive_that_was_cut_off_is_refused(open_bytes: Open, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_bytes(PACKED[kind][:-20])

    assert refused.value.code == "archive-damaged"


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(sorted(PACKED)), st.data())
def test_an_archive_with_any_bytes_changed_never_ends_the_reader(
    kind: str, data: st.DataObject
) -> None:
    content = bytearray(PACKED[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    with suppress(Invalid):  # anything else is a fault of ours
        open_file(io.BytesIO(content), size=len(content), heartbeat=lambda rows: None)
