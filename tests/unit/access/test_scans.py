"""What was found in a file decides whether others get it: the whole truth table."""

from __future__ import annotations

import itertools

import pytest

from simplr_core.access.scans import (
    FileInfected,
    FileNotScanned,
    NotScannedReason,
    ScanFacts,
    ScanState,
    check_may_leave,
    check_shareable,
    worst_of,
)
from simplr_core.errors import Refused

ALL = (
    ScanFacts(),
    ScanFacts(ScanState.CLEAN),
    ScanFacts(ScanState.INFECTED, "Some.Signature"),
    *(ScanFacts(ScanState.NOT_SCANNED, reason.value) for reason in NotScannedReason),
)


def refusal(scan: ScanFacts, *, is_required: bool, is_own: bool | None = None) -> str:
    try:
        if is_own is None:
            check_shareable(scan, is_required=is_required)
        else:
            check_may_leave(scan, is_required=is_required, is_own=is_own)
    except Refused as error:
        return error.code
    return ""


@pytest.mark.parametrize("scan", ALL)
def test_with_a_scanner_only_what_is_clean_is_shared(scan: ScanFacts) -> None:
    expected = {ScanState.CLEAN: "", ScanState.INFECTED: "file-infected"}

    said = expected.get(scan.state, "file-not-scanned")
    assert refusal(scan, is_required=True) == said
    assert refusal(scan, is_required=True, is_own=False) == said


@pytest.mark.parametrize("scan", ALL)
def test_without_a_scanner_only_malware_is_held_back(scan: ScanFacts) -> None:
    said = "file-infected" if scan.state is ScanState.INFECTED else ""

    assert refusal(scan, is_required=False) == said
    assert refusal(scan, is_required=False, is_own=False) == said


@pytest.mark.parametrize("scan", ALL)
def test_what_is_ones_own_is_never_held_back(scan: ScanFacts) -> None:
    assert refusal(scan, is_required=True, is_own=True) == ""


@pytest.mark.parametrize("scan", ALL[:1] + ALL[3:])
def test_the_sentence_says_why_and_what_to_do(scan: ScanFacts) -> None:
    with pytest.raises(FileNotScanned) as refused:
        check_shareable(scan, is_required=True)

    words = {
        "": "Try again",
        "too-large": "`simplr scan`",
        "scanner-away": "`simplr doctor`",
        "damaged": "from a backup",
    }
    assert words[scan.found] in refused.value.message
    assert refused.value.details["reason"] == (scan.found or "waiting")


def test_malware_is_named() -> None:
    with pytest.raises(FileInfected) as refused:
        check_shareable(ALL[2], is_required=True)

    assert refused.value.details == {"signature": "Some.Signature"}


def test_what_is_made_of_several_is_as_bad_as_the_worst() -> None:
    ranks = {
        ScanState.CLEAN: 0,
        ScanState.WAITING: 1,
        ScanState.NOT_SCANNED: 2,
        ScanState.INFECTED: 3,
    }

    for scans in itertools.product(ALL, repeat=3):
        assert ranks[worst_of(*scans).state] == max(ranks[scan.state] for scan in scans)
