"""Every reader in a real sandboxed child, with and without Landlock; and what is made to fill it."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.tidy.formats.books import ods, xlsb, xlsx
from tests.unit.tidy.formats.test_archives import PACKED
from tests.unit.tidy.formats.test_other_kinds import PAGE, TREES, avro, sqlite
from tests.unit.tidy.papers import docx, pdf

from simplr.base import children
from simplr.base.children import FileTooDemanding
from simplr_core.errors import Invalid
from simplr_core.tables.sealed import Key, SealedFile
from simplr_core.tidy.plans import plan_tables, tables_of

TESTS = Path(__file__).resolve().parents[2]


def parquet(columns: dict[str, list[Any]]) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


ROWS = [["name", "n"], ["Elm", 1], ["Oak", 2]]
MADE = {
    "xlsx": xlsx({"A": ROWS, "B": ROWS}),
    "ods": ods({"A": ROWS}),
    "xlsb": xlsb({"A": ROWS, "B": ROWS}),
    "xls": (TESTS / "unit" / "tidy" / "formats" / "small.xls").read_bytes(),
    "json": json.dumps([{"name": "Elm", "n": 1, "t": ["a"]}]).encode(),
    "ndjson": b'{"name": "Elm"}\n{"name": "Oak"}\n',
    "avro": avro("snappy"),
    "sqlite": sqlite(*TREES),
    "html": PAGE,
    **PACKED,
    "parquet": parquet({"name": ["Elm", None, "Oak"], "n": [1, 2, 3], "t": [[1], [], None]}),
    "csv": 'name,n,note\nElm,1,"a ""b"", c"\nOak,2,\nÄsh,3,"two\nlines"\n'.encode() * 9,
    "utf-16": "name;n\r\nElm;1,5\r\nÖak;2\r\n".encode("utf-16") * 3,
    "several signs": b"name||n||note\n" + b'Elm||1||"a || b"\nOak||2||\n' * 9,
    "fixed width": b"name          n\n----------  ---\n"
    + b"Elm Street    1\nOak         200\n" * 9,
}

PAPERS = {
    "pdf": pdf("The plan of Elm Street", "Second page"),
    "packed pdf": pdf("The plan of Elm Street", "Second page", password=""),
    "docx": docx(["Minutes of May", "Oak Avenue"], footnote="as agreed"),
}


def thing(label: str) -> dict[str, Any]:
    return {"key": Key.generate(), "context": label.encode()}


def take_words(content: bytes, *, landlock: bool = True, limits: Any = None) -> int:
    """Take the words out of a document; in how many pieces they came."""
    with tempfile.TemporaryFile() as file:
        original = thing("original")
        sealing = SealedFile(file, **original)
        sealing.write(content)
        sealed = sealing.finish()
        file.flush()
        original |= {"header": sealed.header, "sealed_size": sealed.sealed_size}
        child = children.start(
            job="simplr_core.tidy.jobs:extract_text",
            arguments={"original": original, "text": thing("text")},
            files={"original": file.fileno()},
            landlock=landlock,
            limits=limits,
        )
        found: int = child.finish()["pieces"]
        return found


def work(content: bytes, *, landlock: bool = True, limits: Any = None) -> list[dict[str, int]]:
    """Understand it and keep each of its tables; the counts of each."""
    with tempfile.TemporaryFile() as file:
        original = thing("original")
        sealing = SealedFile(file, **original)
        sealing.write(content)
        sealed = sealing.finish()
        file.flush()
        original |= {"header": sealed.header, "sealed_size": sealed.sealed_size}

        def run(job: str, **arguments: Any) -> Any:
            child = children.start(
                job=f"simplr_core.tidy.jobs:{job}",
                arguments={"original": original, "name": "a.csv", **arguments},
                files={"original": file.fileno()},
                landlock=landlock,
                limits=limits,
            )
            return child.finish()

        understood = run("understand", report=thing("report"))["understanding"]
        counts = []
        for number, plan in plan_tables(understood, {}):
            kept = run(
                "keep",
                plan=plan.to_json(),
                parts=[thing("part") for _ in plan.groups],
                quarantine=thing("quarantine"),
                recipe=thing("recipe"),
                profiles=[thing("profile") for _ in plan.schema],
            )
            found = kept["counts"]
            # A step of its recipe may put rows aside that were read as rows.
            assert found["in"] == tables_of(understood)[number]["counts"]["in"]
            assert found["in"] == found["kept"] + found["quarantined_rows"]
            counts.append(found)
        return counts


@pytest.mark.parametrize("landlock", [True, False])
@pytest.mark.parametrize("kind", MADE)
def test_each_kind_is_understood_and_kept(kind: str, landlock: bool) -> None:
    counts = work(MADE[kind], landlock=landlock)

    assert counts
    assert all(one["in"] == one["kept"] + one["quarantined_rows"] for one in counts)


def test_integers_of_64_bits_are_kept() -> None:
    """No number of 53 bits holds them: a profile made of them ended the child."""
    content = io.BytesIO()
    numbers = pa.array([1, None, 2**63 - 1, -(2**63), 8430738502437568515], pa.int64())
    pq.write_table(pa.table({"id": numbers}), content)

    (counts,) = work(content.getvalue())

    assert counts == {"in": 5, "kept": 5, "quarantined_rows": 0, "quarantined_cells": 0}


@pytest.mark.parametrize("content", [b"\x1f-", b"-,-\n-,-\n-,NA\n"])
def test_a_table_without_a_heading_or_a_value_keeps_its_rows(content: bytes) -> None:
    (counts,) = work(content)

    assert counts["in"] == counts["kept"] == content.count(b"\n") + (content[-1:] != b"\n")


@pytest.mark.parametrize("landlock", [True, False])
@pytest.mark.parametrize("kind", PAPERS)
def test_the_words_of_each_kind_of_document_are_taken_out(kind: str, landlock: bool) -> None:
    assert take_words(PAPERS[kind], landlock=landlock) >= 2


def with_sheet(xml: str) -> bytes:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx({"A": ROWS}))) as good,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            bad.writestr(name, xml if name.endswith("sheet1.xml") else good.read(name))
    return content.getvalue()


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


FAR_CORNERS = (
    f'<worksheet xmlns="{SPACE}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)
"""Two cells; all between them are 17 thousand million."""


def test_a_sheet_made_to_fill_the_memory_ends_the_child_and_nothing_else() -> None:
    with pytest.raises(Invalid) as refused:
        work(with_sheet(FAR_CORNERS))

    assert refused.value.code == FileTooDemanding.code
    assert work(MADE["xlsx"])  # the next file is read as ever
