"""A million rows are understood and kept within 1.5 GB, in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 1_000_000
MOST_MEGABYTES = 1_500

PROGRAM = """
import json, os, resource, sys, tempfile
import numpy as np, pyarrow as pa, pyarrow.csv as pc
from simplr_core.tidy.jobs import keep, understand
from simplr_core.tidy.plans import plan_keep
from simplr_core.tables.sealed import Key, SealedFile

rows = int(sys.argv[1])
key = Key.generate()
file = tempfile.TemporaryFile()
sealing = SealedFile(file, key=key, context=b"original")
for start in range(0, rows, 50_000):
    n = np.arange(start, min(rows, start + 50_000))
    day = (n % 20_000).astype("M8[D]")
    table = pa.table({
        "rec_id": [f"rec-{i}-org" for i in n],
        "zip": [f"{i % 100000:05}" for i in n],
        "born": pa.array(day).cast(pa.string()),
        "amount": n / 8.0,
        "visits": n % 97,
        "note": ["lorem ipsum dolor sit amet"] * len(n),
        "at": pa.array(n.astype("M8[s]")).cast(pa.string()),
        "ok": pa.array(n % 2 == 0).cast(pa.string()),
    })
    pc.write_csv(table, sealing, pc.WriteOptions(include_header=start == 0))
sealing.write(b"too,few\\n")
facts = sealing.finish()
file.flush()

class Sink:
    size = 0
    def write(self, content): self.size += len(content)
    def close(self): pass

class Port:
    def progress(self, done, total, step): pass
    def sink(self, channel): return Sink()
    def cancelled(self): return False

original = dict(key=key, context=b"original", header=facts.header, sealed_size=facts.sealed_size)
files = {"original": file.fileno()}
thing = lambda label: {"key": Key.generate(), "context": label.encode()}
said = understand({"original": original, "name": "a.csv", "report": thing("report")}, files, Port())
plan = plan_keep(said["understanding"], {})
kept = keep({"original": original, "plan": plan.to_json(),
             "parts": [thing("part") for _ in plan.groups],
             "quarantine": thing("quarantine"),
        "recipe": thing("recipe"),
             "profiles": [thing(name) for name in plan.schema.names]}, files, Port())
print(json.dumps({
    "counts": kept["counts"],
    "types": {f["name"]: f["type"] for f in said["understanding"]["fields"]},
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


@pytest.mark.million
def test_a_million_rows_fit_in_bounded_memory() -> None:
    source = Path(__file__).resolve().parents[3] / "src"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ROWS)],
        capture_output=True,
        text=True,
        timeout=300,
        env={"PYTHONPATH": str(source), "OPENBLAS_NUM_THREADS": "1"},
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["counts"] == {
        "in": ROWS + 1,
        "kept": ROWS,
        "quarantined_rows": 1,
        "quarantined_cells": 0,
    }
    assert found["types"] == {
        "rec_id": "text",
        "zip": "text",
        "born": "date",
        "amount": "decimal",
        "visits": "integer",
        "note": "category",
        "at": "datetime",
        "ok": "boolean",
    }
    assert found["megabytes"] < MOST_MEGABYTES
