"""Row 39: no CSV or TSV that leaves has a cell that a spreadsheet runs, and nothing is lost by it.

The texts are put in as a file, kept, and asked for in each format; what the formats for programs
hold is what was kept, and what a marked cell is restored to.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client
from tests.institute import Institute
from tests.web.store.test_hostile_files import taken_in

from simplr.intake import services as intake
from simplr.intake import tasks
from simplr.intake.models import Upload
from simplr_core.tables.formats import restored

RUN = re.compile(r"""[\s"']*[=+\-@\t\r＝＋－＠]""")
SHEETS = {"csv": ",", "tsv": "\t"}
CORPUS = (
    "=1+1",
    '=HYPERLINK("http://example.org/?"&A1;"see")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "   =1+1",
    '"=1+1"',
    '" =1+1',
    "'=1+1",
    "''=1+1",
    "' =1+1",
    "＝1+1",
    "－1",
    "＋49 30 1234",
    "plain, with = in it",
    "it's -5 outside",
    "'quoted' word",
)
ROWS = [(f"n{at:03}", text) for at, text in enumerate(CORPUS * 5)]


@pytest.fixture(scope="module")
def rows_at(institute: Institute, django_db_blocker: Any) -> Iterator[str]:
    """The address of rows whose texts a spreadsheet would run."""
    with django_db_blocker.unblock():
        content = io.StringIO(newline="")
        writer = csv.writer(content, quoting=csv.QUOTE_ALL)
        writer.writerows([("=number", "@text"), *ROWS])
        upload = taken_in(institute, "formulas.csv", content.getvalue().encode())
        fields = [{"name": name, "type": "text"} for name in ("number", "text")]
        steward = institute.actor("steward")
        intake.keep(upload_id=upload.id, choices={"fields": fields}, actor=steward)
        tasks.keep(str(upload.id), str(institute.steward.pk))
        kept = Upload.objects.get(pk=upload.pk)
        assert kept.state == "kept", kept.error_message
        yield f"/api/v1/datasets/{kept.resource_id}/rows"


@pytest.fixture
def ask(as_: Callable[[str], Client], rows_at: str) -> Callable[..., bytes]:
    def content(**query: str) -> bytes:
        answer = as_("owner").get(rows_at, query)
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    return content


def cells(content: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


def kept(ask: Callable[..., bytes]) -> list[str]:
    """The texts as the formats for programs hold them, which all agree."""
    lines = [json.loads(line)["text"] for line in ask(format="ndjson").decode().splitlines()]
    assert pq.read_table(io.BytesIO(ask(format="parquet")))["text"].to_pylist() == lines
    assert pa.ipc.open_stream(ask(format="arrow")).read_all()["text"].to_pylist() == lines
    return lines


def test_what_is_kept_would_run(ask: Callable[..., bytes]) -> None:
    texts = kept(ask)

    assert len(texts) == len(ROWS)
    assert sum(bool(RUN.match(text)) for text in texts) >= 15 * 5


@pytest.mark.parametrize("kind", SHEETS)
def test_no_cell_that_leaves_begins_as_a_formula(ask: Callable[..., bytes], kind: str) -> None:
    table = cells(ask(format=kind), SHEETS[kind])

    assert [cell for row in table for cell in row if re.match(r"[=+\-@\t\r\n＝＋－＠]", cell)] == []
    marked = [cell for row in table[1:] for cell in row if RUN.match(cell)]
    assert marked
    assert all(cell.startswith("'") for cell in marked)


@pytest.mark.parametrize("kind", SHEETS)
def test_taking_the_mark_away_gives_what_was_kept(ask: Callable[..., bytes], kind: str) -> None:
    table = cells(ask(format=kind), SHEETS[kind])

    assert [restored(text) for _, text in table[1:]] == kept(ask)


@pytest.mark.parametrize("kind", SHEETS)
def test_a_program_may_ask_for_the_texts_as_they_are(ask: Callable[..., bytes], kind: str) -> None:
    table = cells(ask(format=kind, exact="true"), SHEETS[kind])

    assert [text for _, text in table[1:]] == kept(ask)


def test_names_of_fields_never_run(ask: Callable[..., bytes]) -> None:
    assert cells(ask(format="csv"), ",")[0] == ["number", "text"]
