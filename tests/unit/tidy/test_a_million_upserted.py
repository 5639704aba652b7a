"""A million rows are written into a million by their key within 1.5 GB, in a process of their own."""

from __future__ import annotations

import pytest

from .renewing import measured

MOST_MEGABYTES = 1_500

PROGRAM = """
import io, json, os, resource, sys
import numpy as np, pyarrow as pa, pyarrow.csv as pc
from simplr_core.stats.comparing import Comparison
from tests.unit.tidy.renewing import first, renewed

rows = int(sys.argv[1])

def written(start, seed):
    out = io.BytesIO()
    n = np.random.default_rng(seed).permutation(np.arange(start, start + rows))
    table = pa.table({
        "rec_id": [f"rec-{i}-org" for i in n],
        "zip": [f"{i % 100000:05}" for i in n],
        "amount": n / 8.0 + seed,
        "visits": n % 97,
        "note": ["lorem ipsum dolor sit amet"] * len(n),
    })
    pc.write_csv(table, out)
    return out.getvalue().decode()

old = first(written(0, 1))
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
new = renewed(old, written(rows // 2, 2), mode="upsert", key=("rec_id",))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
names = new.schema.names
found = Comparison(old.version, new.version, shown=(names, names), key=("rec_id",), seed=b"s").run()
print(json.dumps({"changes": new.result["changes"], "counts": new.result["counts"],
                  "rows": found["rows"], "base": base, "megabytes": peak,
                  "with_compare": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}), flush=True)
os._exit(0)  # as a child ends: threads of pyarrow that still read ahead may abort another end
"""


@pytest.mark.parametrize(
    "rows",
    [pytest.param(1_000_000, marks=[pytest.mark.million, pytest.mark.prove])],
)
def test_as_many_rows_are_upserted_as_there_are_and_compared_within_their_memory(rows: int) -> None:
    said = measured(PROGRAM, rows)

    half = rows // 2
    assert said["changes"] == {"added": half, "replaced": half}
    assert said["counts"] == {
        "in": rows + half,
        "kept": rows + half,
        "quarantined_rows": 0,
        "quarantined_cells": 0,
    }
    told = said["rows"]
    assert (told["same"], told["changed"], told["added"], told["gone"]) == (half, half, half, 0)
    assert said["megabytes"] < MOST_MEGABYTES, said
    assert said["with_compare"] < MOST_MEGABYTES, said
