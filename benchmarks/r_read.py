"""R reads a million rows of fifteen fields of every type, over `fread` of the same rows in a file.

Each time in a process of R of its own, as a script does it once: five million texts that an earlier
round made are otherwise looked through by R's collector in the next. Both take turns. Times are by
the clock, since the server works meanwhile; processor seconds of R stand beside them. The file is
TSV as the installation writes it, in a folder on this machine.
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
ROWS, FIELDS, ROUNDS = 1_000_000, 15, 5
_OURS = 'data <- simplr_read(simplr_connect(), "Bench of R")'
_THEIRS = 'data <- fread("{file}", sep = "\\t")'
_LINES = """
    suppressMessages({{ library(simplr); library(data.table) }})
    time <- system.time({{ {read} }})
    cat(time[["elapsed"]], time[["user.self"]] + time[["sys.self"]], nrow(data), ncol(data), "\\n")
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
    access = {"SIMPLR_URL": found["url"], "SIMPLR_TOKEN": steward.token, "R_LIBS": str(library)}
    reads = {"ours": _OURS, "theirs": _THEIRS.format(file=folder / "bench.tsv")}
    runs: dict[str, list[list[float]]] = {name: [] for name in reads}
    for _ in range(ROUNDS):
        for name, read in reads.items():
            runs[name].append(_one(read, access))
    ours, own = (statistics.median(run[at] for run in runs["ours"]) for at in (0, 1))
    theirs, other = (statistics.median(run[at] for run in runs["theirs"]) for at in (0, 1))
    return {
        "ours": ours,
        "theirs": theirs,
        "detail": {
            "ours, processor s of R": round(own, 2),
            "theirs, processor s of R": round(other, 2),
        },
    }


def _one(read: str, access: dict[str, str]) -> list[float]:
    """Seconds by the clock and of the processor, of one reading in a new process of R."""
    said = subprocess.run(
        ["Rscript", "-e", _LINES.format(read=read)],
        env={**os.environ, **access},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    *times, rows, fields = (float(word) for word in said.split())
    if (rows, fields) != (ROWS, FIELDS):
        raise SystemExit(f"not the same table: {said}")
    return times


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    with tempfile.TemporaryDirectory(dir="/dev/shm") as place:
        print(json.dumps(r_read(Path(place))))
