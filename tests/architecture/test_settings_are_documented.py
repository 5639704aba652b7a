"""Every variable that the code reads is described in the manual, and the manual invents none."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"\bSIMPLR_[A-Z]+(?:_[A-Z]+)*\b")
STEMS = {
    # Completed by `_URL` and `_OWNER_URL` where they are read.
    "SIMPLR_DATABASE",
    "SIMPLR_VAULT_DATABASE",
    "SIMPLR_AUDIT_DATABASE",
}


def in_the_code() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        found |= set(NAME.findall(path.read_text()))
    return found


def test_every_setting_is_documented() -> None:
    manual = set(NAME.findall((ROOT / "docs" / "reference" / "settings.md").read_text()))

    assert in_the_code() - STEMS - manual == set()


def test_no_setting_is_documented_that_nothing_reads() -> None:
    manual = set(NAME.findall((ROOT / "docs" / "reference" / "settings.md").read_text()))
    composed = {stem + ending for stem in STEMS for ending in ("_URL", "_OWNER_URL")}

    assert manual - in_the_code() - composed == set()
