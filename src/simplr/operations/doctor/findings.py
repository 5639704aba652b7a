"""One thing that a check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    FINE = "fine"
    NOTE = "note"
    """Worth knowing; nothing to do."""
    WARNING = "warning"
    """It works, and will not for ever, or not safely."""
    ERROR = "error"
    """It does not work."""


@dataclass(frozen=True)
class Finding:
    """What was found, what it means, and what mends it. Never a secret."""

    check: str
    severity: Severity
    what: str
    means: str = ""
    mend: str = ""

    def document(self) -> dict[str, str]:
        return {**asdict(self), "severity": self.severity.value}


def fine(check: str, what: str) -> Finding:
    return Finding(check, Severity.FINE, what)


def note(check: str, what: str, *, means: str = "") -> Finding:
    return Finding(check, Severity.NOTE, what, means)


def warning(check: str, what: str, *, means: str, mend: str) -> Finding:
    return Finding(check, Severity.WARNING, what, means, mend)


def error(check: str, what: str, *, means: str, mend: str) -> Finding:
    return Finding(check, Severity.ERROR, what, means, mend)
