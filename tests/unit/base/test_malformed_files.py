"""Files with bytes changed, cut and repeated, family by family, each in a real child.

The parent never dies and always gets a result or a clear reason.
"""

from __future__ import annotations

import random
import tempfile
import time
from contextlib import suppress
from typing import Any

import pytest
from tests.unit.base.test_other_formats_in_a_child import MADE

from simplr.base import children
from simplr_core.errors import Invalid
from simplr_core.tables.sealed import Key, SealedFile

FAMILIES = {
    "workbooks": ["xlsx", "ods"],
    "records": ["json", "ndjson"],
    "avro": ["avro"],
    "databases": ["sqlite"],
    "pages": ["html"],
    "archives": ["zip", "gzip", "bzip2", "xz", "zstd", "tar", "tar.gz", "zip in zip"],
}
LIMITS = children.Limits(cpu_seconds=20, wall_seconds=60)


def malformed(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(max(1, len(made)))
        kind = chance.randrange(5)
        if kind == 0:
            made[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            made[at : at + chance.randint(1, 40)] = b""
        elif kind == 2:
            made[at:at] = made[at : at + chance.randint(1, 200)]
        elif kind == 3:
            made[at : at + 4] = chance.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])
        else:
            del made[max(20, chance.randrange(len(made) + 1)) :]
    return bytes(made)


def understand(content: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        original: dict[str, Any] = {"key": Key.generate(), "context": b"original"}
        sealing = SealedFile(file, **original)
        sealing.write(content)
        sealed = sealing.finish()
        file.flush()
        original |= {"header": sealed.header, "sealed_size": sealed.sealed_size}
        child = children.start(
            job="simplr_core.tidy.jobs:understand",
            arguments={
                "original": original,
                "name": "a",
                "report": {"key": Key.generate(), "context": b"report"},
            },
            files={"original": file.fileno()},
            limits=LIMITS,
        )
        with suppress(Invalid):  # anything else, a fault above all, is ours
            child.finish()


def tried(family: str, seconds: float) -> int:
    chance = random.Random(f"{family} {seconds}")
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        understand(malformed(MADE[chance.choice(FAMILIES[family])], chance))
        count += 1
    return count


@pytest.mark.parametrize("family", FAMILIES)
def test_malformed_files_are_read_or_refused(family: str) -> None:
    assert tried(family, 1.0) > 0


@pytest.mark.prove
@pytest.mark.parametrize("family", FAMILIES)
def test_malformed_files_are_read_or_refused_for_five_minutes(family: str) -> None:
    assert tried(family, 300.0) > 100
