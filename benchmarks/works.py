"""One side of one benchmark row, in a process of its own; prints its seconds and peak memory."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROWS = 400_000
MEGABYTES = 200


class Port:
    """The way out of a job that runs in this process: bytes go to files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def progress(self, done: int, total: int | None, step: str) -> None:
        """Nobody watches."""

    def sink(self, channel: int) -> Any:
        return (self.folder / f"out-{channel}").open("wb")

    def cancelled(self) -> bool:
        return False


def csv_file(folder: Path) -> Path:
    """A made table of eight columns, the same bytes every time."""
    path = folder / "table.csv"
    if path.exists():
        return path
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as pc

    n = np.arange(ROWS)
    table = pa.table(
        {
            "id": [f"{i:07}" for i in n],
            "name": [f"Person {i % 5000}" for i in n],
            "born": pa.array((n % 20_000).astype("M8[D]")).cast(pa.string()),
            "amount": n / 8.0,
            "visits": n % 97,
            "kind": [("tree", "bin", "lamp", "road")[i % 4] for i in n],
            "at": pa.array(n.astype("M8[s]")).cast(pa.string()),
            "note": ["lorem ipsum dolor sit amet"] * ROWS,
        }
    )
    pc.write_csv(table, path)
    return path


def plain_file(folder: Path) -> Path:
    path = folder / "plain.bin"
    if not path.exists():
        path.write_bytes(os.urandom(1 << 20) * MEGABYTES)
    return path


def seal_file(which: str, folder: Path) -> None:
    source, target = plain_file(folder), folder / "sealed.bin"
    if which == "prepare":
        return
    if which == "theirs":
        shutil.copyfile(source, folder / "copy.bin")
        with (folder / "copy.bin").open("rb") as file:
            hashlib.file_digest(file, "sha256")
        return
    from simplr_core.crypto import Key, SealingWriter

    with source.open("rb") as file, target.open("wb") as sink:
        writer = SealingWriter(
            sink,
            key=Key.from_bytes(b"k" * 32),
            context=b"bench",
            expected_size=source.stat().st_size,
            sha256=True,
        )
        while chunk := file.read(256 * 1024):
            writer.write(chunk)
        writer.close()


def open_file(which: str, folder: Path) -> None:
    seal_file("ours", folder) if which == "prepare" else None
    if which == "theirs":
        shutil.copyfile(plain_file(folder), folder / "copy.bin")
        return
    from simplr_core.crypto import FileDescriptorSource, Key, UnsealingReader

    path = folder / "sealed.bin"
    with path.open("rb") as file, (folder / "opened.bin").open("wb") as sink:
        reader = UnsealingReader(
            FileDescriptorSource(file.fileno()),
            key=Key.from_bytes(b"k" * 32),
            context=b"bench",
            sealed_size=path.stat().st_size,
            header=None,
        )
        while chunk := reader.read(256 * 1024):
            sink.write(chunk)


def _sealed_csv(folder: Path, source: Path) -> tuple[dict[str, Any], Path]:
    from simplr_core.crypto import Key, SealingWriter

    target = folder / "original.sf1"
    key = Key.from_bytes(b"k" * 32)
    with target.open("wb") as sink:
        writer = SealingWriter(sink, key=key, context=b"o", expected_size=source.stat().st_size)
        with source.open("rb") as file:
            while chunk := file.read(1 << 20):
                writer.write(chunk)
        facts = writer.close()
    return {
        "key": b"k" * 32,
        "context": b"o",
        "header": facts.header,
        "sealed_size": facts.sealed_size,
    }, target


def _thing(label: str) -> dict[str, bytes]:
    return {"key": hashlib.sha256(label.encode()).digest(), "context": label.encode()}


def _keep(folder: Path, source: Path | None = None) -> tuple[Any, dict[str, Any]]:
    from simplr.base.without_pandas import do_without_pandas

    do_without_pandas()  # as every process of the server
    from simplr_core.tidy.jobs import keep, understand
    from simplr_core.tidy.plans import plan_keep

    original, path = _sealed_csv(folder, source or csv_file(folder))
    with path.open("rb") as file:
        files = {"original": file.fileno()}
        said = understand(
            {"original": original, "name": "table.csv", "report": _thing("report")},
            files,
            Port(folder),
        )
        plan = plan_keep(said["understanding"], {})
        kept = keep(
            {
                "original": original,
                "plan": plan.to_json(),
                "parts": [_thing(f"part{n}") for n, _ in enumerate(plan.groups)],
                "quarantine": _thing("quarantine"),
                "recipe": _thing("recipe"),
                "profiles": [_thing(name) for name in plan.schema.names],
            },
            files,
            Port(folder),
        )
    return plan, kept


def intake(which: str, folder: Path) -> None:
    if which == "prepare":
        csv_file(folder)
    elif which == "theirs":
        import pandas as pd

        frame = pd.read_csv(csv_file(folder), dtype={"id": str}, parse_dates=["born", "at"])
        frame.describe(include="all")
        frame.to_parquet(folder / "theirs.parquet", compression="zstd")
    else:
        _keep(folder)


def intake_1gb(which: str, folder: Path) -> None:
    """A gigabyte of complaints as a city has them, each row drawn from the real ones."""
    path = folder / "large.csv"
    if which == "prepare":
        municipal = Path(os.environ["SIMPLR_TEST_DATA"]) / "municipal"
        amplify = municipal / "amplify.py"
        source = municipal / "chicago_311_sanitation" / "311_sanitation_code_complaints.csv"
        size = os.environ.get("SIMPLR_BENCH_MEGABYTES", "1000")
        command = [sys.executable, str(amplify), str(source), str(path), size]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    elif which == "theirs":
        import duckdb

        target = folder / "theirs.parquet"
        duckdb.sql(
            f"COPY (FROM read_csv('{path}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
    else:
        _keep(folder, path)


def _kept(folder: Path) -> dict[str, Any]:
    """The table of this file, kept in sealed parts: what delivery has to know of it."""
    plan, kept = _keep(folder)
    return {
        "schema": plan.schema.to_json(),
        "groups": [list(group) for group in plan.groups],
        "objects": kept["objects"],
    }


def _delivery(
    facts: dict[str, Any], plan: dict[str, Any], kind: str, *, folder: Path
) -> tuple[dict[str, Any], dict[str, int]]:
    """Arguments and files of the job that delivers it."""
    files, parts = {}, []
    for number, group in enumerate(facts["groups"]):
        sealed = facts["objects"][str(number + 1)]
        files[f"part{number}"] = os.open(folder / f"out-{number + 1}", os.O_RDONLY)
        parts.append(
            {
                "fields": group,
                **_thing(f"part{number}"),
                "header": bytes.fromhex(sealed["header"]),
                "sealed_size": sealed["sealed_size"],
                "file": f"part{number}",
            }
        )
    return {"schema": facts["schema"], "parts": parts, "plan": plan, "format": kind}, files


def deliver_csv(which: str, folder: Path) -> None:
    if which == "prepare":
        intake("theirs", folder)
        (folder / "kept.json").write_text(json.dumps(_kept(folder)))
        return
    if which == "theirs":
        import pandas as pd

        frame = pd.read_parquet(
            folder / "theirs.parquet", columns=["born", "amount", "visits", "kind"]
        )
        frame = frame[frame["visits"] < 50]
        frame["born"] = frame["born"].dt.to_period("M").dt.start_time
        frame["amount"] = frame["amount"].clip(upper=1000)
        frame.to_csv(folder / "theirs.csv", index=False)
        return
    from simplr_core.privacy.jobs import deliver

    plan = {
        "fields": [
            {"name": "born", "mask": {"kind": "truncate-date", "to": "month"}},
            {"name": "amount", "mask": {"kind": "top-code", "at": 1000}},
            {"name": "visits", "mask": {"kind": "keep"}},
            {"name": "kind", "mask": {"kind": "keep"}},
        ],
        "condition": "visits < 50",
    }
    out = folder / "delivered"
    out.mkdir(exist_ok=True)
    facts = json.loads((folder / "kept.json").read_text())
    deliver(*_delivery(facts, plan, "csv", folder=folder), Port(out))


def seal_1gib(which: str, folder: Path) -> dict[str, Any]:
    import reading

    return reading.seal_1gib()


def query_selective(which: str, folder: Path) -> dict[str, Any]:
    import reading

    return reading.query_selective(folder, _kept, functools.partial(_delivery, folder=folder))


def permission_ms(which: str, folder: Path) -> dict[str, Any]:
    import permission

    return permission.measure()


def page_p95_ms(which: str, folder: Path) -> dict[str, Any]:
    import pages

    return pages.measured()


def stream_arrow(which: str, folder: Path) -> dict[str, Any]:
    import streaming

    return streaming.measure()


def r_read(which: str, folder: Path) -> dict[str, Any]:
    from r_read import r_read as measured

    return measured(folder)


WORKS_BY_THEMSELVES: dict[str, Callable[[str, Path], dict[str, Any]]] = {
    "page_p95_ms": page_p95_ms,
    "query_selective": query_selective,
    "r_read": r_read,
    "seal_1gib": seal_1gib,
    "stream_arrow": stream_arrow,
    "permission_ms": permission_ms,
}
WORKS: dict[str, Callable[[str, Path], None]] = {
    "seal_file": seal_file,
    "open_file": open_file,
    "intake": intake,
    "intake_1gb": intake_1gb,
    "deliver_csv": deliver_csv,
}


def main() -> None:
    work, which, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if work in WORKS_BY_THEMSELVES:
        print(json.dumps(WORKS_BY_THEMSELVES[work](which, folder)))
        return
    began = time.process_time()
    WORKS[work](which, folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {"seconds": time.process_time() - began, "peak_mb": round(used.ru_maxrss / 1024)}
        )
    )


if __name__ == "__main__":
    main()
