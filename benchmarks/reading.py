"""Sealing a gigabyte, and asking a sealed table for little of it, over what reads and copies it plain.

Ours and theirs take turns in one process that has loaded both; processor time counts, that of
children and of all threads too, because others may use the machine.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 7
GIGABYTE = 1 << 30
TMPFS = Path("/dev/shm")  # noqa: S108 - memory: a disk would be measured instead of the sealing


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Processor seconds of this process and of the children that it waited for; by the clock."""
    began, clock = _used(), time.monotonic()
    work()
    return _used() - began, time.monotonic() - clock


def _used() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def in_turn(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> dict[str, Any]:
    """Medians of interleaved runs, after one of each that does not count."""
    ours()
    theirs()
    pairs = [(taken(ours), taken(theirs)) for _ in range(rounds)]
    own, other = (statistics.median(pair[at][0] for pair in pairs) for at in (0, 1))
    walls = [statistics.median(pair[at][1] for pair in pairs) for at in (0, 1)]
    return {
        "ours": own,
        "theirs": other,
        "detail": {
            "ours, s by the clock": round(walls[0], 3),
            "theirs, s by the clock": round(walls[1], 3),
            "ratio by the clock": round(walls[0] / walls[1], 2),
        },
    }


def seal_1gib() -> dict[str, Any]:
    """Seal a gigabyte with its BLAKE3, file to file in memory, over `cp --reflink=never`."""
    with tempfile.TemporaryDirectory(dir=TMPFS) as name:
        folder = Path(name)
        source = folder / "plain"
        with source.open("wb") as file:
            for _ in range(GIGABYTE >> 24):
                file.write(os.urandom(1 << 24))

        def theirs() -> None:
            (folder / "copy").unlink(missing_ok=True)
            command = ["cp", "--reflink=never", str(source), str(folder / "copy")]
            subprocess.run(command, check=True)

        return in_turn(lambda: _seal(source, folder / "sealed"), theirs, rounds=5)


def _seal(source: Path, target: Path) -> None:
    from simplr_core.crypto import Key, SealingWriter

    target.unlink(missing_ok=True)
    with source.open("rb", buffering=0) as file, target.open("wb", buffering=0) as sink:
        writer = SealingWriter(
            sink,
            key=Key.from_bytes(b"k" * 32),
            context=b"bench",
            expected_size=source.stat().st_size,
        )
        while chunk := file.read(256 * 1024):
            writer.write(chunk)
        writer.close()


def query_selective(folder: Path, keep: Callable[[Path], Any], arguments: Any) -> dict[str, Any]:
    """Two fields of the rows that pass a condition, by the delivery's reader, over DuckDB.

    DuckDB reads the same rows from plain Parquet of the same types and compression.
    """
    import duckdb
    import pyarrow as pa

    from simplr_core.privacy.jobs import deliver

    facts = keep(folder)
    plain = folder / "plain.parquet"
    _run(deliver, arguments(facts, {"fields": None}, "parquet"), folder / "whole")
    (folder / "whole" / "out-1").rename(plain)
    asked = {"fields": None, "where": "visits = 7 and kind = 'lamp'", "show": ["id", "amount"]}
    told: dict[str, int] = {}

    def ours() -> None:
        out = folder / "asked"
        _run(deliver, arguments(facts, asked, "arrow"), out)
        with pa.ipc.open_stream((out / "out-1").read_bytes()) as reader:
            told["ours"] = reader.read_all().num_rows

    connection = duckdb.connect()
    query = f"SELECT id, amount FROM '{plain}' WHERE visits = 7 AND kind = 'lamp'"  # noqa: S608

    def theirs() -> None:
        told["theirs"] = connection.execute(query).to_arrow_table().num_rows

    found = in_turn(ours, theirs, ROUNDS)
    if told["ours"] != told["theirs"] or not told["ours"]:
        raise SystemExit(f"not the same rows: {json.dumps(told)}")
    found["detail"]["rows found"] = told["ours"]
    return found


def _run(job: Any, given: tuple[Any, Any], out: Path) -> None:
    from works import Port

    out.mkdir(exist_ok=True)
    arguments, files = given
    job(arguments, files, Port(out))
