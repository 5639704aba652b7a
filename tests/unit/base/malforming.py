"""Files with bytes changed, cut and repeated, family by family, each read in a real child.

The parent never dies and always gets a result or a clear reason: what is understood is kept too,
with every row kept or put aside. A child that asks for more memory than its limit is ended by it.
"""

from __future__ import annotations

import io
import random
import time
import zipfile
from contextlib import suppress

from tests.unit.base.test_other_formats_in_a_child import MADE, PAPERS, take_words, work

from simplr.base import children
from simplr_core.errors import Invalid

TEXTS = {
    "delimited": ["csv", "utf-16", "several signs"],
    "fixed width": ["fixed width"],
    "records": ["json", "ndjson"],
    "pages": ["html"],
}
PACKAGES = {
    "workbooks": ["xlsx", "xlsb", "xls", "ods"],
    "columns": ["parquet"],
    "avro": ["avro"],
    "databases": ["sqlite"],
    "documents": ["pdf", "packed pdf", "docx"],
    "archives": ["zip", "gzip", "bzip2", "xz", "zstd", "tar", "tar.gz", "zip in zip"],
}
SECONDS, MANY_SECONDS = 1.0, 300.0
"""How long `make test` and `make prove` try each family."""
FEWEST = 100
LIMITS = children.Limits(cpu_seconds=20, wall_seconds=60)


def malformed(content: bytes, chance: random.Random) -> bytes:
    """The bytes changed here and there; of a package half the time those of a member."""
    if zipfile.is_zipfile(io.BytesIO(content)) and chance.random() < 0.5:
        return _repacked(content, chance)
    return _changed(content, chance)


def _repacked(content: bytes, chance: random.Random) -> bytes:
    """A package that is in order, so that its members are read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(packed, "w") as made:
        names = whole.namelist()
        wrong = chance.choice(names)
        for name in names:
            body = whole.read(name)
            made.writestr(name, _changed(body, chance) if name == wrong else body)
    return packed.getvalue()


def _changed(content: bytes, chance: random.Random) -> bytes:
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


def tried(kinds: list[str], seconds: float) -> int:
    chance = random.Random(f"{kinds} {seconds}")
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        with suppress(Invalid):  # anything else, a fault above all, is ours
            kind = chance.choice(kinds)
            read = take_words if kind in PAPERS else work
            read(malformed({**MADE, **PAPERS}[kind], chance), limits=LIMITS)
        count += 1
    return count
