"""The same rows make the same bytes, in any process: what a download goes on by after a break."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pytest

from simplr_core.tables.formats import FORMATS, WRITER, write_stream
from simplr_core.tables.schema import Field, FieldType, Schema

SCHEMA = Schema(
    (
        Field("name"),
        Field("zone", type=FieldType.CATEGORY),
        Field("n", type=FieldType.INTEGER),
        Field("x", type=FieldType.DECIMAL),
        Field("ok", type=FieldType.BOOLEAN),
        Field("day", type=FieldType.DATE),
        Field("hour", type=FieldType.TIME),
        Field("at", type=FieldType.DATETIME),
        Field("sent", type=FieldType.DATETIME, format="%z"),
    )
)
ROWS = 70_000
"""More than one row group of Parquet."""
AT_ONCE = 9_000

DIGESTS = {
    "csv": "ae230ba2cd3d8eebaf731c7e38bc63c8",
    "tsv": "e845600d8d9a7fb2f74cbce1fe3d3c20",
    "linear-tsv": "0258b162b4ea01115cd988ea70d087c9",
    "ndjson": "245ea6a512b14f2a39b53379b92d07a4",
    "parquet": "a51988c58eaf382960fb7c3b235f6a65",
    "arrow": "8d921112206f12845ebfaa77876960bd",
}
"""What this writer makes of the rows below. Where one changes, `WRITER` must change with it: else
somebody whose download broke off before an upgrade would get a file of two halves after it."""


def batches() -> list[pa.RecordBatch]:
    noon = datetime(2024, 5, 31, 12, tzinfo=UTC)

    def row(n: int) -> dict[str, Any]:
        return {
            "name": None if n % 11 == 0 else f"Straße {n * 7919 % 10_007}, “{n % 3}”",
            "zone": ["North", "South", "East"][n * n % 3],
            "n": n * 2**40 if n % 5 else None,
            "x": n / 7,
            "ok": n % 3 == 0,
            "day": date(1950 + n % 80, 1 + n % 12, 1 + n % 28),
            "hour": time(n % 24, n % 60),
            "at": noon.replace(tzinfo=None) + timedelta(microseconds=n),
            "sent": noon + timedelta(seconds=n),
        }

    return [
        pa.RecordBatch.from_pylist(
            [row(n) for n in range(begin, min(ROWS, begin + AT_ONCE))], schema=SCHEMA.arrow()
        )
        for begin in range(0, ROWS, AT_ONCE)
    ]


def digests() -> dict[str, str]:
    made, found = batches(), {}
    for kind in FORMATS:
        sink = io.BytesIO()
        write_stream(made, SCHEMA, kind, sink)
        found[kind] = hashlib.sha256(sink.getvalue()).hexdigest()[:32]
    return found


@pytest.fixture(scope="module")
def here() -> dict[str, str]:
    return digests()


def test_a_second_time_makes_the_same_bytes(here: dict[str, str]) -> None:
    assert digests() == here


@pytest.mark.parametrize(("seed", "threads"), [("1", "1"), ("4242", "8")])
def test_another_process_makes_the_same_bytes(
    here: dict[str, str], seed: str, threads: str
) -> None:
    """Other hashes of texts, another number of threads."""
    done = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert done.stdout.split() == [f"{kind}={digest}" for kind, digest in here.items()]


def test_what_is_written_changes_with_the_name_of_the_writer_only(here: dict[str, str]) -> None:
    assert f"1/{pa.__version__}" == WRITER
    if pa.__version__ == "26.0.1":
        assert here == DIGESTS


if __name__ == "__main__":
    sys.stdout.write("\n".join(f"{kind}={digest}" for kind, digest in digests().items()))
