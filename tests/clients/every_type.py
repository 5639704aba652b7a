"""A table of fifteen columns in which every type occurs, with what is hard to carry over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

NOTES = np.array(
    ["tree", 'bin "x"', "lamp\tpost", "road\nside\r\n", "", "back\\slash\\n", "Übung", "日本",
     "=1+1", "NA", "'", " blank ", r"\N"],
    dtype=object,
)  # fmt: skip
DECIMALS = [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1e22, 2**53 + 2.0, 123456.789012]
BIG = [10**18 - 1, -(10**18) + 1, 2**31, -(2**31), 2**53 + 1]


def every_type(rows: int) -> pa.Table:
    """The same table each time; one value in twenty of most columns is missing."""
    draw = np.random.default_rng(15)

    def some(values: Any, kind: pa.DataType | None = None) -> pa.Array[Any]:
        return pa.array(values, kind, mask=draw.random(rows) < 0.05)

    start = np.datetime64("1990-01-01T00:00:00", "us")
    ratio = draw.normal(0, 1e6, rows)
    ratio[: len(DECIMALS)] = DECIMALS
    big = draw.integers(-(10**18), 10**18, rows)
    big[: len(BIG)] = BIG
    return pa.table(
        {
            "id": np.arange(rows),
            "count": some(draw.integers(-1000, 1000, rows)),
            "big": pa.array(big),
            "price": some(np.round(draw.random(rows) * 1e4, 6)),
            "ratio": pa.array(ratio),
            "open": some(draw.random(rows) < 0.5),
            "day": some(draw.integers(-200_000, 200_000, rows).astype("M8[D]")),
            "clock": some(draw.integers(0, 86_400_000_000, rows), pa.time64("us")),
            "at": some(start + draw.integers(0, 10**15, rows).astype("m8[us]")),
            "seen": some(
                (start + draw.integers(0, 10**9, rows) * np.timedelta64(1_000_000, "us")).astype(
                    "M8[us]"
                ),
                pa.timestamp("us", "UTC"),
            ),
            "code": [f"{n % 100_000:07}" for n in range(rows)],
            "name": some([f"Person {n % 5000}" for n in range(rows)]),
            "note": some(NOTES[draw.integers(0, len(NOTES), rows)]),
            "kind": pa.array(
                np.array(["a", "bb", "NA"], dtype=object)[draw.integers(0, 3, rows)]
            ).dictionary_encode(),
            "district": pa.array(
                np.array(["North", "South", "East"], dtype=object)[draw.integers(0, 3, rows)]
            ).dictionary_encode(),
        }
    )
