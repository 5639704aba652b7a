"""Workbooks, databases and archives with bytes changed: the parent never dies, and gets a result or a clear reason."""

from __future__ import annotations

import pytest
from tests.unit.base.malforming import FEWEST, MANY_SECONDS, PACKAGES, SECONDS, tried


@pytest.mark.parametrize("family", PACKAGES)
def test_malformed_packages_are_read_or_refused(family: str) -> None:
    assert tried(PACKAGES[family], SECONDS) > 0


@pytest.mark.prove
@pytest.mark.parametrize("family", PACKAGES)
def test_malformed_packages_are_read_or_refused_for_five_minutes(family: str) -> None:
    assert tried(PACKAGES[family], MANY_SECONDS) > FEWEST
