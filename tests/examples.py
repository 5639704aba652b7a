"""How many examples a property is tried with: some in `make test`, many in `make prove`."""

from __future__ import annotations

import os

from hypothesis import settings

PROVING = os.environ.get("SIMPLR_PROVE") == "1"
"""Whether the full counts run."""

SHARE, TIMES = 0.2, 10.0
"""Of the number that stands at a property: in `make test`, and in `make prove ONLY=properties`."""


def examples(count: int) -> int:
    """How many of `count` examples this run tries."""
    return max(10, round(count * (TIMES if PROVING else SHARE)))


settings.register_profile("simplr", max_examples=examples(100))
settings.load_profile("simplr")
