"""A million rows of other formats are understood and kept within 1.5 GB, in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MOST_MEGABYTES = 1_500

PROGRAM = """
import io, json, resource, sys, tempfile
from simplr_core.tidy.jobs import keep, understand
from simplr_core.tidy.plans import plan_keep
from simplr_core.tables.sealed import Key, SealedFile

kind, rows = sys.argv[1], int(sys.argv[2])
key = Key.generate()
file = tempfile.TemporaryFile()
sealing = SealedFile(file, key=key, context=b"original")
if kind == "ndjson":
    for n in range(rows):
        record = {"name": f"tree {n}", "zip": f"{n % 100000:05}", "height": n / 8, "n": n % 97,
                  "at": {"day": f"2020-01-{n % 28 + 1:02}", "ward": "North"}}
        sealing.write(json.dumps(record).encode() + b"\\n")
    sealing.write(b"{cut off\\n")
else:
    import xlsxwriter
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": False, "constant_memory": True}) as book:
        sheet = book.add_worksheet("Trees")
        sheet.write_row(0, 0, ["name", "zip", "height", "n", "day", "ward"])
        for n in range(rows):
            sheet.write_row(n + 1, 0, [f"tree {n}", f"{n % 100000:05}", n / 8, n % 97,
                                       f"2020-01-{n % 28 + 1:02}", "North"])
    sealing.write(made.getvalue())
    del made
facts = sealing.finish()
file.flush()

class Sink:
    def write(self, content): pass
    def close(self): pass

class Port:
    def progress(self, done, total, step): pass
    def sink(self, channel): return Sink()
    def cancelled(self): return False

original = dict(key=key, context=b"original", header=facts.header, sealed_size=facts.sealed_size)
files = {"original": file.fileno()}
thing = lambda label: {"key": Key.generate(), "context": label.encode()}
said = understand({"original": original, "name": "a", "report": thing("report")}, files, Port())
plan = plan_keep(said["understanding"], {})
kept = keep({"original": original, "plan": plan.to_json(),
             "parts": [thing("part") for _ in plan.groups],
             "quarantine": thing("quarantine"),
        "recipe": thing("recipe"),
             "profiles": [thing(name) for name in plan.schema.names]}, files, Port())
print(json.dumps({
    "counts": kept["counts"],
    "types": [f["type"] for f in said["understanding"]["fields"]],
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def run(kind: str, rows: int) -> dict[str, Any]:
    source = Path(__file__).resolve().parents[4] / "src"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, str(rows)],
        capture_output=True,
        text=True,
        timeout=900,
        env={"PYTHONPATH": str(source), "OPENBLAS_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_records_of_json_fit_in_bounded_memory() -> None:
    check("ndjson", 50_000, aside=1)


@pytest.mark.prove
@pytest.mark.parametrize(("kind", "aside"), [("ndjson", 1), ("xlsx", 0)])
def test_a_million_rows_fit_in_bounded_memory(kind: str, aside: int) -> None:
    check(kind, 1_000_000, aside=aside)


def check(kind: str, rows: int, *, aside: int) -> None:
    found = run(kind, rows)

    assert (found["counts"]["kept"], found["counts"]["quarantined_rows"]) == (rows, aside)
    assert found["types"] == ["text", "text", "decimal", "integer", "date", "category"]
    assert found["megabytes"] < MOST_MEGABYTES
