"""R reads a million rows of fifteen fields of every type, over `fread` of the same rows in a file.

Both take turns in one process of R. Times are by the clock, since most of ours is spent in the
server meanwhile; processor seconds of R stand beside them. The file is TSV as the installation
writes it, in a folder on this machine.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROWS, ROUNDS = 1_000_000, 5
_LINES = """
    suppressMessages({{ library(simplr); library(data.table) }})
    con <- simplr_connect()
    ours <- function() simplr_read(con, "Bench of R")
    theirs <- function() fread("{file}", sep = "\\t")
    rows <- c(nrow(ours()), nrow(theirs()))
    for (round in seq_len({rounds})) {{
        a <- system.time(ours()); b <- system.time(theirs())
        cat(a[["elapsed"]], b[["elapsed"]], a[["user.self"]] + a[["sys.self"]],
            b[["user.self"]] + b[["sys.self"]], rows, "\\n")
    }}
"""


def r_read(folder: Path) -> dict[str, Any]:
    """Medians of interleaved runs, from an installation that is started for them."""
    simplr = [sys.executable, "-m", "simplr_client.command"]
    data = ["--data", str(folder / "data")]
    started = subprocess.run(
        [*simplr, "demo", "--port", "0", *data, "--json"], check=True, capture_output=True
    )
    try:
        return _measured(json.loads(started.stdout), folder)
    finally:
        subprocess.run([*simplr, "down", *data], check=True, capture_output=True)


def _measured(found: dict[str, Any], folder: Path) -> dict[str, Any]:
    import pyarrow.parquet as parquet
    from devdata.people import Record
    from tests.clients.every_type import every_type

    steward = Record.read(Path(found["people"]), url=found["url"]).session("steward", "bench")
    parquet.write_table(every_type(ROWS), folder / "bench.parquet")
    project = steward.session.create_project("Bench of R", slug="bench-of-r")
    made = steward.session.put(folder / "bench.parquet", project=project.id, title="Bench of R")
    steward.session.dataset(made.id).to_file(folder / "bench.tsv")

    library = folder / "library"
    library.mkdir()
    install = ["R", "CMD", "INSTALL", "-l", str(library), str(ROOT / "clients" / "r")]
    subprocess.run(install, check=True, capture_output=True)
    lines = _LINES.format(file=folder / "bench.tsv", rounds=ROUNDS)
    access = {"SIMPLR_URL": found["url"], "SIMPLR_TOKEN": steward.token, "R_LIBS": str(library)}
    said = subprocess.run(
        ["Rscript", "-e", lines],
        env={**os.environ, **access},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    runs = [[float(word) for word in line.split()] for line in said.splitlines()]
    if len(runs) != ROUNDS or any(run[4:] != [ROWS, ROWS] for run in runs):
        raise SystemExit(f"not the same rows: {said}")
    ours, theirs, own, other = (statistics.median(run[at] for run in runs) for at in range(4))
    return {
        "ours": ours,
        "theirs": theirs,
        "detail": {
            "ours, processor s of R": round(own, 2),
            "theirs, processor s of R": round(other, 2),
        },
    }


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        print(json.dumps(r_read(Path(place))))
