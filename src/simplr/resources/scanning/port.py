"""What a scanner is to Simplr: bytes in, a verdict out. Plain Python: doctor asks it, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from simplr_core.access.scans import NotScannedReason, ScanFacts, ScanState
from simplr_core.errors import Invalid, Unavailable


class ScannerAway(Unavailable):
    """The malware scanner does not answer as it should. Look at SIMPLR_SCANNER_URL and its log."""

    code = "scanner-away"


class ScannerUnknown(Invalid):
    """A scanner's address is clamd://host:3310 or clamd+unix:///path/to/socket."""

    code = "scanner-unknown"


CLEAN = ScanFacts(ScanState.CLEAN)
TOO_LARGE = ScanFacts(ScanState.NOT_SCANNED, NotScannedReason.TOO_LARGE.value)
DAMAGED = ScanFacts(ScanState.NOT_SCANNED, NotScannedReason.DAMAGED.value)
AWAY = ScanFacts(ScanState.NOT_SCANNED, NotScannedReason.SCANNER_AWAY.value)


@dataclass(frozen=True, kw_only=True)
class TimeLimits:
    """How long each thing may take before a scanner counts as away."""

    connect_seconds: float = 10.0
    send_seconds: float = 60.0
    """For each piece that is sent."""
    answer_seconds: float = 300.0
    """For the whole answer, from the last piece on: unpacking an archive takes a while."""


class Scanner(Protocol):
    """Something that says whether bytes hold malware."""

    def version(self) -> str:
        """What it is and how new its signatures are. Raises ScannerAway."""

    def scan(self, pieces: Iterable[bytes]) -> ScanFacts:
        """The verdict about the bytes of `pieces`, which are streamed, in bounded memory.

        Clean, infected with the signature's name, or too large. Raises ScannerAway for anything
        else that it does, and whatever `pieces` raises.
        """


def scanner_at(url: str, *, limits: TimeLimits | None = None) -> Scanner:
    """The scanner at an address of the settings. Nothing is connected yet. Raises ScannerUnknown."""
    from simplr.resources.scanning.clamd import Clamd, address_of

    return Clamd(address_of(url), limits=limits or TimeLimits())
