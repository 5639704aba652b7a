"""Looking at what was put aside: pages, groups and exports, as each reader may see them."""

from __future__ import annotations

import csv
import io
import json
import resource
import tempfile
from collections.abc import Iterable
from typing import Any

import pytest

from simplr_core.tables.formats import restored
from simplr_core.tables.sealed import Key, SealedFile
from simplr_core.tidy.jobs import count_quarantine, export_quarantine, read_quarantine
from simplr_core.tidy.jobs.aside import ExportFormatUnknown

from .renewing import _Port as Port


def entry(row: int, field: str | None, reason: str, raw: str | None) -> dict[str, Any]:
    kept = None if field is None else row - 1
    return {"row": row, "kept_row": kept, "field": field, "reason": reason, "raw": raw}


ENTRIES = (
    entry(1, "born", "not-date", "31.02.1990"),
    entry(2, "days", "not-integer", "=soon"),
    entry(3, None, "too-few-cells", 'High St,"a, b"'),
    entry(4, None, "key-twice", "7,Ann\nBen"),
    entry(5, "days", "not-integer", "later"),
    entry(6, "days", "not-representable", None),
)


class Sealed:
    """A quarantine as a version keeps it."""

    def __init__(self, entries: Iterable[dict[str, Any]]) -> None:
        self._file, key = tempfile.TemporaryFile(), Key.generate()  # noqa: SIM115 - read later
        sealing = SealedFile(self._file, key=key, context=b"quarantine")
        for one in entries:
            sealing.write(json.dumps(one, ensure_ascii=False).encode() + b"\n")
        sealed = sealing.finish()
        self._file.flush()
        self._facts = {
            "key": key,
            "context": b"quarantine",
            "header": sealed.header,
            "sealed_size": sealed.sealed_size,
        }

    def ask(self, job: Any, port: Port | None = None, **arguments: Any) -> Any:
        given = {"quarantine": self._facts, **arguments}
        return job(given, {"quarantine": self._file.fileno()}, port or Port())

    def exported(self, **arguments: Any) -> str:
        port = Port()
        self.ask(export_quarantine, port, **arguments)
        port.files[1].seek(0)
        return str(port.files[1].read().decode())


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return Sealed(ENTRIES)


def test_entries_are_counted_by_field_and_reason(sealed: Sealed) -> None:
    found = sealed.ask(count_quarantine)["groups"]

    assert found[0] == {"field": "days", "reason": "not-integer", "count": 2}
    assert sum(group["count"] for group in found) == len(ENTRIES)


def test_one_group_is_read_page_by_page(sealed: Sealed) -> None:
    first = sealed.ask(read_quarantine, field="days", reason="not-integer", limit=1)
    second = sealed.ask(read_quarantine, field="days", reason="not-integer", limit=1, offset=1)

    assert [row["row"] for row in first["rows"] + second["rows"]] == [2, 5]
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_pages_together_are_everything_once_in_the_order_of_the_file(sealed: Sealed) -> None:
    pages = [sealed.ask(read_quarantine, offset=at, limit=2)["rows"] for at in (0, 2, 4)]

    assert [row for page in pages for row in page] == list(ENTRIES)


@pytest.mark.parametrize("job", [read_quarantine, count_quarantine])
def test_cells_of_hidden_fields_are_not_there_and_in_no_count(sealed: Sealed, job: Any) -> None:
    seen = sealed.ask(job, hide=["born"])

    assert "born" not in json.dumps(seen)
    assert "31.02" not in json.dumps(seen)
    assert sealed.ask(read_quarantine, hide=["born"], field="born")["rows"] == []


def test_a_row_comes_without_its_text_to_those_who_do_not_see_all_of_it(sealed: Sealed) -> None:
    rows = sealed.ask(read_quarantine, hide=["born"])["rows"]

    whole = [(row["reason"], row["raw"]) for row in rows if row["field"] is None]
    assert whole == [("too-few-cells", None), ("put-aside", None)]
    assert sealed.ask(read_quarantine, hide=["born"], reason="key-twice")["rows"] == []


def test_an_export_as_csv_comes_back_cell_by_cell(sealed: Sealed) -> None:
    text = sealed.exported(format="csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))

    assert [(int(r["row"]), r["field"] or None, r["reason"]) for r in rows] == [
        (one["row"], one["field"], one["reason"]) for one in ENTRIES
    ]
    assert [restored(r["raw"]) for r in rows] == [one["raw"] or "" for one in ENTRIES]
    assert rows[1]["raw"] == "'=soon"
    assert ",=soon" in sealed.exported(format="csv", exact=True)


def test_an_export_as_json_lines_holds_the_same(sealed: Sealed) -> None:
    lines = [json.loads(line) for line in sealed.exported(format="ndjson").splitlines()]

    names = ("row", "field", "reason", "raw")
    assert [{name: one[name] for name in names} for one in lines] == [
        {name: one[name] for name in names} for one in ENTRIES
    ]
    assert {(one["mended"], one["do"]) for one in lines} == {(None, None)}


@pytest.mark.parametrize("format_", ["csv", "ndjson"])
def test_an_export_leaves_out_what_its_reader_may_not_see(sealed: Sealed, format_: str) -> None:
    text = sealed.exported(format=format_, hide=["born"])

    assert "born" not in text
    assert "High St" not in text
    assert "key-twice" not in text
    assert "later" in text


def test_a_format_that_is_none_is_refused_before_anything_is_written(sealed: Sealed) -> None:
    port = Port()

    with pytest.raises(ExportFormatUnknown):
        sealed.ask(export_quarantine, port, format="xlsx")

    assert port.files == {}


def test_a_long_quarantine_is_looked_at_in_bounded_memory() -> None:
    count = 200_000
    texts = ("x" * (50 + n % 7) for n in range(count))
    long = Sealed(entry(n + 1, "days", "not-integer", text) for n, text in enumerate(texts))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    groups = long.ask(count_quarantine)["groups"]
    last = long.ask(read_quarantine, field="days", offset=count - 1, limit=50)
    port = Port()
    written = long.ask(export_quarantine, port, format="csv")["rows"]

    assert groups == [{"field": "days", "reason": "not-integer", "count": count}]
    assert [row["row"] for row in last["rows"]] == [count]
    assert written == count
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 16 << 10, f"{grown} KiB more, of {count * 60 >> 10} KiB read"
