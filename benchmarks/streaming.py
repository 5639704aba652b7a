"""A masked release of a million rows from a running installation to the Python client, over HTTP.

Over a local read of the same rows from plain Parquet by pyarrow. By the clock: most of the work is
in processes that this one did not start. What the client itself takes is told beside it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from reading import taken

ROWS = 1_000_000
ROUNDS = 5


def measure() -> dict[str, Any]:
    """Seconds by the clock of both, in turns, medians; the rows are compared by number."""
    import simplr_client

    with tempfile.TemporaryDirectory(prefix="simplr-bench-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        data = str(Path(name) / "data")
        started = json.loads(_simplr("up", "--detach", "--data", data, "--port", "0"))
        try:
            with simplr_client.connect(started["url"], token=started["token"]) as session:
                return _of(session, Path(name))
        finally:
            _simplr("down", "--data", data)


def _simplr(*words: str) -> str:
    command = [str(Path(sys.executable).with_name("simplr")), *words, "--json"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


def _of(session: Any, folder: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    source = _table(folder / "people.csv")
    project = session.create_project("Bench", slug="bench")
    dataset = session.put(source, project=project.slug, title="People")
    release = dataset.create_release(
        "Masked",
        fields=[
            {"name": "born", "mask": {"kind": "truncate-date", "to": "month"}},
            {"name": "amount", "mask": {"kind": "top-code", "at": 100_000}},
            {"name": "visits", "mask": {"kind": "keep"}},
            {"name": "kind", "mask": {"kind": "keep"}},
        ],
    )
    plain = folder / "plain.parquet"
    pq.write_table(dataset.to_arrow(release=release.id), plain, compression="zstd")
    told = {}

    def ours() -> None:
        told["ours"] = dataset.to_arrow(release=release.id).num_rows

    def theirs() -> None:
        told["theirs"] = pq.read_table(plain).num_rows

    ours()
    theirs()
    pairs = [(taken(ours), taken(theirs)) for _ in range(ROUNDS)]
    if set(told.values()) != {ROWS}:
        raise SystemExit(f"not all rows came: {told}")

    def middle(which: int, what: int) -> float:
        return statistics.median(pair[which][what] for pair in pairs)

    return {
        "ours": middle(0, 1),
        "theirs": middle(1, 1),
        "detail": {
            "rows": ROWS,
            "processor of the client, s": round(middle(0, 0), 3),
            "processor of pyarrow, s": round(middle(1, 0), 3),
        },
    }


def _table(path: Path) -> Path:
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as pc

    n = np.arange(ROWS)
    table = pa.table(
        {
            "born": pa.array((n % 20_000).astype("M8[D]")).cast(pa.string()),
            "amount": n / 8.0,
            "visits": n % 97,
            "kind": [("tree", "bin", "lamp", "road")[i % 4] for i in n],
        }
    )
    pc.write_csv(table, path)
    return path
