"""Unusual access: what somebody does against what he usually does.

This package knows accesses, what was usual of each person's browser and of each token, and how
surprising the present day is, in parts that can be put into words. It refuses to know names, what a
resource holds, and what a clock says: times come in, in the local time of the institution.
"""

from __future__ import annotations

from simplr_core.anomaly.accesses import Access, Finding, Part, PartKind
from simplr_core.anomaly.baselines import Baseline
from simplr_core.anomaly.forest import Forest, grown
from simplr_core.anomaly.house import House
from simplr_core.anomaly.scoring import LIMIT
from simplr_core.anomaly.watching import AGAIN_AFTER, dismiss, watch

__all__ = [
    "AGAIN_AFTER",
    "LIMIT",
    "Access",
    "Baseline",
    "Finding",
    "Forest",
    "House",
    "Part",
    "PartKind",
    "dismiss",
    "grown",
    "watch",
]
