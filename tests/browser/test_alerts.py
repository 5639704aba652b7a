"""Somebody asks for many things that are not there; the administrator is told, looks and says what it was."""

from __future__ import annotations

import time
from uuid import uuid4

from tests.browser.people import COLLEAGUE, Institute
from tests.browser.starting import ADMINISTRATOR
from tests.browser.visits import NewWindow

ASKED = 160
"""Eight times what somebody new may ask for in vain without being noticed."""
MOST_SECONDS = 60


def test_an_administrator_looks_at_an_alert_and_says_that_it_was_none(
    windows: NewWindow, institute: Institute
) -> None:
    with institute.as_(COLLEAGUE) as client:
        for _ in range(ASKED):
            assert client.get(f"/datasets/{uuid4()}").status_code == 404
    window = windows("phone", ADMINISTRATOR)
    until = time.monotonic() + MOST_SECONDS
    window.go("/alerts?state=open")
    while COLLEAGUE not in window.words() and time.monotonic() < until:
        time.sleep(1)
        window.page.reload()
    assert "that are not there or not allowed" in window.words()
    window.look("alerts", manual=True)

    window.leave(window.page.get_by_role("link", name=COLLEAGUE))
    assert window.title() == f"Unusual access by {COLLEAGUE}"
    assert "Nothing was stopped" in window.words()
    window.look("alert", manual=True)

    window.leave(window.button("False alarm"))
    assert "As much counts as usual from now on." in window.words()
    assert "Decided by" in window.words()
    window.go("/notices")
    assert f"Unusual access by {COLLEAGUE}" in window.words()
