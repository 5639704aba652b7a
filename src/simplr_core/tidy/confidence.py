"""How sure a decision about a file is."""

from __future__ import annotations

from enum import StrEnum


class Confidence(StrEnum):
    """How sure a decision is. `check` asks a person to look."""

    CERTAIN = "certain"
    LIKELY = "likely"
    CHECK = "check"
