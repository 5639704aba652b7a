"""Which row of its file each kept row is: the numbers of all rows, less those put aside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


def records_of(kept: Numbers, aside: Numbers) -> Numbers:
    """The numbers, from 1, of rows that are the `kept`-th ones, from 0, of those not put aside.

    `aside`: the numbers of the rows that were put aside, in order.
    """
    kept_before = aside - np.arange(len(aside)) - 1
    return kept + 1 + np.searchsorted(kept_before, kept, "right")


def kept_of(numbers: Numbers, aside: Numbers) -> Numbers:
    """The other way: which of the kept rows the row of each number is."""
    return numbers - 1 - np.searchsorted(aside, numbers, "left")
