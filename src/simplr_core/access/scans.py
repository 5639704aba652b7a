"""What was found in a file decides whether others get it. One rule, for giving and for reading.

A file is one's own to whoever put it in and to the owners of its project; to all others it is
shared. Malware is shared with nobody. Where the installation has a scanner, nothing is shared that
was not scanned: neither a scanner that is away nor a file that it does not take counts as clean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from simplr_core.errors import Refused


class ScanState(StrEnum):
    """What is known of an original."""

    WAITING = ""
    """It was never scanned: it waits, or there is no scanner."""
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not-scanned"
    """The scanner was asked and has not said what is in it."""


class NotScannedReason(StrEnum):
    """Why a scanner that was asked has not said what is in a file."""

    TOO_LARGE = "too-large"
    SCANNER_AWAY = "scanner-away"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """What the last scan of an original said."""

    state: ScanState = ScanState.WAITING
    found: str = ""
    """The signature of what was found, or a `NotScannedReason`."""


class HeldBack(Refused):
    """What is in this file is not given to others."""

    code = "held-back"


class FileInfected(HeldBack):
    """Malware was found in this file, so it is not shared. Put a clean one as its next version, or delete it."""

    code = "file-infected"


class FileNotScanned(HeldBack):
    """This file was not scanned for malware yet, so it is not shared. Try again in a moment."""

    code = "file-not-scanned"


_NOT_SCANNED: Mapping[str, str] = {
    NotScannedReason.TOO_LARGE: (
        "This file is larger than the malware scanner takes, so it was not scanned and is not "
        "shared. Ask an administrator to raise the scanner's limit and to run `simplr scan`."
    ),
    NotScannedReason.SCANNER_AWAY: (
        "The malware scanner does not answer, so this file was not scanned and is not shared. It "
        "is tried again by itself; an administrator sees with `simplr doctor` what is wrong."
    ),
    NotScannedReason.DAMAGED: (
        "This file cannot be read any more, so it was not scanned and is not shared. An "
        "administrator restores it from a backup and runs `simplr scan`."
    ),
}


_WORST_FIRST = (ScanState.INFECTED, ScanState.NOT_SCANNED, ScanState.WAITING, ScanState.CLEAN)


def worst_of(*scans: ScanFacts) -> ScanFacts:
    """What holds of something that was made of several files: what is worst of any of them."""
    return min(scans, key=lambda scan: _WORST_FIRST.index(scan.state))


def check_shareable(scan: ScanFacts, *, is_required: bool) -> None:
    """Return quietly if somebody else may get the file.

    `is_required`: whether the installation has a scanner. Raises FileInfected or FileNotScanned.
    """
    if scan.state is ScanState.INFECTED:
        raise FileInfected(signature=scan.found)
    if is_required and scan.state is not ScanState.CLEAN:
        raise FileNotScanned(_NOT_SCANNED.get(scan.found, ""), reason=scan.found or "waiting")


def check_may_leave(scan: ScanFacts, *, is_required: bool, is_own: bool) -> None:
    """The same for one reader: his own file he gets whatever is in it. Raises as above."""
    if not is_own:
        check_shareable(scan, is_required=is_required)
